/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of task files: task specs, examples; then the row counts of real files, where the
 * shared data is there. */
#include "examples.h"
#include "files.h"
#include "hash.h"
#include "shared_data.h"
#include "str.h"
#include "task_spec.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-data-XXXXXX";

static char *put(const char *name, const char *text, size_t length)
{
	char *path = abl_path_join(folder, name);
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, length, &err), "%s", err.text);
	return path;
}

/* ---- examples ---- */

static void hash_of(const struct abl_task_spec *s, const char *split, char out[ABL_HASH_TEXT])
{
	struct abl_hash *h = abl_hash_create();
	struct abl_err err = {0};

	ck_assert_msg(!abl_task_spec_hash(s, split, h, &err), "%s", err.text);
	abl_hash_text(h, out);
	abl_hash_destroy(h);
}

struct fixture {
	const char *train, *dev;
	const char *fields[16]; /* name, value, ... beside type, train and dev */
	const char *error;      /* of loading train, then dev */
};

static int load(const struct fixture *f, struct abl_task_spec *s, struct abl_examples *train,
		struct abl_examples *dev, struct abl_err *err)
{
	int rc;

	*s = (struct abl_task_spec){.name = abl_strdup("mine")};
	free(put("train.tsv", f->train, strlen(f->train)));
	rc = abl_task_spec_set(s, "type", "classify", folder, err);
	rc = rc ? rc : abl_task_spec_set(s, "train", "train.tsv", folder, err);
	if (f->dev)
		free(put("dev.tsv", f->dev, strlen(f->dev)));
	if (f->dev && !rc)
		rc = abl_task_spec_set(s, "dev", "dev.tsv", folder, err);
	for (const char *const *p = f->fields; *p && !rc; p += 2)
		rc = abl_task_spec_set(s, p[0], p[1], folder, err);
	rc = rc ? rc : abl_task_spec_check(s, err);
	rc = rc ? rc : abl_examples_load(s, "train", NULL, train, err);
	return !rc && f->dev ? abl_examples_load(s, "dev", train, dev, err) : rc;
}

