/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of tags: against seqeval and scikit-learn (reference/tagging.json, made by
 * reference/make_tagging.py); predictions files against gold, and what is wrong with them. */
#include "files.h"
#include "scores_by_name.h"
#include "str.h"
#include "task.h"
#include "run_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char root[] = "/tmp/ablate-tag-XXXXXX";
static char tag[] = "tag", conll[] = "conll", conllu[] = "conllu", entity_f1[] = "entity_f1";
static json_t *reference;

static char *put(const char *name, const char *text)
{
	char *path = abl_path_join(root, name);
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
	return path;
}

static json_t *mark(struct abl_task_spec *gold, const char *predictions, struct abl_err *err)
{
	struct abl_mark_request r = {.spec = gold, .predictions = predictions};
	json_t *scores = json_object();

	if (!abl_task_tag.mark(&r, take_score, scores, err))
		return scores;
	json_decref(scores);
	return NULL;
}

/* ---- against the reference ---- */

static char *put_case(const json_t *c, const char *which)
{
	const json_t *words = json_object_get(c, "words"), *tags = json_object_get(c, which);
	struct abl_str text = {0};
	char *path;

	for (size_t s = 0; s < json_array_size(tags); s++) {
		const json_t *sentence = json_array_get(tags, s);

		for (size_t w = 0; w < json_array_size(sentence); w++)
			abl_str_printf(
				&text, "%s\t%s\n",
				json_string_value(json_array_get(json_array_get(words, s), w)),
				json_string_value(json_array_get(sentence, w)));
		abl_str_puts(&text, "\n");
	}
	path = put(which, text.text);
	abl_str_finish(&text);
	return path;
}

/* To the last digit. */
START_TEST(test_tag_score__scores_are_seqevals)
{
	static const char *const names[] = {"accuracy",         "majority",  "precision",
					    "recall",           "entity_f1", "entity_f1_macro",
					    "entity_f1_strict", "surface_f1"};
	json_t *cases = json_object_get(reference, "cases"), *c;
	size_t i, compared = 0;

	json_array_foreach(cases, i, c)
	{
		const char *name = json_string_value(json_object_get(c, "name"));
		char *predictions = put_case(c, "predicted");
		struct abl_task_spec spec = {.name = tag,
					     .test = put_case(c, "gold"),
					     .format = conll,
					     .metric = entity_f1};
		struct abl_err err = {0};
		json_t *scores = mark(&spec, predictions, &err);

		ck_assert_msg(scores != NULL, "%s: %s", name, err.text);
		for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
			const json_t *wanted = json_object_get(c, names[n]);
			double value = score_of(scores, names[n]);

			ck_assert_msg(!wanted || value == json_number_value(wanted),
				      "%s: %s is %.17g, not %.17g", name, names[n], value,
				      json_number_value(wanted));
			compared += wanted != NULL;
		}
		json_decref(scores);
		free(predictions), free(spec.test);
	}
	ck_assert_uint_ge(compared, 250);
}
END_TEST

/* ---- a predictions file against gold ---- */

#define U(id, word, upos) id "\t" word "\t_\t" upos "\t_\t_\t_\t_\t_\t_\n"
#define GOLD "Ann\tB-per\nran\tO\n\nHome\tO\n"

