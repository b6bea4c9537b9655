/* SPDX-License-Identifier: Apache-2.0 */
/* test_span.c - span answers: windows and the tokens that answers lie on, answers from logits, and
 * a model that learns from a file. */
#include "files.h"
#include "span_internal.h"
#include "squad_score.h"
#include "stage.h"
#include "str.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-span-XXXXXX";
static char *vocab_path, *train_path;
static struct abl_vocab *vocab;
static struct abl_tokenizer *tokenizer;
static struct abl_layout layout;
static const struct abl_task_tools tools = {0};

enum { CLS = 2, SEP = 3 };

static void write_text(const char *path, const char *text)
{
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
}

static void prepare(void)
{
	struct abl_err err = {0};

	vocab_path = abl_path_join(folder, "vocab.txt");
	train_path = abl_path_join(folder, "train.json");
	write_text(
		vocab_path,
		"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwho\nwhere\ncame\nto\nthe\na\nb\nc\nd\ne\nf\n"
		"g\nh\n##a\n##b\n##c\n.\n?\nanna\nbo\ncarl\ndora\nharbour\nmill\nbridge\ntower\n");
	ck_assert_msg(!abl_vocab_load(&vocab, vocab_path, &err), "%s", err.text);
	tokenizer = abl_tokenizer_create(vocab, false);
}

/* [CLS] question [SEP] passage [SEP] of so many tokens. */
static struct abl_layout bert_layout(size_t length)
{
	return (struct abl_layout){.first = CLS,
				   .between = SEP,
				   .last = SEP,
				   .read_first = true,
				   .max_length = length};
}

static struct abl_task *load_from(const struct abl_task_spec *spec, const char *split,
				  const struct abl_tokenizer *with)
{
	struct abl_task_tools t = tools;
	struct abl_task *task = NULL;
	struct abl_err err = {0};

	t.tokenizer = with;
	t.layout = &layout;
	ck_assert_msg(!abl_task_span.load(&task, spec, split, NULL, &t, &err), "%s", err.text);
	return task;
}

/* One question on one passage, whose answer begins at that character. */
static struct abl_task *load_one(const char *question, const char *passage, const char *answer,
				 int start, struct abl_task_spec spec)
{
	struct abl_str text = {0};
	char name[] = "t", type[] = "span";
	struct abl_task *t;

	abl_str_printf(&text,
		       "{\"data\": [{\"paragraphs\": [{\"context\": \"%s\", \"qas\": [{\"id\": "
		       "\"q\", \"question\": \"%s\", \"answers\": [",
		       passage, question);
	if (answer)
		abl_str_printf(&text, "{\"text\": \"%s\", \"answer_start\": %d}", answer, start);
	abl_str_puts(&text, "]}]}]}]}");
	write_text(train_path, text.text);
	spec.name = name, spec.type = type, spec.train = train_path;
	t = load_from(&spec, "train", tokenizer);
	abl_str_finish(&text);
	return t;
}

static void put_all(const struct abl_task *t, struct abl_batch *b)
{
	struct abl_err err = {0};
	size_t n = abl_task_span.count(t);

	ck_assert(!abl_batch_init(b, n * layout.max_length, n, &err));
	for (size_t i = 0; i < n; i++)
		abl_task_span.put(t, i, &layout, b);
}

static void check_sequence(const struct abl_batch *b, size_t s, const int32_t *wanted, size_t n)
{
	ck_assert_int_eq(b->offset[s + 1] - b->offset[s], (int)n);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(b->piece[b->offset[s] + (int)i], wanted[i]);
}

/* Windows of 4 pieces, each 2 further on; the answer's ends where a window has both, else the null
 * position. */