static const struct fixture bad[] = {
	{"", NULL, {"text", "t", "label", "l"}, "train.tsv: the file is empty"},
	{"t\tl\n",
	 NULL,
	 {"text", "t", "label", "l"},
	 "train.tsv: no examples: there is only a header"},
	{"text\tlabel\na\t1\n",
	 NULL,
	 {"text", "text", "label", "lable"},
	 "train.tsv:1: no column 'lable' (the label); did you mean 'label'?"},
	{"text\tlabel\na\t1\n",
	 NULL,
	 {"text", "question", "label", "label"},
	 "no column 'question' (the first text); it has 'text', 'label'"},
	{"t;l\na;1\n",
	 NULL,
	 {"text", "t", "label", "l", "format", "csv"},
	 "no column 't' (the first text); it has 't;l'; it has semicolons: write it with commas"},
	{"text,label\na,1\n",
	 NULL,
	 {"text", "text", "label", "label"},
	 "it has commas: set `format: csv`"},
	{"a\t1\n",
	 NULL,
	 {"text", "0", "label", "2"},
	 "no column '2' (the label); it has 2 columns, counted from 0"},
	{"t\tl\na\t1\nb\n",
	 NULL,
	 {"text", "t", "label", "l"},
	 "train.tsv:3: a row with 1 column, 2 are needed"},
	{"t,l\na,1\nI lost my card, help,1\n",
	 NULL,
	 {"text", "t", "label", "l", "format", "csv"},
	 "train.tsv:3: a row with 3 columns, but the header has 2: quote the field that has a "
	 "comma in "
	 "it, set `broken: skip`, or let them pass with `more_columns: pass`"},
	{"t\tl\t\t\na\t1\t\t \nb\tc\t0\n",
	 NULL,
	 {"text", "t", "label", "l"},
	 "train.tsv:3: a row with 3 columns, but the header has 2: take the TAB out of the field"},
	{"a\t1\nb\tc\t0\n",
	 NULL,
	 {"text", "0", "label", "1"},
	 "train.tsv:2: a row with 3 columns, but the first row has 2: take the TAB out"},
	{"a, b,1\nc,0\n",
	 NULL,
	 {"text", "0", "label", "1", "format", "csv"},
	 "train.tsv:2: a row with 2 columns, but the first row has 3: repair one of them"},
	{"t\tl\na\tc\t1\n",
	 NULL,
	 {"text", "t", "label", "l", "broken", "skip"},
	 "train.tsv: no examples: 1 left out: too many columns (the first in line 2)"},
	{"t\tl\n",
	 NULL,
	 {"text", "t", "label", "l", "labels", "a|-", "no_label", "-"},
	 "'-' cannot be one of the 'labels' and 'no_label'"},
	{"t\tl\na\t1\nb\t\n",
	 NULL,
	 {"text", "t", "label", "l"},
	 "train.tsv:3: a row without a label"},
	{"t\tl\na\t1\nb\t1\n", NULL, {"text", "t", "label", "l"}, "all 2 rows have the label '1'"},
	{"t\tl\na\t1\nb\t2\n",
	 NULL,
	 {"text", "t", "label", "l", "labels", "0|1"},
	 "train.tsv:3: unknown label '2'; the classes are '0', '1'"},
	{"t\tl\na\tno\nb\tyes\n",
	 "t\tl\nc\tno\nd\tmaybe\n",
	 {"text", "t", "label", "l"},
	 "dev.tsv:3: unknown label 'maybe'; the classes are 'no', 'yes'"},
	{"t\tl\na\t1\nb\t0\n",
	 "t\tl\nc\t\n",
	 {"text", "t", "label", "l"},
	 "dev.tsv:2: a row without a label"},
	{"t\tl\na\t1\nb\t0\n",
	 "t\nc\n",
	 {"text", "t", "label", "l"},
	 "dev.tsv:1: no column 'l' (the label)"},
	{"t\tl\na\t1\nb\t0\n",
	 NULL,
	 {"text", "t", "label", "l", "lables", "0|1"},
	 "a task has no field 'lables'; did you mean 'labels'?"},
	{"t,l\na,1\nb,\"1\n2\"\n",
	 NULL,
	 {"text", "t", "label", "l", "format", "csv"},
	 "train.tsv:3: the label '1\n2' contains a TAB or a line end"},
	{"t\tl\n",
	 NULL,
	 {"text", "t", "label", "l", "format", "xml"},
	 "'format' is 'xml'; it must be one of tsv|csv"},
	{"t\tl\n",
	 NULL,
	 {"text", "t", "label", "l", "limit", "few"},
	 "'limit' is 'few'; it must be a whole number"},
	{"t\tl\n", NULL, {"text", "t"}, "task 'mine' has no 'label'"},
	{"t\tl\n", NULL, {"text", "t", "label", "l", "labels", "a|b|a"}, "'labels' has 'a' twice"},
	{"t\tl\n", NULL, {"text", "t", "label", "l", "labels", "a|"}, "'labels' has '' as a name"},
	{"t\tl\na\t1\n",
	 NULL,
	 {"text", "t", "label", "t"},
	 "train.tsv:1: 't' is both the first text and the label: name another column"},
	{"t\tu\na\tb\n",
	 NULL,
	 {"text", "t", "text_b", "u", "label", "last"},
	 "train.tsv:1: 'last' is both the second text and the label"},
	{"t\tl\n",
	 NULL,
	 {"text", "t", "label", "l", "dev", "nowhere.tsv"},
	 "the 'dev' file of task 'mine' does not exist"},
	{"t\tl\n", NULL, {"text", "t", "label", "l", "dev", "."}, "of task 'mine' is a folder"},
	{"t\tl\n",
	 NULL,
	 {"text", "t", "label", "l", "dev", "world"},
	 "mixes the built-in world with files"},
};

START_TEST(test_examples__bad_input)
{
	struct abl_examples train = {0}, dev = {0};
	struct abl_task_spec s;
	struct abl_err err = {0};

	ck_assert_int_eq(load(&bad[_i], &s, &train, &dev, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, bad[_i].error), "%s", err.text);
	abl_examples_finish(&train), abl_examples_finish(&dev);
	abl_task_spec_finish(&s);
}
END_TEST

