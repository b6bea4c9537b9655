/* SPDX-License-Identifier: Apache-2.0 */
/* Multiple choice: its reader, on small files and on real ones where the shared data is there; then
 * a whole task, trained and scored. */
#include "choices.h"
#include "files.h"
#include "shared_data.h"
#include "stage.h"
#include "str.h"
#include "task.h"
#include "task_text.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-choices-XXXXXX";

static char *put(const char *name, const char *text)
{
	char *path = abl_path_join(folder, name);
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
	return path;
}

struct fixture {
	const char *train;
	const char *fields[12]; /* name, value, ... */
	const char *error;
};

static int load(const struct fixture *f, const char *split, struct abl_choices *out,
		struct abl_err *err)
{
	struct abl_task_spec s = {.name = abl_strdup("mine"),
				  .type = abl_strdup("choice"),
				  .train = put("train.tsv", f->train),
				  .test = put("test.tsv", f->train)};
	int rc = 0;

	for (const char *const *p = f->fields; *p && !rc; p += 2)
		rc = abl_task_spec_set(&s, p[0], p[1], folder, err);
	if (!rc)
		rc = abl_task_spec_check(&s, err);
	if (!rc)
		rc = abl_choices_load(&s, split, out, err);
	abl_task_spec_finish(&s);
	return rc;
}

#define TWO "text", "t", "choices", "x|y", "label", "l"
static const struct fixture bad[] = {
	{"", {TWO}, "train.tsv: the file is empty"},
	{"t\tx\ty\tl\n", {TWO}, "there is only a header"},
	{"t\tx\ty\tl\na\tb\tc\t2\n",
	 {TWO},
	 "/train.tsv:2: the label '2' is not a choice; the choices are '0' to '1'"},
	{"t\tx\ty\tl\na\tb\tc\tA\n", {TWO}, "`labels: A|B|...`"},
	{"t\tx\ty\tl\na\tb\tc\t\n", {TWO}, "train.tsv:2: a row without a label"},
	{"t\tx\ty\tl\na\tb\n", {TWO}, "train.tsv:2: a row with 2 columns, 4 are needed"},
	{"t\tx\tz\tl\na\tb\tc\t0\n", {TWO}, "train.tsv:1: no column 'y' (the choice)"},
	{"t\tx\ty\tl\na\tb\tc\t0\n", {TWO, "choices", "x"}, "'mine' has 1 choice, not 2 to 64"},
	{"t\tx\ty\tl\na\tb\tc\t0\n", {TWO, "choices", "x|x"}, "has column 'x' twice"},
	{"t\tx\ty\tl\na\tb\tc\t0\n", {TWO, "labels", "A|B|C"}, "has 2 choices but 3 'labels'"},
	{"t\tx\ty\tl\na\t\xff\tc\t0\n", {TWO}, "train.tsv:2:3: invalid UTF-8"},
	{"t\tx\ty\tl\n", {"text", "t", "label", "l"}, "has no 'choices'; name its column"},
};

START_TEST(test_choices__bad_input)
{
	struct abl_choices c;
	struct abl_err err = {0};

	ck_assert_int_eq(load(&bad[_i], "train", &c, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, bad[_i].error), "%s", err.text);
}
END_TEST

START_TEST(test_choices__texts_labels_and_lines)
{
	const struct fixture f = {"t\tb\tx\ty\tl\nrain fell\tthe road\twas wet\twas dry\tA\n"
				  "snow fell\t\twhite roofs\tblack roofs\tA\n"
				  "rain fell\tshe\tran\tsang\tB\n",
				  {TWO, "text_b", "b", "labels", "A|B"},
				  NULL};
	struct abl_choices c;
	struct abl_err err = {0};

	ck_assert_msg(!load(&f, "train", &c, &err), "%s", err.text);
	ck_assert_uint_eq(c.count, 3);
	ck_assert_uint_eq(c.choices, 2);
	ck_assert_str_eq(c.items[0].text, "rain fell");
	ck_assert_str_eq(c.items[0].choice[1], "the road was dry");
	ck_assert_str_eq(c.items[1].choice[0], "white roofs");
	ck_assert_int_eq(c.items[1].label, 0);
	ck_assert_int_eq(c.items[2].label, 1);
	ck_assert_uint_eq(c.items[2].line, 4);
	ck_assert_uint_eq(c.items[0].group, c.items[2].group);
	ck_assert_uint_ne(c.items[0].id, c.items[2].id);
	ck_assert_str_eq(c.names.name[1], "B");
	abl_choices_finish(&c);
}
END_TEST

