/* SPDX-License-Identifier: Apache-2.0 */
/* The task types classify, regress and story: what their readers take and refuse, how a story is
 * cut, predictions files and what they score; then the real files, where the shared data is
 * there. */
#include "examples.h"
#include "files.h"
#include "shared_data.h"
#include "str.h"
#include "task.h"
#include "vocab.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-class-tasks-XXXXXX";
static struct abl_vocab *vocab;
static struct abl_tokenizer *tokenizer;
/* [CLS] 2, [SEP] 3, a letter each from 5: see main() */
static struct abl_layout layout = {2, 3, 3, true, 16};
static struct abl_task_tools tools;
static struct abl_err err;

static void clear_error(void)
{
	err = (struct abl_err){0};
}

static void put(const char *name, const char *text)
{
	char *path = abl_path_join(folder, name);

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
	free(path);
}

static char *path_of(const char *name)
{
	return abl_path_join(folder, name);
}

/* A spec from "field", "value", ... with the given texts as train, dev and test (or NULL). */
static struct abl_task_spec spec_of(const char *type, const char *const *fields, const char *train,
				    const char *dev, const char *test)
{
	struct abl_task_spec s = {.name = abl_strdup("mine")};
	const char *const names[] = {"train", "dev", "test"}, *const texts[] = {train, dev, test};

	ck_assert(!abl_task_spec_set(&s, "type", type, folder, &err));
	for (int i = 0; i < 3; i++)
		if (texts[i]) {
			put(names[i], texts[i]);
			ck_assert(!abl_task_spec_set(&s, names[i], names[i], folder, &err));
		}
	for (; fields && *fields; fields += 2)
		ck_assert_msg(!abl_task_spec_set(&s, fields[0], fields[1], folder, &err), "%s",
			      err.text);
	return s;
}

static struct abl_task *load(const struct abl_task_spec *s, const char *split,
			     const struct abl_task *train)
{
	struct abl_task *t = NULL;

	ck_assert_msg(!abl_task_type_find(s->type)->load(&t, s, split, train, &tools, &err), "%s",
		      err.text);
	return t;
}

/* ---- metrics told ---- */

struct told {
	const char *name;
	double value;
	int times;
};

static void tell(void *data, const char *name, double value)
{
	struct told *t = data;

	if (strcmp(t->name, name))
		return;
	t->value = value;
	t->times++;
}

static double score_of(const struct abl_task_type *type, const struct abl_task *t, const char *name)
{
	struct told told = {.name = name};

	type->score(t, tell, &told);
	ck_assert_msg(told.times == 1, "%s told %d times", name, told.times);
	return told.value;
}

/* ---- numbers ---- */

static const char *const score_columns[] = {"text", "a", "text_b", "b", "label", "score", NULL};

static const struct {
	const char *train, *dev, *error;
} bad_numbers[] = {
	{"a\tb\tscore\nx\ty\t1.5\nx\tz\thigh\n", NULL, "/train:3: 'high' is not a number"},
	{"a\tb\tscore\nx\ty\t1.5\nx\tz\t1,5\n", NULL, "/train:3: '1,5' is not a number"},
	{"a\tb\tscore\nx\ty\tnan\nx\tz\t1\n", NULL, "/train:2: 'nan' is not a number"},
	{"a\tb\tscore\nx\ty\t1\nx\tz\t.nan\n", NULL, "/train:3: '.nan' is not a number"},
	{"a\tb\tscore\nx\ty\t1\nx\tz\t-.inf\n", NULL, "/train:3: '-.inf' is not a number"},
	{"a\tb\tscore\nx\ty\t1\nx\tz\t1e999\n", NULL, "/train:3: '1e999' is not a number"},
	{"a\tb\tscore\nx\ty\t1\nx\tz\t\n", NULL, "/train:3: a row without a label"},
	{"a\tb\tscore\nx\ty\t1\nx\tz\t1.0\n", NULL, "/train: all 2 rows have the label '1'"},
	{"a\tb\tscore\nx\ty\t1\nx\tz\t2\n", "a\tb\tscore\nx\ty\t?\n",
	 "/dev:2: '?' is not a number"},
	{"a\tb\tscore\nx\ty\t5\nx\tz\t87.5\n", NULL,
	 "/train:3: '87.5' is off the scale of task 'mine', 0|5"},
	{"a\tb\tscore\nx\ty\t5\nx\tz\t0\n", "a\tb\tscore\nx\ty\t-1\n",
	 "/dev:2: '-1' is off the scale of task 'mine', 0|5"},
};

