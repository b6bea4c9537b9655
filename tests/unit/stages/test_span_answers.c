/* SPDX-License-Identifier: Apache-2.0 */
/* test_span_answers.c - span answers from file to file: a model that learns, what is submitted, an
 * answer to who asks, and the real files. */
#include "shared_data.h"
#include "span_fixture.h"
#include "stage.h"

#include <math.h>

/* ---- the stages ---- */

static struct abl_config config;

/* "bo came to the mill." Who came, where? Paragraph i is on person i mod 4 and place i / 4 mod 4;
 * with `none` every other paragraph is asked for the one it does not tell. */
static void write_questions(size_t n, bool none)
{
	static const char *const people[] = {"anna", "bo", "carl", "dora"}, *const places[] = {
										    "harbour",
										    "mill",
										    "bridge",
										    "tower"};
	struct abl_str text = {0};

	abl_str_puts(&text, "{\"version\": \"x\", \"data\": [{\"title\": \"t\", \"paragraphs\": [");
	for (size_t i = 0; i < n; i++) {
		const char *person = people[i % 4], *place = places[i / 4 % 4];
		bool where = i / 16 % 2, cut = none && i / 32 % 2;
		bool impossible = cut && where;

		abl_str_printf(&text,
			       "%s{\"context\": \"%s came%s%s%s. %zu\", \"qas\": [{\"id\": "
			       "\"%zu\", \"question\": \"%s came?\", \"answers\": [",
			       i ? ", " : "", person, cut ? "" : " to the ", cut ? "" : place,
			       cut ? " a b" : "", i, i, where ? "where" : "who");
		if (!impossible)
			abl_str_printf(&text, "{\"text\": \"%s\", \"answer_start\": %zu}",
				       where ? place : person,
				       where ? strlen(person) + strlen(" came to the ") : 0);
		abl_str_printf(&text, "]%s}]}", impossible ? ", \"is_impossible\": true" : "");
	}
	abl_str_puts(&text, "]}]}");
	write_text(train_path, text.text);
	abl_str_finish(&text);
}

static void run_stage(enum abl_stage_kind kind, const struct abl_task_spec *spec,
		      const char *parent, const char *output, bool hold_back, json_t *results)
{
	struct abl_events e = {.data = results, .result = take};
	struct abl_stage_request r = {.kind = kind,
				      .config = &config,
				      .seed = 1,
				      .output = output,
				      .vocab = vocab_path,
				      .parent = parent,
				      .task = spec,
				      .split = "dev",
				      .hold_back = hold_back,
				      .threads = 1};
	struct abl_err err = {0};

	ck_assert_msg(!abl_mkdir_all(output, &err) && !abl_stage_run(&r, &e, &err), "%s", err.text);
}

static double number(const json_t *results, const char *name)
{
	ck_assert_msg(json_object_get(results, name) != NULL, "no %s", name);
	return json_number_value(json_object_get(results, name));
}

/* From a file to a model that answers. */
START_TEST(test_stage__learns_to_answer)
{
	bool none = _i == 1;
	char name[] = "t", type[] = "span", format[] = "squad", yes[] = "yes";
	struct abl_task_spec spec = {.name = name,
				     .type = type,
				     .format = format,
				     .train = train_path,
				     .dev = train_path,
				     .no_answer = none ? yes : NULL};
	char *model = abl_path_join(folder, none ? "model2" : "model1"),
	     *out = abl_path_join(folder, none ? "out2" : "out1");
	json_t *results = json_object();
	struct abl_err err = {0};

	write_questions(none ? 192 : 96, none);
	abl_config_init(&config);
	config.layers = 2;
	config.hidden = 32;
	config.max_length = 24;
	config.finetune.steps = 400;
	config.finetune.learning_rate = 3e-3;
	ck_assert_int_eq(abl_config_resolve(&config, NULL, &err), 0);
	run_stage(ABL_STAGE_FINETUNE, &spec, NULL, model, none, results);
	run_stage(ABL_STAGE_EVALUATE, &spec, model, out, none, results);
	ck_assert_msg(number(results, "f1") > .8, "f1 %f", number(results, "f1"));
	ck_assert(number(results, "examples") == (none ? 192 : 96));
	ck_assert(number(results, "majority") == (none ? .25 : 0));
	ck_assert(!none || json_object_get(results, "threshold"));
	json_decref(results);
	free(model), free(out);
}
END_TEST