START_TEST(test_examples__pairs_classes_and_lines)
{
	const struct fixture f = {"id\ta\tb\ty\n1\tone\tuno\t10\n\n2\ttwo\tdos\t9\n3\tthree\ttres\t"
				  "10\tsurplus\n4\tshort\n",
				  "id\ta\tb\ty\n1\tfour\t\t9\n",
				  {"text", "a", "text_b", "b", "label", "y", "broken", "skip",
				   "more_columns", "pass"},
				  NULL};
	struct abl_examples train = {0}, dev = {0};
	struct abl_task_spec s;
	struct abl_err err = {0};

	ck_assert_msg(!load(&f, &s, &train, &dev, &err), "%s", err.text);
	ck_assert_uint_eq(train.count, 3);
	ck_assert_uint_eq(train.left_out.count[ABL_LEFT_SHORT], 1);
	ck_assert_uint_eq(train.label_count, 2);
	ck_assert_str_eq(train.labels[0], "9"); /* by value: 9 before 10 */
	ck_assert_int_eq(train.items[0].label, 1);
	ck_assert_int_eq(train.items[1].label, 0);
	ck_assert_uint_eq(train.items[1].line, 4);
	ck_assert_str_eq(train.items[2].a, "three");
	ck_assert_str_eq(train.items[2].b, "tres");
	ck_assert_uint_ne(train.items[0].id, train.items[1].id);
	ck_assert_str_eq(dev.items[0].b, "");
	ck_assert_int_eq(dev.items[0].label, 0);
	ck_assert_str_eq(dev.labels[1], "10");
	abl_examples_finish(&train), abl_examples_finish(&dev);
	abl_examples_finish(&train);
	abl_task_spec_finish(&s);
}
END_TEST

/* Where nobody agreed on a label, as SNLI has it: no class. Test keeps the row: predictions are by
 * number. */
START_TEST(test_examples__no_gold_label)
{
	static const char rows[] = "t\tl\na\tyes\nb\t-\nc\tno\nd\t-\n";
	const struct fixture plain = {rows, rows, {"text", "t", "label", "l"}, NULL};
	const struct fixture said = {
		rows, rows, {"text", "t", "label", "l", "no_label", "-"}, NULL};
	const struct fixture skips = {
		rows, rows, {"text", "t", "label", "l", "broken", "skip"}, NULL};
	const struct fixture *const all[] = {&plain, &said, &skips};
	char hash[3][ABL_HASH_TEXT];

	for (int i = 0; i < 3; i++) {
		struct abl_examples train = {0}, dev = {0}, test = {0};
		struct abl_task_spec s;
		struct abl_err err = {0};

		ck_assert_msg(!load(all[i], &s, &train, &dev, &err), "%s", err.text);
		ck_assert_uint_eq(train.label_count, i ? 2 : 3);
		ck_assert_uint_eq(dev.count, i ? 2 : 4);
		ck_assert_uint_eq(train.left_out.count[ABL_LEFT_NO_LABEL], i ? 2 : 0);
		ck_assert_uint_eq(train.left_out.line[ABL_LEFT_NO_LABEL], i ? 3 : 0);
		hash_of(&s, "train", hash[i]);
		s.test = abl_strdup(s.dev);
		ck_assert_msg(!abl_examples_load(&s, "gold", &train, &test, &err), "%s", err.text);
		ck_assert_uint_eq(test.count, 4);
		ck_assert(!i || test.items[1].label == -1);
		abl_examples_finish(&train), abl_examples_finish(&dev), abl_examples_finish(&test);
		abl_task_spec_finish(&s);
	}
	ck_assert_str_ne(hash[0], hash[1]);
}
END_TEST

START_TEST(test_examples__places_without_header)
{
	const struct fixture f = {"src\t1\t*\tfirst \"row\nsrc\t0\t\tsecond\n",
				  NULL,
				  {"text", "last", "label", "1"},
				  NULL};
	struct abl_examples train = {0}, test = {0};
	struct abl_task_spec s;
	struct abl_err err = {0};

	ck_assert_msg(!load(&f, &s, &train, NULL, &err), "%s", err.text);
	ck_assert_uint_eq(train.count, 2);
	ck_assert_str_eq(train.items[0].a, "first \"row");
	ck_assert_ptr_null(train.items[0].b);
	ck_assert_int_eq(train.items[0].label, 1);
	free(put("test.tsv", "src\t\tx\tthird\n", 13));
	ck_assert(!abl_task_spec_set(&s, "test", "test.tsv", folder, &err));
	ck_assert_msg(!abl_examples_load(&s, "test", &train, &test, &err), "%s", err.text);
	ck_assert_int_eq(test.items[0].label, -1);
	abl_examples_finish(&train), abl_examples_finish(&test);
	abl_task_spec_finish(&s);
}
END_TEST