/* A test file may have no label column; gold must have it. */
START_TEST(test_choices__test_file_without_labels)
{
	const struct fixture f = {"t\tx\ty\na\tb\tc\n", {TWO}, NULL};
	struct abl_choices c;
	struct abl_err err = {0};

	ck_assert_msg(!load(&f, "test", &c, &err), "%s", err.text);
	ck_assert_int_eq(c.items[0].label, -1);
	abl_choices_finish(&c);
	ck_assert_int_eq(load(&f, "gold", &c, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "no column 'l'"), "%s", err.text);
}
END_TEST

START_TEST(test_choices__held_back_by_text)
{
	struct abl_str text = {0};
	struct abl_choices back, rest;
	struct abl_err err = {0};

	abl_str_puts(&text, "t\tx\ty\tl\n");
	for (int i = 0; i < 300; i++)
		abl_str_printf(&text, "text %d\tyes %d\tno\t0\n", i / 3, i);
	struct fixture f = {text.text, {TWO}, NULL};
	ck_assert_msg(!load(&f, "held-back", &back, &err), "%s", err.text);
	ck_assert_msg(!load(&f, "train-rest", &rest, &err), "%s", err.text);
	ck_assert_uint_eq(back.count + rest.count, 300);
	ck_assert_uint_gt(back.count, 5);
	ck_assert_uint_lt(back.count, 80);
	for (size_t i = 0; i < back.count; i++)
		for (size_t k = 0; k < rest.count; k++)
			ck_assert_str_ne(back.items[i].text, rest.items[k].text);
	abl_choices_finish(&back), abl_choices_finish(&rest);
	abl_str_finish(&text);
}
END_TEST

/* ---- real files ---- */

static const struct {
	const char *task;
	size_t train, dev; /* dev 0: there is none */
} known[] = {{"codah", 1665, 556},
	     {"codah_swag", 1665, 556},
	     {"cosmosqa", 2985, 0},
	     {"arc_easy", 2142, 548},
	     {"arc_challenge", 1095, 0}};

static void load_known(const char *task, const char *split, struct abl_choices *out)
{
	struct abl_task_spec s;
	struct abl_err err = {0};

	ck_assert_msg(!abl_task_spec_known(&s, task, shared_data(), &err), "%s", err.text);
	ck_assert_msg(!abl_task_spec_check(&s, &err), "%s", err.text);
	ck_assert_int_eq(abl_task_spec_holds_back(&s), s.dev == NULL);
	ck_assert_msg(!abl_choices_load(&s, split, out, &err), "%s", err.text);
	abl_task_spec_finish(&s);
}

START_TEST(test_real__counts)
{
	struct abl_choices c;

	load_known(known[_i].task, "train", &c);
	ck_assert_uint_eq(c.count, known[_i].train);
	ck_assert_uint_eq(c.choices, 4);
	abl_choices_finish(&c);
	load_known(known[_i].task, known[_i].dev ? "dev" : "held-back", &c);
	if (known[_i].dev)
		ck_assert_uint_eq(c.count, known[_i].dev);
	else
		ck_assert(c.count > known[_i].train / 20 && c.count < known[_i].train / 5);
	abl_choices_finish(&c);
}
END_TEST

START_TEST(test_real__two_layouts_are_the_same)
{
	struct abl_choices a, b;

	load_known("codah", "dev", &a);
	load_known("codah_swag", "dev", &b);
	for (size_t i = 0; i < a.count; i++) {
		ck_assert_str_eq(a.items[i].text, b.items[i].text);
		ck_assert_int_eq(a.items[i].label, b.items[i].label);
		for (size_t k = 0; k < a.choices; k++)
			ck_assert_str_eq(a.items[i].choice[k], b.items[i].choice[k]);
	}
	abl_choices_finish(&a), abl_choices_finish(&b);
}
END_TEST

/* ---- the whole ---- */

static double accuracy, examples, majority;

static void on_result(void *data, const char *name, double value)
{
	if (!strcmp(name, "accuracy"))
		accuracy = value;
	if (!strcmp(name, "examples"))
		examples = value;
	if (!strcmp(name, "majority"))
		majority = value;
}

static void stage(enum abl_stage_kind kind, struct abl_stage_request r)
{
	const struct abl_events e = {.result = on_result};
	struct abl_err err = {0};

	r.kind = kind;
	r.threads = 1;
	ck_assert_msg(!abl_stage_run(&r, &e, &err), "%s: %s", abl_stage_name(kind), err.text);
}

/* Wet things follow rain, white ones snow; which of the choices it is says nothing. */
static void write_weather(struct abl_str *out, int rows, int first)
{
	static const char *const things[] = {"roads", "roofs", "coats", "fields"};

	abl_str_puts(out, "t\tx\ty\tl\n");
	for (int i = first; i < first + rows; i++) {
		bool rain = i & 1, swapped = i & 2;
		const char *thing = things[i / 4 % 4];

		abl_str_printf(out, "%s fell\t%s %s\t%s %s\t%d\n", rain ? "rain" : "snow",
			       swapped ? "white" : "wet", thing, swapped ? "wet" : "white", thing,
			       rain == swapped);
	}
}