/* ---- files and answers ---- */

/* Any logits, the same in each run. */
static void collect_something(struct abl_task *t)
{
	struct abl_err err = {0};
	struct abl_batch b;

	ck_assert(!abl_batch_init(&b, layout.max_length, 1, &err));
	for (size_t i = 0; i < abl_task_span.count(t); i++) {
		real *scores;

		abl_batch_clear(&b);
		abl_task_span.put(t, i, &layout, &b);
		scores = abl_calloc(2 * b.targets, sizeof *scores);
		for (size_t k = 0; k < 2 * b.targets; k++)
			scores[k] = (real)((i * 31 + k * 17) % 23) / 4;
		abl_task_span.collect(t, i, 1, &b, scores);
		free(scores);
	}
	abl_batch_finish(&b);
}

/* What is submitted is scored by `mark` as by `score`, and each prediction is one line of the
 * table. */
START_TEST(test_report__submission_has_the_same_score)
{
	bool none = _i == 1;
	char name[] = "t", type[] = "span", yes[] = "yes";
	struct abl_task_spec spec = {.name = name,
				     .type = type,
				     .dev = train_path,
				     .test = train_path,
				     .no_answer = none ? yes : NULL};
	char *said = abl_path_join(folder, "said.json"),
	     *odds = abl_path_join(folder, "said.json.na-prob.json");
	struct abl_mark_request r = {&spec, said, none ? odds : NULL};
	json_t *scored = json_object(), *marked = json_object(), *value;
	struct abl_str table = {0};
	struct abl_err err = {0};
	struct abl_task *t;
	const char *key;
	size_t lines = 0;

	write_questions(96, none);
	layout = bert_layout(24);
	t = load_from(&spec, "dev", tokenizer);
	collect_something(t);
	t->threshold = .5;
	abl_task_span.score(t, take, scored);
	ck_assert_msg(!abl_task_span.submit(t, said, &err), "%s", err.text);
	ck_assert_int_eq(abl_file_exists(odds), none);
	ck_assert_msg(!abl_task_span.mark(&r, take, marked, &err), "%s", err.text);
	ck_assert_uint_ge(json_object_size(marked), none ? 13 : 2);
	json_object_foreach(marked, key, value)
	{
		bool share = !strstr(key, "total") && !strstr(key, "thresh");
		double wanted = json_number_value(value) / (share ? 100 : 1);

		ck_assert_msg(fabs(number(scored, key) - wanted) < 1e-12, "%s", key);
	}
	ck_assert(number(scored, "f1") > 0 && number(scored, "f1") < 1);
	ck_assert_msg(!abl_task_span.write(t, said, &err), "%s", err.text);
	ck_assert(!abl_file_read(said, &table, 1 << 20, &err));
	for (const char *at = table.text; (at = strchr(at, '\n')); at++)
		lines++;
	ck_assert_uint_eq(lines, 1 + 96);
	abl_str_finish(&table);
	json_decref(scored), json_decref(marked);
	abl_task_span.destroy(t);
	free(said), free(odds);
}
END_TEST

