/* SPDX-License-Identifier: Apache-2.0 */
/* Every part of a Hugging Face folder that may be absent, absent in turn, for each row of
 * task_types.def and with and without `labels` in the task: what was asked is answered, or refused
 * with its reason. */
#include "files.h"
#include "predict.h"
#include "run_case.h"
#include "str.h"
#include "events.h"
#include "task_types.h"
#include "test_compute.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(rows) (sizeof rows / sizeof *rows)

static char root[] = "/tmp/ablate-optional-XXXXXX";
static char *given; /* tests/reference/hf */
static struct abl_err err;

/* How each type is asked: a small file in its first format, texts, and labels that a spec may have.
 */
static const struct sample {
	const char *type, *folder, *file, *labels;
	const char *const texts[4];
	size_t text_count;
} samples[] = {
#define TABLE "text\tleft\tright\tlabel\na boat\tx\ty\t0\nwho sang\tx\ty\tB\n"
	{"classify", "classify", TABLE, "red|green|blue", {"a boat"}, 1},
	{"regress", "regress", TABLE, "0|5", {"a boat", "sang"}, 2},
	{"choice", "choice", TABLE, "A|B", {"a boat", "sang", "light"}, 3},
	{"tag", "tag", "a\tO\nboat\tB-Z\n\n", "red|green|blue|grey", {"a boat"}, 1},
	{"story",
	 "classify",
	 "1 a boat sang.\n2 who sang?\tboat\t1\n",
	 "red|green|blue",
	 {"who sang?", "a boat sang."},
	 2},
	{"span",
	 "span",
	 "{\"data\": [{\"paragraphs\": [{\"context\": \"a boat\", \"qas\": [{\"id\": "
	 "\"1\", \"question\": \"who?\"}]}]}]}",
	 "a|b",
	 {"who?", "a boat"},
	 2},
#undef TABLE
};

static const struct sample *sample_of(const char *type)
{
	for (size_t i = 0; i < COUNT(samples); i++)
		if (!strcmp(samples[i].type, type))
			return &samples[i];
	ck_abort_msg("%s: give this test a sample of it", type);
	return NULL;
}

/* What may be absent, joined by '|': keys of config.json, files. */
#define NAMES "id2label"
#define LABELS "label2id|problem_type|classifier_dropout"
#define NUMBERS                                                 \
	"layer_norm_eps|initializer_range|hidden_dropout_prob|" \
	"attention_probs_dropout_prob|pad_token_id|bos_token_id|eos_token_id"
#define KINDS                                                             \
	"position_embedding_type|type_vocab_size|is_decoder|"             \
	"add_cross_attention|tie_word_embeddings|pruned_heads|use_cache|" \
	"dtype|transformers_version"
#define FILES "tokenizer_config.json|special_tokens_map.json|added_tokens.json"
static const char *const parts[] = {
	"nothing",
	NAMES,
	LABELS,
	NUMBERS,
	KINDS,
	FILES,
	NAMES "|" LABELS "|" NUMBERS "|" KINDS "|" FILES,
};

/* Without names for its classes a folder says how many there are. */
static void leave_keys(json_t *config, const char *part)
{
	const size_t outputs = json_object_size(json_object_get(config, "id2label"));
	const char *key;
	json_t *value;
	void *next;

	if (outputs && abl_is_one_of(part, "id2label"))
		json_object_set_new(config, "num_labels", json_integer((json_int_t)outputs));
	json_object_foreach_safe(config, next, key, value) if (abl_is_one_of(part, key))
		json_object_del(config, key);
}