/* Keys are columns, whatever their order; one file of a task may be JSON lines, the other not. */
START_TEST(test_examples__json_lines)
{
	const struct fixture f = {
		"{\"l\": 1, \"t\": \"a\", \"more\": [1]}\n{\"t\": \"b\", \"l\": 0}\n",
		"{\"t\": \"c\", \"l\": 1}\n",
		{"text", "t", "label", "l", "format", "jsonl"},
		NULL};
	static const char *const broken[][2] = {
		{"{\"t\": \"a\", \"l\": 1}\n{\"l\": 0}\n",
		 "train.tsv:2: no 't' (the first text): add it"},
		{"{\"t\": \"a\", \"l\": 1}\n{\"t\": \"b\"}\n",
		 "train.tsv:2: a row without a label"},
		{"{\"t\": \"a\", \"l\": {}}\n",
		 "train.tsv:1: 'l' (the label) is a list or an object"},
		{"{\"text\": \"a\", \"label\": 1}\n",
		 "train.tsv:1: no column 't' (the first text); it has 'text', 'label'"},
	};
	struct abl_examples train = {0}, dev = {0};
	struct abl_task_spec s;
	struct abl_err err = {0};

	ck_assert_msg(!load(&f, &s, &train, &dev, &err), "%s", err.text);
	ck_assert(train.count == 2 && dev.count == 1 && train.items[0].line == 1);
	ck_assert_str_eq(train.items[1].a, "b");
	ck_assert_str_eq(train.labels[1], "1");
	ck_assert_int_eq(train.items[0].label, 1);
	abl_examples_finish(&dev);
	free(put("dev.jsonl", "{\"t\": \"d\"}\n", 11));
	ck_assert(!abl_task_spec_set(&s, "format", "csv", folder, &err));
	ck_assert(!abl_task_spec_set(&s, "test", "dev.jsonl", folder, &err));
	ck_assert_msg(!abl_examples_load(&s, "test", &train, &dev, &err), "%s", err.text);
	ck_assert(dev.count == 1 && dev.items[0].label == -1);
	abl_examples_finish(&train), abl_examples_finish(&dev);
	abl_task_spec_finish(&s);
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		struct fixture b = f;

		b.train = broken[i][0];
		err = (struct abl_err){0};
		ck_assert_int_eq(load(&b, &s, &train, &dev, &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, broken[i][1]), "%s", err.text);
		abl_task_spec_finish(&s);
	}
}
END_TEST

/* Held back by group: both sides together are train, no group is on both, the share is a tenth. */
START_TEST(test_examples__held_back_by_group)
{
	struct abl_str text = {0};
	struct fixture f = {.fields = {"text", "t", "label", "l", "group", "g"}};
	struct abl_examples train = {0}, back = {0}, rest = {0};
	struct abl_task_spec s;
	struct abl_err err = {0};

	abl_str_puts(&text, "t\tl\tg\n");
	for (int i = 0; i < 3000; i++)
		abl_str_printf(&text, "text %d\t%d\tgroup %d\n", i, i % 2, i / 3);
	f.train = text.text;
	ck_assert_msg(!load(&f, &s, &train, NULL, &err), "%s", err.text);
	ck_assert(abl_task_spec_holds_back(&s));
	ck_assert(!abl_examples_load(&s, "held-back", NULL, &back, &err));
	ck_assert(!abl_examples_load(&s, "train-rest", NULL, &rest, &err));
	ck_assert_uint_eq(back.count + rest.count, train.count);
	ck_assert(back.count > 230 && back.count < 370);
	ck_assert_uint_eq(back.count % 3, 0);
	for (size_t i = 0; i < back.count; i++) {
		ck_assert(abl_example_held_back(&back.items[i]));
		ck_assert_uint_eq(back.items[i].group, back.items[i - i % 3].group);
	}
	for (size_t i = 0; i < rest.count; i++)
		ck_assert(!abl_example_held_back(&rest.items[i]));
	ck_assert_uint_eq(back.label_count, 2);
	abl_examples_finish(&train), abl_examples_finish(&back), abl_examples_finish(&rest);
	ck_assert(!abl_task_spec_set(&s, "limit", "30", folder, &err));
	ck_assert(!abl_examples_load(&s, "train", NULL, &train, &err));
	ck_assert_uint_eq(train.count, 30);
	abl_examples_finish(&train);
	abl_task_spec_finish(&s);
	abl_str_finish(&text);
}
END_TEST

/* ---- specs ---- */