START_TEST(test_report__an_answer_has_its_place)
{
	static const char *const texts[] = {"who came?", "\u00C9h! Anna came."};
	char name[] = "t", type[] = "span", yes[] = "yes";
	struct abl_task_spec spec = {.name = name, .type = type};
	struct abl_task_tools tools = {tokenizer, &layout};
	struct abl_str out = {0};
	struct abl_err err = {0};
	struct abl_task *t = NULL;
	struct abl_batch b;
	real scores[32] = {0};

	layout = bert_layout(24);
	ck_assert_int_eq(abl_task_span.ask(&t, &spec, texts, 1, &tools, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "a question and a passage") != NULL, "%s", err.text);
	ck_assert(!abl_task_span.ask(&t, &spec, texts, 2, &tools, &err));
	ck_assert(!abl_batch_init(&b, 24, 1, &err));
	abl_task_span.put(t, 0, &layout, &b);
	ck_assert(b.label[0] == -1 && b.targets <= 16);
	for (size_t k = 0; k < b.targets; k++)
		scores[2 * k] = scores[2 * k + 1] =
			b.piece[b.target_row[k]] == abl_vocab_id(vocab, "anna", 4) ? 9 : 0;
	abl_task_span.collect(t, 0, 1, &b, scores);
	abl_task_span.answer(t, &out);
	ck_assert_msg(strstr(out.text, "Anna\tcharacters 4 to 8\tprobability 1.000\n") == out.text,
		      "%s", out.text);
	abl_task_span.destroy(t);
	spec.no_answer = yes;
	ck_assert(!abl_task_span.ask(&t, &spec, texts, 2, &tools, &err));
	scores[0] = scores[1] = 20;
	abl_task_span.collect(t, 0, 1, &b, scores);
	abl_str_clear(&out);
	abl_task_span.answer(t, &out);
	ck_assert_msg(strstr(out.text, "no answer\tprobability 1.000\n") == out.text, "%s",
		      out.text);
	abl_task_span.destroy(t);
	abl_str_finish(&out);
	abl_batch_finish(&b);
}
END_TEST

/* ---- real files ---- */

/* Logits that point at the first gold answer: how good a model could be. */
static size_t point_at_gold(struct abl_task *t)
{
	size_t n = abl_task_span.count(t), found = 0;
	struct abl_err err = {0};
	struct abl_batch b;

	ck_assert(!abl_batch_init(&b, layout.max_length, 1, &err));
	for (size_t i = 0; i < n; i++) {
		real *scores;

		abl_batch_clear(&b);
		abl_task_span.put(t, i, &layout, &b);
		scores = abl_calloc(2 * b.targets, sizeof *scores);
		for (size_t k = 0; k < b.targets; k++) {
			scores[2 * k] = b.target_row[k] == b.label[0];
			scores[2 * k + 1] = b.target_row[k] == b.answer_end[0];
		}
		found += b.label[0] > 0;
		abl_task_span.collect(t, i, 1, &b, scores);
		free(scores);
	}
	abl_batch_finish(&b);
	return found;
}

/* Every answer of the dev part is found in a window, and its text comes back. The rest are answers
 * of more than 30 pieces and some that end inside a word. */
START_TEST(test_real__answers_come_back)
{
	struct abl_task_spec spec;
	struct abl_vocab *bert;
	struct abl_tokenizer *with;
	struct abl_err err = {0};
	struct abl_task *t;
	char *path = abl_path_join(shared_data(), "bert-vocab/bert-base-uncased-vocab.txt.gz");

	ck_assert_msg(!abl_vocab_load(&bert, path, &err), "%s", err.text);
	ck_assert_msg(!abl_task_spec_known(&spec, "squad", shared_data(), &err), "%s", err.text);
	with = abl_tokenizer_create(bert, false);
	layout = bert_layout(384);
	t = load_from(&spec, "dev", with);
	ck_assert_uint_eq(t->question_count, 7532);
	ck_assert_uint_ge(point_at_gold(t), 7532);
	ck_assert_msg(figure(t, "exact_match") > .98, "exact match %f", figure(t, "exact_match"));
	ck_assert_msg(figure(t, "f1") > .99, "f1 %f", figure(t, "f1"));
	ck_assert(figure(t, "examples") == 7532);
	abl_task_span.destroy(t);
	abl_tokenizer_destroy(with);
	abl_vocab_destroy(bert);
	abl_task_spec_finish(&spec);
	free(path);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("answers");

	tcase_add_loop_test(c, test_stage__learns_to_answer, 0, 2);
	tcase_add_loop_test(c, test_report__submission_has_the_same_score, 0, 2);
	tcase_add_test(c, test_report__an_answer_has_its_place);
	if (shared_data())
		tcase_add_test(c, test_real__answers_come_back);
	else
		printf("# SKIP: answers of the real SQuAD files: no shared data; set ABLATE_SHARED "
		       "to its folder\n");
	return run_tests(c);
}