static const struct {
	char *format;
	const char *gold, *predictions, *error; /* NULL: accuracy 2/3 */
} marks[] = {
	{conll, GOLD, "Ann\tB-per\nran\tB-per\n\nHome\tO\n", NULL},
	{conll, GOLD, "Ann B-per O\nran O O\n\nHome x O", NULL},
	{conllu, U("1", "Ann", "X") U("2", "ran", "V") "\n" U("1", "Home", "N"),
	 "Ann\tX\nran\tV\n\nHome\tV\n\n", NULL},
	{conll, GOLD, "Ann\tB-per\nruns\tO\n\nHome\tO\n",
	 ":2: the word is 'runs', in gold it is 'ran' ("},
	{conll, GOLD, "Ann\tB-per\nran\tO\n\n",
	 "2 words, gold has 3: the first one too few is "
	 "'Home' ("},
	{conll, GOLD, GOLD "\nnow\tO\n", "4 words, gold has 3: the first one too many is 'now' ("},
	{conll, GOLD, "Ann\tB-per\nran\tO\nHome\tO\n",
	 ":3: no sentence begins with 'Home', in gold ("},
	{conll, GOLD, "Ann\tB-per\n\nran\tO\n\nHome\tO\n",
	 ":3: a sentence begins with 'ran', in gold ("},
	{conll, "Ann\tB-per\nran\tO\n", "Ann\tB-per\n\nran\tO\n",
	 ":3: a sentence begins with 'ran', in gold ("},
	{conll, GOLD, "Ann\tB-per\nran\n\nHome\tO\n", ":2: the word 'ran' has no tag"},
	{conll, GOLD, "Ann\tB-per\nran\t\n\nHome\tO\n", ":2: the word 'ran' has no tag"},
	{conll, "Ann\nran\n", "Ann\tB-per\nran\tO\n", ":1: the word 'Ann' has no tag"},
	{conll, GOLD, "", ": the file is empty"},
};

START_TEST(test_tag_score__mark)
{
	char *gold = put("gold", marks[_i].gold), *predictions = put("pred", marks[_i].predictions);
	struct abl_task_spec spec = {.name = tag, .test = gold, .format = marks[_i].format};
	struct abl_err err = {0};
	json_t *scores = mark(&spec, predictions, &err);

	if (marks[_i].error) {
		ck_assert(!scores);
		ck_assert_int_eq(err.code, ABL_EINPUT);
		ck_assert_msg(strstr(err.text, marks[_i].error), "%s", err.text);
	} else {
		ck_assert_msg(scores != NULL, "%s", err.text);
		ck_assert(score_of(scores, "accuracy") == 2. / 3);
		ck_assert(score_of(scores, "words") == 3 && score_of(scores, "examples") == 2);
		json_decref(scores);
	}
	free(gold), free(predictions);
}
END_TEST

/* Gold without an entity, and one that is predicted: 0, as seqeval has it. */
START_TEST(test_tag_score__mark_of_gold_without_entities)
{
	char *gold = put("gold", "Ann\tO\nran\tO\n"), *said = put("pred", "Ann\tB-per\nran\tO\n");
	struct abl_task_spec spec = {.name = tag, .test = gold, .format = conll};
	struct abl_err err = {0};
	json_t *scores = mark(&spec, said, &err);

	ck_assert_msg(scores != NULL, "%s", err.text);
	ck_assert(score_of(scores, "entity_f1") == 0 && score_of(scores, "precision") == 0);
	json_decref(scores);
	free(gold), free(said);
}
END_TEST

START_TEST(test_tag_score__mark_of_conllu_by_name)
{
	char *gold =
		put("gold.conllu", U("1-2", "Annran", "_") U("1", "Ann", "X") U("2", "ran", "V"));
	struct abl_task_spec spec = {.name = tag, .test = gold, .format = conllu};
	struct abl_err err = {0};
	json_t *scores = mark(&spec, gold, &err);

	ck_assert_msg(scores != NULL, "%s", err.text);
	ck_assert(score_of(scores, "accuracy") == 1);
	ck_assert(!json_object_get(scores, "entity_f1")); /* there are none */
	json_decref(scores);
	free(gold);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

int main(void)
{
	TCase *c = tcase_create("tag_score");
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/tagging.json");
	struct abl_err err = {0};
	int failed;

	reference = json_load_file(path, 0, NULL);
	if (!reference || !mkdtemp(root)) {
		fprintf(stderr, "cannot read %s, or make %s\n", path, root);
		return 1;
	}
	tcase_set_timeout(c, 120);
	tcase_add_test(c, test_tag_score__scores_are_seqevals);
	tcase_add_loop_test(c, test_tag_score__mark, 0, COUNT(marks));
	tcase_add_test(c, test_tag_score__mark_of_conllu_by_name);
	tcase_add_test(c, test_tag_score__mark_of_gold_without_entities);
	failed = run_case(c, "tag_score");
	json_decref(reference);
	free(path);
	return abl_remove_tree(root, &err) || failed;
}