START_TEST(test_regress__bad_input)
{
	static const char *const fields[] = {"text",  "a",      "text_b", "b", "label",
					     "score", "labels", "0|5",    NULL};
	struct abl_task_spec s =
		spec_of("regress", fields, bad_numbers[_i].train, bad_numbers[_i].dev, NULL);
	struct abl_examples e = {0};
	int rc = abl_examples_load(&s, "train", NULL, &e, &err);

	if (bad_numbers[_i].dev) {
		ck_assert_msg(!rc, "%s", err.text);
		abl_examples_finish(&e);
		rc = abl_examples_load(&s, "dev", NULL, &e, &err);
	}
	ck_assert_int_eq(rc, ABL_EINPUT);
	ck_assert_msg(strstr(err.text, bad_numbers[_i].error), "%s", err.text);
	abl_task_spec_finish(&s);
}
END_TEST

START_TEST(test_regress__gold_goes_into_the_batch)
{
	static const char *const fields[] = {
		"text",   "1",  "text_b",       "2",    "label", "0", "labels", "0|5",
		"header", "no", "more_columns", "pass", NULL};
	struct abl_task_spec s = spec_of("regress", fields, "4.25\ta b\tc\textra\n1e-1\td\te f\n",
					 NULL, "\tb\ta\n5\tc\td\n");
	const struct abl_task_type *type = abl_task_type_find("regress");
	struct abl_task *train = load(&s, "train", NULL), *test = load(&s, "test", train);
	const real said[] = {(real)7.5, (real)-.25};
	struct abl_batch b;
	struct abl_str out = {0};
	char *path = path_of("submission");

	ck_assert(!abl_batch_init(&b, 64, 4, &err));
	type->put(train, 0, &layout, &b);
	type->put(train, 1, &layout, &b);
	type->put(test, 0, &layout, &b);
	ck_assert_uint_eq(b.sequences, 3);
	ck_assert_double_eq((double)b.value[0], 4.25);
	ck_assert_double_eq_tol((double)b.value[1], .1, 1e-7);
	ck_assert(b.label[0] == 0 && b.label[1] == 0 && b.label[2] == -1);
	ck_assert_str_eq(abl_task_head(type, train).name, "regress");
	type->labels(train, &out);
	ck_assert_str_eq(out.text, "score");
	type->collect(test, 0, 2, &b, said);
	abl_str_clear(&out);
	ck_assert(!type->submit(test, path, &err) && !abl_file_read(path, &out, 1000, &err));
	ck_assert_str_eq(out.text, "index\tprediction\n0\t5.000000\n1\t0.000000\n");
	ck_assert_double_eq(score_of(type, test, "examples"), 1); /* one has no gold */
	ck_assert_double_eq(score_of(type, test, "mse"), 5.25 * 5.25);
	ck_assert(isnan(score_of(type, test, "pearson")));
	type->destroy(train), type->destroy(test);
	abl_batch_finish(&b);
	abl_str_finish(&out);
	abl_task_spec_finish(&s);
	free(path);
}
END_TEST

/* A constant has no correlation; that it is one is said. */
START_TEST(test_regress__constant_prediction)
{
	struct abl_task_spec s = spec_of("regress", score_columns,
					 "a\tb\tscore\nx\ty\t1\nx\tz\t2\nx\tx\t4\n", NULL, NULL);
	const struct abl_task_type *type = abl_task_type_find("regress");
	struct abl_task *t = load(&s, "train", NULL);
	const real same[] = {2, 2, 2}, other[] = {1, 2, 4};

	type->collect(t, 0, 3, NULL, same);
	ck_assert(isnan(score_of(type, t, "pearson")) && isnan(score_of(type, t, "spearman")));
	ck_assert_double_eq(score_of(type, t, "pearson_majority"), 0);
	ck_assert_double_eq(score_of(type, t, "predicted_classes"), 1);
	ck_assert_double_eq(score_of(type, t, "mse"), 5. / 3);
	type->collect(t, 0, 3, NULL, other);
	ck_assert_double_eq(score_of(type, t, "pearson"), 1);
	ck_assert_double_eq(score_of(type, t, "predicted_classes"), 3);
	type->destroy(t);
	abl_task_spec_finish(&s);
}
END_TEST