START_TEST(test_choices__are_learnt)
{
	static const char pieces[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nrain\nsnow\nfell\nwet\n"
				     "white\nroads\nroofs\ncoats\nfields\n";
	struct abl_str train = {0}, dev = {0}, predictions = {0};
	struct abl_task_spec s = {.name = abl_strdup("weather"), .type = abl_strdup("choice")};
	struct abl_config c;
	struct abl_err err = {0};
	char *vocab = put("vocab.txt", pieces), *tuned = abl_path_join(folder, "tuned"),
	     *scored = abl_path_join(folder, "scored"), *path;
	const char *const fields[] = {TWO, "train", "weather.tsv", "dev", "weather-dev.tsv"};

	write_weather(&train, 64, 0);
	write_weather(&dev, 8, 1);
	free(put("weather.tsv", train.text)), free(put("weather-dev.tsv", dev.text));
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i += 2)
		ck_assert(!abl_task_spec_set(&s, fields[i], fields[i + 1], folder, &err));
	ck_assert_msg(!abl_task_spec_check(&s, &err), "%s", err.text);
	abl_config_init(&c);
	c.init_range = .1, c.layers = 1, c.hidden = 32, c.heads = 2, c.max_length = 16;
	c.finetune.steps = 200, c.finetune.learning_rate = 3e-3, c.finetune.batch_size = 16;
	c.finetune.dropout = c.finetune.attention_dropout = 0;
	ck_assert_msg(!abl_config_resolve(&c, NULL, &err), "%s", err.text);
	ck_assert(!abl_mkdir_all(tuned, &err) && !abl_mkdir_all(scored, &err));
	stage(ABL_STAGE_FINETUNE,
	      (struct abl_stage_request){
		      .config = &c, .seed = 3, .task = &s, .vocab = vocab, .output = tuned});
	stage(ABL_STAGE_EVALUATE, (struct abl_stage_request){.config = &c,
							     .seed = 3,
							     .task = &s,
							     .vocab = vocab,
							     .parent = tuned,
							     .split = "dev",
							     .output = scored});
	ck_assert_double_eq(examples, 8);
	ck_assert_double_eq(majority, .5);
	ck_assert_double_gt(accuracy, .99);
	path = abl_path_join(scored, "predictions.tsv");
	ck_assert(!abl_file_read(path, &predictions, 1 << 20, &err));
	ck_assert_msg(strstr(predictions.text, "\n2\t0\t0\t"), "%s", predictions.text);
	abl_str_finish(&train), abl_str_finish(&dev), abl_str_finish(&predictions);
	free(vocab), free(tuned), free(scored), free(path);
	abl_task_spec_finish(&s);
}
END_TEST

/* The world's task goes the same way. */
START_TEST(test_choices__of_the_world)
{
	struct abl_task_spec s;
	struct abl_choices c, rest;
	struct abl_err err = {0};

	ck_assert_msg(!abl_task_spec_known(&s, "endings", "world", &err), "%s", err.text);
	ck_assert_msg(!abl_task_spec_check(&s, &err), "%s", err.text);
	s.limit = 200;
	ck_assert_msg(!abl_choices_load(&s, "train", &c, &err), "%s", err.text);
	ck_assert_msg(!abl_choices_load(&s, "train-rest", &rest, &err), "%s", err.text);
	ck_assert_uint_eq(c.count, 200);
	ck_assert_uint_lt(rest.count, 200);
	for (size_t i = 0; i < c.count; i++)
		ck_assert(c.items[i].label >= 0 && c.items[i].label < 4);
	abl_choices_finish(&c), abl_choices_finish(&rest);
	abl_task_spec_finish(&s);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

int main(void)
{
	TCase *c = tcase_create("choices");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, test_choices__bad_input, 0, COUNT(bad));
	tcase_add_test(c, test_choices__texts_labels_and_lines);
	tcase_add_test(c, test_choices__test_file_without_labels);
	tcase_add_test(c, test_choices__held_back_by_text);
	tcase_add_test(c, test_choices__are_learnt);
	tcase_add_test(c, test_choices__of_the_world);
	if (shared_data()) {
		tcase_add_loop_test(c, test_real__counts, 0, COUNT(known));
		tcase_add_test(c, test_real__two_layouts_are_the_same);
	} else {
		printf("# SKIP: multiple choice on real files: no shared data; set ABLATE_SHARED "
		       "to its folder\n");
	}
	failed = run_case(c, "choices");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