/* Its other files are links to those that are given. */
static char *folder_without(const char *name, const char *part)
{
	static const char *const files[] = {"model.safetensors",       "vocab.txt",
					    "tokenizer.json",          "tokenizer_config.json",
					    "special_tokens_map.json", "added_tokens.json"};
	char *from = abl_path_join(given, name), *to = abl_path_join(root, "without"),
	     *path = abl_path_join(from, "config.json");
	json_t *o = json_load_file(path, 0, NULL);

	ck_assert(o && !abl_remove_tree(to, &err) && !abl_mkdir_all(to, &err));
	for (size_t i = 0; i < COUNT(files); i++) {
		char *source = abl_path_join(from, files[i]), *copy = abl_path_join(to, files[i]);

		if (abl_file_exists(source) && !abl_is_one_of(part, files[i]))
			ck_assert_int_eq(symlink(source, copy), 0);
		free(source), free(copy);
	}
	leave_keys(o, part);
	free(path);
	path = abl_path_join(to, "config.json");
	ck_assert_int_eq(json_dump_file(o, path, 0), 0);
	json_decref(o);
	free(path), free(from);
	return to;
}

static struct abl_task_spec spec_of(const struct abl_task_facts *facts, const struct sample *s,
				    bool labels)
{
	struct abl_task_spec spec = {.name = abl_strdup("mine"), .type = abl_strdup(facts->name)};
	char *path = abl_path_join(root, "file");

	ck_assert_int_eq(abl_file_write(path, s->file, strlen(s->file), &err), 0);
	spec.test = path;
	spec.text = facts->text ? abl_strdup("text") : NULL;
	spec.label = facts->label ? abl_strdup("label") : NULL;
	spec.choices = facts->choices ? abl_strdup("left|right") : NULL;
	spec.labels = labels ? abl_strdup(s->labels) : NULL;
	ck_assert_msg(!abl_task_spec_check_test(&spec, false, &err), "%s", err.text);
	return spec;
}

static void check_answered(const char *what, const char *part, bool refused, int rc)
{
	ck_assert_msg(rc == (refused ? ABL_EINPUT : 0), "%s without %s: %s", what, part, err.text);
	ck_assert_msg(!refused || (*err.text && !strchr(err.text, '\n')), "%s without %s: '%s'",
		      what, part, err.text);
	err = (struct abl_err){0};
}

static void ask(const struct abl_task_facts *facts, const char *part, bool labels)
{
	static const struct abl_events silent = {0};
	const struct sample *s = sample_of(facts->name);
	/* these names are not the folder's, and nobody says what is what */
	bool refused = labels && facts->labels == ABL_LABELS_CLASSES;
	struct abl_task_spec spec = spec_of(facts, s, labels);
	char *folder = folder_without(s->folder, part), *out = abl_path_join(root, "out");
	struct abl_str answer = {0};
	struct abl_compute *compute = compute_of("fp32", 1);
	struct abl_predictor *p;
	size_t answers;

	ck_assert_msg(!abl_predictor_open(&p, compute, folder, NULL, &err), "%s without %s: %s",
		      facts->name, part, err.text);
	check_answered(facts->name, part, refused,
		       abl_predict_file(p, &spec, out, &silent, &answers, &err));
	check_answered(facts->name, part, refused,
		       abl_predict_texts(p, &spec, s->texts, s->text_count, &answer, &err));
	ck_assert(refused || (answers > 0 && answer.length > 0));
	abl_str_clear(&answer);
	if (strcmp(facts->name, "story") != 0) /* which such a folder is not told to be */
		check_answered(facts->name, part, false,
			       abl_predict_texts(p, NULL, s->texts, s->text_count, &answer, &err));
	abl_predictor_close(p);
	abl_compute_destroy(compute);
	abl_str_finish(&answer);
	abl_task_spec_finish(&spec);
	free(folder), free(out);
}

START_TEST(test_optional__each_part_absent)
{
	const struct abl_task_facts *facts;

	for (size_t i = 0; (facts = abl_task_facts_at(i)); i++)
		for (int labels = 0; !facts->pretraining && labels < 2; labels++)
			ask(facts, parts[_i], labels);
}
END_TEST

int main(void)
{
	const char *source = getenv("ABLATE_SOURCE");
	TCase *c = tcase_create("optional_parts");
	int failed;

	given = abl_path_join(source ? source : ".", "tests/reference/hf");
	if (!mkdtemp(root))
		return 1;
	tcase_add_loop_test(c, test_optional__each_part_absent, 0, COUNT(parts));
	failed = run_case(c, "optional_parts");
	free(given);
	if (abl_remove_tree(root, &err))
		return 1;
	return failed;
}