/* ---- stories ---- */

static const char *const two_stories = "1 a is in b.\n2 c is in d.\n3 where is a? \tb\t1\n"
				       "4 a is in f.\n5 where is a?\tf,g\t4 1\r\n"
				       "1 e is in b.\n\n2 where is e? \tb\n";

START_TEST(test_story__one_answer_is_no_task)
{
	struct abl_task_spec s =
		spec_of("story", NULL, "1 a\n2 where?\tb\t1\n3 why?\tb\t1\n", NULL, NULL);
	struct abl_task *t = NULL;

	ck_assert_int_eq(abl_task_type_find("story")->load(&t, &s, "train", NULL, &tools, &err),
			 ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "/train: all 2 questions have the answer 'b'"), "%s",
		      err.text);
	abl_task_spec_finish(&s);
}
END_TEST

/* Answers are those of training: another one is wrong, whatever is said, and no error. */
START_TEST(test_story__unseen_answer_is_wrong)
{
	struct abl_task_spec s = spec_of("story", NULL, two_stories,
					 "1 a is in b.\n2 where is a?\tb\t1\n3 where is b?\tz\t1\n",
					 "1 a is in b.\n2 where is a?\t\n");
	const struct abl_task_type *type = abl_task_type_find("story");
	struct abl_task *train = load(&s, "train", NULL), *dev = load(&s, "dev", train),
			*test = load(&s, "test", train);
	const real likely_b[] = {(real).75, (real).25, (real).6, (real).4};
	struct abl_str out = {0};
	char *path = path_of("predictions");

	type->labels(train, &out);
	ck_assert_str_eq(out.text, "b\nf,g");
	ck_assert_int_eq(abl_task_head(type, dev).classes, 2);
	type->collect(dev, 0, 2, NULL, likely_b);
	ck_assert_double_eq(score_of(type, dev, "accuracy"), .5);
	ck_assert_double_eq(score_of(type, dev, "majority"), .5);
	ck_assert_double_eq(score_of(type, dev, "examples"), 2);
	ck_assert_double_eq(score_of(type, dev, "predicted_classes"), 1);
	abl_str_clear(&out);
	ck_assert(!type->write(dev, path, &err) && !abl_file_read(path, &out, 1000, &err));
	ck_assert_str_eq(out.text, "line\tgold\tprediction\tprobability\n2\tb\tb\t0.75000\n"
				   "3\tz\tb\t0.60000\n");
	type->collect(test, 0, 1, NULL, likely_b);
	ck_assert_double_eq(score_of(type, test, "examples"), 0);
	type->destroy(train), type->destroy(dev), type->destroy(test);
	abl_str_finish(&out);
	abl_task_spec_finish(&s);
	free(path);
}
END_TEST

/* The pieces of a sequence as text: letters, '<' for [CLS], '|' for [SEP]. */
static void show(const struct abl_batch *b, size_t sequence, char out[32])
{
	size_t n = 0;

	for (int32_t i = b->offset[sequence]; i < b->offset[sequence + 1]; i++)
		out[n++] = b->piece[i] == 2   ? '<'
			   : b->piece[i] == 3 ? '|'
					      : (char)('a' + b->piece[i] - 5);
	out[n] = '\0';
}