START_TEST(test_windows__overlap_and_point_at_the_answer)
{
	static const int32_t windows[][8] = {{CLS, 5, SEP, 10, 11, 12, 13, SEP},
					     {CLS, 5, SEP, 12, 13, 14, 15, SEP},
					     {CLS, 5, SEP, 14, 15, 16, SEP}};
	static const int labels[][2] = {{0, 0}, {4, 5}, {0, 0}};
	struct abl_task_spec spec = {.stride = 2, .max_question = 1};
	struct abl_task *t;
	struct abl_batch b;

	layout = bert_layout(8);
	t = load_one("who came", "a b c d e f g", "d e", 6, spec);
	ck_assert_uint_eq(abl_task_span.count(t), 3);
	put_all(t, &b);
	for (size_t s = 0; s < 3; s++) {
		check_sequence(&b, s, windows[s], s < 2 ? 8 : 7);
		ck_assert_int_eq(b.label[s], labels[s][0]);
		ck_assert_int_eq(b.answer_end[s], labels[s][1]);
		ck_assert_int_eq(b.read[s], b.offset[s]);
	}
	ck_assert_uint_eq(b.targets, 5 + 5 + 4);
	ck_assert(b.target_row[0] == 0 && b.target_row[1] == 3 && b.target_row[4] == 6);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

/* Special pieces or none, read first or last: the answer and the null position stay apart. */
START_TEST(test_windows__any_layout)
{
	const struct abl_layout layouts[] = {
		bert_layout(16),
		{.first = CLS, .between = SEP, .last = SEP, .max_length = 16},
		{.first = -1, .between = -1, .last = -1, .max_length = 16},
		{.first = -1, .between = -1, .last = -1, .read_first = true, .max_length = 16},
	};
	static const int answer_at[] = {5, 5, 3, 3}, null_at[] = {0, 9, 6, 0},
			 targets[] = {6, 6, 5, 6};
	struct abl_task_spec spec = {0};
	struct abl_batch b;
	struct abl_task *t;

	layout = layouts[_i];
	t = load_one("who came", "a bc c d", "bc", 2, spec);
	put_all(t, &b);
	ck_assert_int_eq(b.label[0], answer_at[_i]);
	ck_assert_int_eq(b.answer_end[0], answer_at[_i] + 1); /* b ##c */
	ck_assert_int_eq(b.read[0], null_at[_i]);
	ck_assert_uint_eq(b.targets, (size_t)targets[_i]);
	for (size_t i = 1; i < b.targets; i++)
		ck_assert_int_gt(b.target_row[i], b.target_row[i - 1]);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

START_TEST(test_windows__long_questions_and_empty_texts)
{
	struct abl_task_spec spec = {0};
	struct abl_batch b;
	struct abl_task *t;
	char yes[] = "yes";

	layout = bert_layout(9); /* 3 pieces each */
	t = load_one("who came to the the the the", "a b c", "a", 0, spec);
	put_all(t, &b);
	ck_assert(b.sequences == 1 && b.tokens == 9 && b.label[0] == 5);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
	spec.no_answer = yes;
	t = load_one("", "", NULL, 0, spec);
	put_all(t, &b);
	ck_assert(b.sequences == 1 && b.tokens == 3 && b.label[0] == 0 && b.targets == 1);
	abl_task_span.collect(t, 0, 1, &b, (real[]){1, 1});
	ck_assert(!span_best_answer(t, &t->questions[0]));
	ck_assert(span_best_probability(t, &t->questions[0]) == 1);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

/* Logits that are `low` but at (start, end) of one window. */
static real *logits(const struct abl_batch *b, size_t start, size_t end, real high)
{
	real *scores = abl_calloc(2 * b->targets, sizeof *scores);

	scores[2 * start] = scores[2 * end + 1] = high;
	return scores;
}

static void check_answer(const struct abl_task *t, const char *wanted)
{
	struct abl_str text = {0};

	ck_assert_str_eq(span_best_text(t, &t->questions[0], &text), wanted);
	abl_str_finish(&text);
}

/* A piece counts in the window where it has the most context: "d" stands in the first two, with
 * none on its right in the first. */
START_TEST(test_best__context_decides_the_window)
{
	struct abl_task_spec spec = {.stride = 2, .max_question = 1};
	struct abl_batch b;
	struct abl_task *t;
	real *scores;

	layout = bert_layout(8);
	t = load_one("who", "a b c d e f g", "d", 6, spec);
	put_all(t, &b);
	scores = logits(&b, 4, 4, 9); /* "d" in the first window */
	abl_task_span.collect(t, 0, 3, &b, scores);
	ck_assert(t->questions[0].best[0].score < 9 + 9);
	free(scores);
	scores = logits(&b, 5 + 2, 5 + 3, 9); /* "d e" in the second */
	abl_task_span.collect(t, 0, 3, &b, scores);
	check_answer(t, "d e");
	ck_assert(t->questions[0].best[0].score == 9 + 9);
	ck_assert(t->questions[0].null_score == 0);
	free(scores);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

START_TEST(test_best__each_text_once_in_order_and_not_too_long)
{
	struct abl_task_spec spec = {.n_best = 4, .max_answer = 2};
	const struct span_question *q;
	struct abl_batch b;
	struct abl_task *t;
	real *scores;

	layout = bert_layout(32);
	t = load_one("who", "Ab a  Ab. \\u00c9 a", "a", 3, spec);
	put_all(t, &b);
	scores = logits(&b, 1, 2, 4);             /* Ab, of two pieces */
	scores[2 * 4] = 3, scores[2 * 5 + 1] = 3; /* Ab again */
	scores[2 * 3] = 2, scores[2 * 6 + 1] = 5; /* "a  Ab." would be of four pieces */
	abl_task_span.collect(t, 0, 1, &b, scores);
	q = &t->questions[0];
	check_answer(t, "Ab");
	ck_assert(q->best[0].score == 8 && q->best[0].begin == 0 && q->best[0].end == 2);
	ck_assert_uint_ge(q->candidates, 3);
	for (size_t i = 0; i < q->candidates; i++)
		for (size_t k = i + 1; k < q->candidates; k++) {
			const struct span_candidate *x = &q->best[i], *y = &q->best[k];

			ck_assert(x->score >= y->score);
			ck_assert(x->end - x->begin != y->end - y->begin ||
				  memcmp(q->gold->context + x->begin, q->gold->context + y->begin,
					 x->end - x->begin));
		}
	free(scores);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

static void take(void *data, const char *name, double value)
{
	json_object_set_new(data, name, json_real(value));
}

static double figure(const struct abl_task *t, const char *name)
{
	json_t *all = json_object();
	double value;

	abl_task_span.score(t, take, all);
	ck_assert_msg(json_object_get(all, name) != NULL, "no %s", name);
	value = json_number_value(json_object_get(all, name));
	json_decref(all);
	return value;
}

/* Questions whose margins of "no answer" are 1, 2, 3, ...: impossible from the fourth on. */
START_TEST(test_best__threshold_is_tuned_on_other_questions)
{
	static const bool impossible[] = {false, false, true, false, true, true};
	char name[] = "t", type[] = "span", yes[] = "yes";
	struct abl_task_spec spec = {
		.name = name, .type = type, .train = train_path, .no_answer = yes};
	struct abl_str text = {0};
	struct abl_task *t, *held_back;
	struct abl_batch b;
	real *scores;

	abl_str_puts(&text, "{\"data\": [{\"paragraphs\": [{\"context\": \"a b\", \"qas\": [");
	for (size_t i = 0; i < 6; i++)
		abl_str_printf(&text, "%s{\"id\": \"%zu\", \"question\": \"\", \"answers\": [%s]}",
			       i ? ", " : "", i,
			       impossible[i] ? "" : "{\"text\": \"b\", \"answer_start\": 2}");
	abl_str_puts(&text, "]}]}]}");
	write_text(train_path, text.text);
	layout = bert_layout(16);
	t = load_from(&spec, "train", tokenizer);
	held_back = load_from(&spec, "train", tokenizer);
	put_all(t, &b);
	scores = abl_calloc(2 * b.targets, sizeof *scores);
	for (size_t i = 0; i < 6; i++) {
		scores[6 * i] = (real)(2 + (double)i + 1); /* null */
		scores[6 * i + 4] = scores[6 * i + 5] = 1; /* b */
	}
	abl_task_span.collect(t, 0, 6, &b, scores);
	abl_task_span.collect(held_back, 0, 6, &b, scores);
	ck_assert(!span_best_answer(t, &t->questions[0])); /* 1 > 0 */
	ck_assert(figure(t, "exact") == .5 && figure(t, "HasAns_f1") == 0);
	ck_assert(figure(t, "majority") == .5 && figure(t, "examples") == 6);
	abl_task_span.calibrate(t, held_back);
	ck_assert(t->threshold == 2.5); /* 2 + 3 right; 4.5 has 3 + 2 and is later */
	ck_assert(span_best_answer(t, &t->questions[1]) && !span_best_answer(t, &t->questions[2]));
	ck_assert(figure(t, "exact") == 5 / 6. && figure(t, "threshold") == 2.5);
	free(scores);
	abl_str_finish(&text);
	abl_batch_finish(&b);
	abl_task_span.destroy(t), abl_task_span.destroy(held_back);
}
END_TEST

START_TEST(test_windows__keeps_whole_questions)
{
	struct abl_str text = {0};
	char name[] = "t", type[] = "span";
	struct abl_task_spec spec = {.name = name, .type = type, .train = train_path, .stride = 2};
	struct abl_task *t;

	abl_str_puts(&text,
		     "{\"data\": [{\"paragraphs\": [{\"context\": \"a b c d e f g\", \"qas\": [");
	for (size_t i = 0; i < 40; i++)
		abl_str_printf(&text,
			       "%s{\"id\": \"%zu\", \"question\": \"who\", \"answers\": "
			       "[{\"text\": \"b\", \"answer_start\": 2}]}",
			       i ? ", " : "", i);
	abl_str_puts(&text, "]}]}]}");
	write_text(train_path, text.text);
	layout = bert_layout(8);
	t = load_from(&spec, "train", tokenizer);
	ck_assert_uint_eq(abl_task_span.count(t), 120);
	abl_task_span.keep(t, .5);
	ck_assert(t->question_count > 10 && t->question_count < 30);
	ck_assert_uint_eq(abl_task_span.count(t), 3 * t->question_count);
	for (size_t w = 0; w < t->window_count; w++) {
		ck_assert_uint_eq(t->windows[w].question, w / 3);
		ck_assert_uint_eq(t->windows[w].first, 2 * (w % 3));
	}
	abl_task_span.keep(t, 0);
	ck_assert_uint_eq(abl_task_span.count(t), 3);
	abl_str_finish(&text);
	abl_task_span.destroy(t);
}
END_TEST

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
	struct abl_stage_events e = {.data = results, .result = take};
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
	ck_assert_int_eq(abl_config_resolve(&config, NULL, NULL, &err), 0);
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

/* ---- real files ---- */

static const char *shared_data(void)
{
	static char *path;
	const char *shared = getenv("ABLATE_SHARED"), *source = getenv("ABLATE_SOURCE");

	if (!path && shared)
		path = abl_path_join(shared, "data");
	else if (!path)
		path = abl_path_join(source ? source : ".", "../shared/data");
	return abl_is_dir(path) ? path : NULL;
}

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
	Suite *suite = suite_create("span");
	TCase *c = tcase_create("span");
	SRunner *runner = srunner_create(suite);
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_unchecked_fixture(c, prepare, NULL);
	tcase_set_timeout(c, 120);
	tcase_add_test(c, test_windows__overlap_and_point_at_the_answer);
	tcase_add_loop_test(c, test_windows__any_layout, 0, 4);
	tcase_add_test(c, test_windows__long_questions_and_empty_texts);
	tcase_add_test(c, test_windows__keeps_whole_questions);
	tcase_add_test(c, test_best__context_decides_the_window);
	tcase_add_test(c, test_best__each_text_once_in_order_and_not_too_long);
	tcase_add_test(c, test_best__threshold_is_tuned_on_other_questions);
	tcase_add_loop_test(c, test_stage__learns_to_answer, 0, 2);
	if (shared_data())
		tcase_add_test(c, test_real__answers_come_back);
	else
		printf("# SKIP: answers of the real SQuAD files: no shared data; set ABLATE_SHARED "
		       "to its folder\n");
	suite_add_tcase(suite, c);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	abl_tokenizer_destroy(tokenizer);
	abl_vocab_destroy(vocab);
	free(vocab_path), free(train_path);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed != 0;
}