/* Content and columns count, names and folders of files do not; dev decides nothing in training. */
START_TEST(test_spec__hash_is_of_what_decides)
{
	struct fixture f = {
		"t\tl\na\t1\nb\t0\n", "t\tl\nc\t1\n", {"text", "t", "label", "l"}, NULL};
	struct abl_examples train = {0}, dev = {0};
	struct abl_task_spec s;
	struct abl_err err = {0};
	char before[2][ABL_HASH_TEXT], after[ABL_HASH_TEXT];

	ck_assert_msg(!load(&f, &s, &train, &dev, &err), "%s", err.text);
	hash_of(&s, "train", before[0]);
	hash_of(&s, "dev", before[1]);
	free(put("dev.tsv", "t\tl\nc\t0\n", 8));
	hash_of(&s, "train", after);
	ck_assert_str_eq(before[0], after);
	hash_of(&s, "dev", after);
	ck_assert_str_ne(before[1], after);
	free(put("other.tsv", f.train, strlen(f.train)));
	ck_assert(!abl_task_spec_set(&s, "train", "other.tsv", folder, &err));
	hash_of(&s, "train", after);
	ck_assert_str_eq(before[0], after);
	ck_assert(!abl_task_spec_set(&s, "limit", "1", folder, &err));
	hash_of(&s, "train", after);
	ck_assert_str_ne(before[0], after);
	/* classes that are said have no label that is none; refused rows give no result */
	ck_assert(!abl_task_spec_set(&s, "labels", "0|1", folder, &err));
	hash_of(&s, "train", before[0]);
	ck_assert(!abl_task_spec_set(&s, "no_label", "-", folder, &err));
	ck_assert(!abl_task_spec_set(&s, "more_columns", "pass", folder, &err));
	hash_of(&s, "train", after);
	ck_assert_str_eq(before[0], after);
	abl_examples_finish(&train), abl_examples_finish(&dev);
	abl_task_spec_finish(&s);
}
END_TEST

/* ---- real files ---- */

static const struct {
	const char *task;
	size_t train, dev, labels; /* dev 0: there is none */
} real[] = {
	{"sst2", 6920, 872, 2},         {"cola", 8551, 527, 2},   {"rte", 2490, 277, 2},
	{"wnli", 635, 71, 2},           {"conjnli", 15000, 0, 3}, {"med", 4068, 0, 2},
	{"banking77", 10003, 3080, 77},
};

START_TEST(test_real__row_counts)
{
	struct abl_examples train, dev;
	struct abl_task_spec s;
	struct abl_err err = {0};

	ck_assert_msg(!abl_task_spec_known(&s, real[_i].task, shared_data(), &err), "%s", err.text);
	ck_assert_msg(!abl_task_spec_check(&s, &err), "%s", err.text);
	ck_assert_msg(!abl_examples_load(&s, "train", NULL, &train, &err), "%s", err.text);
	ck_assert_uint_eq(train.count, real[_i].train);
	ck_assert_uint_eq(train.label_count, real[_i].labels);
	ck_assert_int_eq(abl_task_spec_holds_back(&s), real[_i].dev == 0);
	if (real[_i].dev) {
		ck_assert_msg(!abl_examples_load(&s, "dev", &train, &dev, &err), "%s", err.text);
		ck_assert_uint_eq(dev.count, real[_i].dev);
		abl_examples_finish(&dev);
	}
	if (s.test) {
		ck_assert_msg(!abl_examples_load(&s, "test", &train, &dev, &err), "%s", err.text);
		ck_assert_int_eq(dev.items[0].label, -1);
		abl_examples_finish(&dev);
	}
	abl_examples_finish(&train);
	abl_task_spec_finish(&s);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

int main(void)
{
	TCase *c = tcase_create("data");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, test_examples__bad_input, 0, COUNT(bad));
	tcase_add_test(c, test_examples__pairs_classes_and_lines);
	tcase_add_test(c, test_examples__no_gold_label);
	tcase_add_test(c, test_examples__places_without_header);
	tcase_add_test(c, test_examples__json_lines);
	tcase_add_test(c, test_examples__held_back_by_group);
	tcase_add_test(c, test_spec__hash_is_of_what_decides);
	if (shared_data())
		tcase_add_loop_test(c, test_real__row_counts, 0, COUNT(real));
	else
		printf("# SKIP: row counts of real files: no shared data; set ABLATE_SHARED to its "
		       "folder\n");
	failed = run_case(c, "data");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