/* What is dropped is whole facts, the oldest first. */
START_TEST(test_story__old_facts_are_dropped)
{
	struct abl_task_spec s =
		spec_of("story", NULL,
			"1 a b c\n2 d e\n3 f g\n4 p q\tyes\t1\n1 h i j k l m\n2 x\tno\t1\n"
			"1 x\tno\n",
			NULL, NULL);
	const struct abl_task_type *type = abl_task_type_find("story");
	struct abl_task *t = load(&s, "train", NULL);
	static const struct {
		size_t item, length;
		const char *text;
	} expected[] = {
		{0, 12, "<pq|abcdefg|"}, {0, 11, "<pq|defg|"}, {0, 9, "<pq|defg|"},
		{0, 8, "<pq|fg|"},       {0, 7, "<pq|fg|"},    {1, 10, "<x|hijklm|"},
		{1, 8, "<x|hijk|"}, /* not even one fits: its beginning */
		{2, 12, "<x||"},    /* nothing was told */
	};
	struct abl_batch b;
	char text[32];

	ck_assert(!abl_batch_init(&b, 64, 4, &err));
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		struct abl_layout shorter = layout;

		shorter.max_length = expected[i].length;
		abl_batch_clear(&b);
		type->put(t, expected[i].item, &shorter, &b);
		show(&b, 0, text);
		ck_assert_str_eq(text, expected[i].text);
		ck_assert_int_eq(b.segment[b.tokens - 1], 1);
	}
	type->destroy(t);
	abl_batch_finish(&b);
	abl_task_spec_finish(&s);
}
END_TEST

/* ---- asking ---- */

START_TEST(test_ask__texts_of_the_command_line)
{
	static const char *const texts[] = {"a b", "c d", "e"};
	static const struct {
		const char *type, *labels, *text, *answer;
		size_t texts;
	} cases[] = {
		{"classify", "no|yes", "<ab|", "yes (probability .750)\nno (probability .250)\n",
		 1},
		{"classify", "no|yes", "<ab|cd|", "yes (probability .750)\nno (probability .250)\n",
		 2},
		{"regress", NULL, "<ab|cd|", ".250\n", 2},
		{"story", "no|yes", "<ab|cde|", "yes (probability .750)\nno (probability .250)\n",
		 3},
		{"story", "no|yes", "<ab||", "yes (probability .750)\nno (probability .250)\n", 1},
		{"classify", NULL, NULL, "the names of the classes are not known", 1},
		{"classify", "no|yes", NULL, "3 texts for task 'mine', which reads one text", 3},
		{"regress", "score", NULL, "0 texts for task 'mine'", 0},
		{"story", NULL, NULL, "the answers to choose from are not known", 2},
		{"story", "no|yes", NULL, "no text: give a question", 0},
	};
	const real scores[] = {(real).25, (real).75};
	struct abl_batch b;

	ck_assert(!abl_batch_init(&b, 64, 4, &err));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct abl_task_type *type = abl_task_type_find(cases[i].type);
		struct abl_task_spec s = {.name = abl_strdup("mine"),
					  .labels = cases[i].labels ? abl_strdup(cases[i].labels)
								    : NULL};
		struct abl_task *t = NULL;
		struct abl_str out = {0};
		char text[32];
		int rc = type->ask(&t, &s, texts, cases[i].texts, &tools, &err);

		if (!cases[i].text) {
			ck_assert_int_eq(rc, ABL_EINPUT);
			ck_assert_msg(strstr(err.text, cases[i].answer), "%s", err.text);
			clear_error();
		} else {
			ck_assert_msg(!rc, "%s", err.text);
			abl_batch_clear(&b);
			type->put(t, 0, &layout, &b);
			show(&b, 0, text);
			ck_assert_str_eq(text, cases[i].text);
			ck_assert_int_eq(b.label[0], -1);
			type->collect(t, 0, 1, &b, scores);
			type->answer(t, &out);
			ck_assert_str_eq(out.text, cases[i].answer);
			type->destroy(t);
		}
		abl_str_finish(&out);
		abl_task_spec_finish(&s);
	}
	abl_batch_finish(&b);
}
END_TEST

/* ---- the real files ---- */

static void known(struct abl_task_spec *s, const char *name)
{
	ck_assert_msg(!abl_task_spec_known(s, name, shared_data(), &err), "%s", err.text);
	ck_assert_msg(!abl_task_spec_check(s, &err), "%s", err.text);
}

/* The two layouts hold the same pairs. */
START_TEST(test_real__stsb_in_both_layouts)
{
	static const char *const splits[] = {"train", "dev"};
	static const size_t rows[] = {5749, 1500};
	struct abl_task_spec s[2];

	known(&s[0], "stsb");
	known(&s[1], "stsb_original");
	for (int k = 0; k < 2; k++) {
		struct abl_examples e[2];
		double low = 5, high = 0;

		for (int i = 0; i < 2; i++)
			ck_assert_msg(!abl_examples_load(&s[i], splits[k], NULL, &e[i], &err), "%s",
				      err.text);
		ck_assert_uint_eq(e[0].count, rows[k]);
		ck_assert_uint_eq(e[1].count, rows[k]);
		for (size_t i = 0; i < rows[k]; i++) {
			const struct abl_example *x = &e[0].items[i], *y = &e[1].items[i];

			ck_assert_double_eq_tol(x->score, y->score, .0005); /* GLUE's: 3 digits */
			ck_assert_str_eq(x->a, y->a);
			ck_assert_str_eq(x->b, y->b);
			low = fmin(low, x->score), high = fmax(high, x->score);
		}
		ck_assert(low == 0 && high == 5);
		abl_examples_finish(&e[0]), abl_examples_finish(&e[1]);
	}
	abl_task_spec_finish(&s[0]), abl_task_spec_finish(&s[1]);
}
END_TEST

START_TEST(test_real__babi)
{
	const struct abl_task_type *type = abl_task_type_find("story");
	struct abl_task_spec s;
	struct abl_task *train, *dev;
	struct abl_str labels = {0};
	char name[8];

	snprintf(name, sizeof name, "qa%d", _i);
	known(&s, name);
	ck_assert_int_eq(abl_task_spec_holds_back(&s), _i > 10); /* no test file of these here */
	train = load(&s, "train", NULL);
	ck_assert_uint_eq(type->count(train), 1000);
	type->labels(train, &labels);
	ck_assert_int_eq(strchr(labels.text, ',') != NULL, _i == 8 || _i == 19);
	ck_assert_ptr_null(strchr(labels.text, ' '));
	if (_i == 1)
		ck_assert_str_eq(labels.text,
				 "bathroom\nbedroom\ngarden\nhallway\nkitchen\noffice");
	dev = load(&s, _i > 10 ? "held-back" : "dev", train);
	if (_i > 10)
		ck_assert(type->count(dev) > 40 && type->count(dev) < 170);
	else
		ck_assert_uint_eq(type->count(dev), 1000);
	type->destroy(train), type->destroy(dev);
	abl_str_finish(&labels);
	abl_task_spec_finish(&s);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

/* A vocabulary in which each letter is a piece: "a" is 5. */
static int make_vocab(void)
{
	char text[160] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
	char *path = path_of("vocab.txt");
	int rc;

	for (char c = 'a'; c <= 'z'; c++)
		snprintf(text + strlen(text), 3, "%c\n", c);
	rc = abl_file_write(path, text, strlen(text), &err) || abl_vocab_load(&vocab, path, &err);
	free(path);
	if (rc)
		return rc;
	tokenizer = abl_tokenizer_create(vocab, false);
	tools = (struct abl_task_tools){tokenizer, &layout};
	return 0;
}

int main(void)
{
	TCase *c = tcase_create("class tasks");
	int failed;

	if (!mkdtemp(folder) || make_vocab())
		return 1;
	tcase_add_checked_fixture(c, clear_error, NULL);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, test_regress__bad_input, 0, COUNT(bad_numbers));
	tcase_add_test(c, test_regress__gold_goes_into_the_batch);
	tcase_add_test(c, test_regress__constant_prediction);
	tcase_add_test(c, test_story__one_answer_is_no_task);
	tcase_add_test(c, test_story__unseen_answer_is_wrong);
	tcase_add_test(c, test_story__old_facts_are_dropped);
	tcase_add_test(c, test_ask__texts_of_the_command_line);
	if (shared_data()) {
		tcase_add_test(c, test_real__stsb_in_both_layouts);
		tcase_add_loop_test(c, test_real__babi, 1, 21);
	} else {
		printf("# SKIP: the real files of STS-B and bAbI: no shared data; set "
		       "ABLATE_SHARED "
		       "to its folder\n");
	}
	failed = run_case(c, "class tasks");
	abl_tokenizer_destroy(tokenizer);
	abl_vocab_destroy(vocab);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
