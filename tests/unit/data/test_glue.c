/* SPDX-License-Identifier: Apache-2.0 */
/* The nine tasks of GLUE in the columns of their published files: train or dev, and the test file,
 * which has other columns and no labels. */
#include "examples.h"
#include "files.h"
#include "str.h"
#include "task_fields.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-glue-XXXXXX";

#define STSB "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2"
#define PARSES                                                                             \
	"index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\t" \
	"sentence1_parse\tsentence2_parse\tsentence1\tsentence2"
#define NLI "index\tsentence1\tsentence2"
#define BOM "\xef\xbb\xbf"

/* The first example of the test file is "one" (and "two"), the second of both begins with a
 * quotation mark that nothing closes. */
static const struct layout {
	const char *task, *gold, *test;
	bool pair;
	size_t skipped;
	int32_t labels[2]; /* of a regression: the numbers */
} layouts[] = {
	{"cola",
	 "src\t1\t\tone\nsrc\t0\t*\t\"two\n",
	 "index\tsentence\n0\tone\n1\t\"two\n",
	 false,
	 0,
	 {1, 0}},
	{"sst2",
	 "sentence\tlabel\none\t0\n\"two \t1\n",
	 "index\tsentence\n0\tone\n1\t\"two\n",
	 false,
	 0,
	 {0, 1}},
	{"mrpc",
	 BOM
	 "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tone\ttwo\r\n0\t7\t8\t\"a\tb\r\n",
	 BOM "index\t#1 ID\t#2 ID\t#1 String\t#2 String\n0\t7\t8\tone\ttwo\n1\t7\t8\t\"a\tb\n",
	 true,
	 0,
	 {1, 0}},
	{"qqp",
	 "id\tqid1\tqid2\tquestion1\tquestion2\tis_"
	 "duplicate\n4\t1\t2\tone\ttwo\t0\n5\t1\t2\tthree\n"
	 "six\t1\n6\t1\t2\tone\tTAB\ttoo many\t0\n7\t1\t2\t\"a\tb\t1\n",
	 "id\tquestion1\tquestion2\n0\tone\ttwo\n1\t\"a\tb\n",
	 true,
	 3,
	 {0, 1}},
	{"stsb",
	 STSB
	 "\tscore\n0\tg\tf\t2012\t1\tnone\tnone\tone\ttwo\t5.000\n1\tg\tf\t2012\t1\tnone\tnone\t"
	 "\"a\tb\t3.000\n",
	 STSB "\n0\tg\tf\t2012\t1\tnone\tnone\tone\ttwo\n1\tg\tf\t2012\t1\tnone\tnone\t\"a\tb\n",
	 true,
	 0,
	 {5, 3}},
	{"mnli", /* as train has it */
	 PARSES "\tlabel1\tgold_label\n0\t1\t1n\tg\t( a )\t( b )\t(R a)\t(R b)\tone\ttwo\tneutral\t"
		"entailment\n1\t1\t1n\tg\t( a )\t( b )\t(R a)\t(R b)\t\"a\tb\tneutral\tneutral\n",
	 PARSES "\n0\t1\t1n\tg\t( a )\t( b )\t(R a)\t(R b)\tone\ttwo\n"
		"1\t1\t1n\tg\t( a )\t( b )\t(R a)\t(R b)\t\"a\tb\n",
	 true,
	 0,
	 {1, 2}},
	{"mnli_mismatched", /* as dev has it */
	 PARSES "\tlabel1\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label\n"
		"0\t1\t1n\tg\t( a )\t( b )\t(R a)\t(R b)\tone\ttwo\tx\tx\tx\tx\tx\tcontradiction\n"
		"1\t1\t1n\tg\t( a )\t( b )\t(R a)\t(R b)\t\"a\tb\tx\tx\tx\tx\tx\tneutral\n",
	 NLI "\n0\tone\ttwo\n1\t\"a\tb\n", /* GLUE's diagnostic file, for the same model */
	 true,
	 0,
	 {0, 2}},
	{"snli", /* GLUE's copy: the header has one annotator, some rows five; gold is last */
	 "index\tcaptionID\tpairID\tsentence1\tsentence2\tlabel1\tgold_label\n"
	 "0\tc\tp\tone\ttwo\tneutral\tneutral\tentailment\tneutral\tneutral\tcontradiction\n"
	 "1\tc\tp\t\"a\tb\tneutral\tentailment\n",
	 NLI "\n0\tone\ttwo\n1\t\"a\tb\n",
	 true,
	 0,
	 {0, 1}},
	{"snli", /* as first published */
	 "gold_label\tsentence1\tsentence2\tcaptionID\tlabel1\tlabel2\n"
	 "neutral\tone\ttwo\tc\tneutral\t\nentailment\t\"a\tb\tc\tneutral\n",
	 "gold_label\tsentence1\tsentence2\n-\tone\ttwo\n-\t\"a\tb\n",
	 true,
	 0,
	 {2, 1}},
	{"qnli",
	 "index\tquestion\tsentence\tlabel\n0\tone\ttwo\tentailment\n1\t\"a\tb\tnot_entailment\n",
	 "index\tquestion\tsentence\n0\tone\ttwo\n1\t\"a\tb\n",
	 true,
	 0,
	 {0, 1}},
	{"rte",
	 NLI "\tlabel\n0\tone\ttwo\tnot_entailment\n1\t\"a\tb\tentailment\n",
	 NLI "\n0\tone\ttwo\n1\t\"a\tb\n",
	 true,
	 0,
	 {1, 0}},
	{"wnli",
	 NLI "\tlabel\n0\tone\ttwo\t1\n1\t\"a\tb\t0\n",
	 NLI "\n0\tone\ttwo\n1\t\"a\tb\n",
	 true,
	 0,
	 {1, 0}},
};

static void load(struct abl_task_spec *s, const char *text, const char *split,
		 struct abl_examples *out)
{
	struct abl_err err = {0};

	free(s->test);
	s->test = abl_path_join(folder, "file.tsv");
	ck_assert_msg(!abl_file_write(s->test, text, strlen(text), &err), "%s", err.text);
	ck_assert_msg(!abl_task_spec_check_test(s, !strcmp(split, "gold"), &err), "%s", err.text);
	ck_assert_msg(!abl_examples_load(s, split, NULL, out, &err), "%s: %s", s->name, err.text);
}

static void check_texts(const struct abl_examples *e, bool pair)
{
	ck_assert_uint_eq(e->count, 2);
	ck_assert_str_eq(e->items[0].a, "one");
	ck_assert_int_eq(*e->items[1].a, '"');
	ck_assert_int_eq(e->items[0].b != NULL, pair);
	if (pair) {
		ck_assert_str_eq(e->items[0].b, "two");
		ck_assert_str_eq(e->items[1].b, "b");
	}
}

START_TEST(test_glue__published_columns)
{
	const struct layout *l = &layouts[_i];
	struct abl_task_spec s;
	struct abl_examples e;
	struct abl_err err = {0};
	bool numbers;

	ck_assert_msg(!abl_task_spec_layout(&s, l->task, &err), "%s", err.text);
	numbers = !strcmp(s.type, "regress");
	load(&s, l->gold, "gold", &e);
	check_texts(&e, l->pair);
	ck_assert_uint_eq(e.left_out.count[ABL_LEFT_SHORT] + e.left_out.count[ABL_LEFT_LONG],
			  l->skipped);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(numbers ? (int32_t)e.items[i].score : e.items[i].label,
				 l->labels[i]);
	abl_examples_finish(&e);
	load(&s, l->test, "test", &e);
	check_texts(&e, l->pair);
	ck_assert(e.items[0].label == -1 && e.items[1].label == -1);
	abl_examples_finish(&e);
	/* a file with labels can be answered, too */
	load(&s, l->gold, "test", &e);
	check_texts(&e, l->pair);
	ck_assert_int_ge(e.items[0].label, 0);
	abl_examples_finish(&e);
	abl_task_spec_finish(&s);
}
END_TEST

/* Of columns with numbers a header is asked for where it may have been taken for an example. */
START_TEST(test_glue__a_header_is_no_example)
{
	static const char *const headers[] = {NULL, "yes", "no"};
	struct abl_task_spec s = {.name = abl_strdup("mine"), .type = abl_strdup("classify")};
	struct abl_str text = {0};
	struct abl_examples e;
	struct abl_err err = {0};

	abl_str_puts(&text, "sentence\tlabel\n");
	for (int i = 0; i < 10; i++)
		abl_str_printf(&text, "text %d\t%d\n", i, i % 2);
	s.train = abl_path_join(folder, "train.tsv");
	s.text = abl_strdup("0"), s.label = abl_strdup("last");
	s.header = headers[_i] ? abl_strdup(headers[_i]) : NULL;
	ck_assert(!abl_file_write(s.train, text.text, text.length, &err));
	if (!headers[_i]) {
		ck_assert_int_eq(abl_examples_load(&s, "train", NULL, &e, &err), ABL_EINPUT);
		ck_assert_msg(strstr(err.text, "train.tsv:1: is this a header?"), "%s", err.text);
	} else {
		ck_assert_msg(!abl_examples_load(&s, "train", NULL, &e, &err), "%s", err.text);
		ck_assert_uint_eq(e.count, strcmp(headers[_i], "yes") ? 11 : 10);
		abl_examples_finish(&e);
	}
	abl_str_finish(&text);
	abl_task_spec_finish(&s);
}
END_TEST

/* As people write them: in capitals, with hyphens, in the words of other lists. */
START_TEST(test_glue__names_as_people_write_them)
{
	static const char *const names[][2] = {
		{"SST-2", "sst2"},      {"sst_2", "sst2"},          {"QNLI", "qnli"},
		{"MRPC", "mrpc"},       {"STS-B", "stsb"},          {"CoNLL-2003", "conll2003"},
		{"WNUT_17", "wnut17"},  {"squad_v2", "squad2"},     {"MNLI-mm", "mnli_mismatched"},
		{"SQuAD2.0", "squad2"}, {"Banking-77", "banking77"}};
	struct abl_task_spec s;
	struct abl_err err = {0};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		ck_assert_msg(!abl_task_spec_layout(&s, names[i][0], &err), "%s", err.text);
		ck_assert_str_eq(s.name, names[i][1]);
		abl_task_spec_finish(&s);
	}
	ck_assert(!abl_task_spec_known(&s, "Entailment", "world", &err));
	ck_assert_str_eq(s.name, "entailment");
	abl_task_spec_finish(&s);
	ck_assert(abl_task_is_known("MNLI", NULL) && !abl_task_is_known("mnli", "world"));
	ck_assert(abl_task_is_known("entailment", "world"));
}
END_TEST

/* What 'components' and 'explain' tell of can be set. */
START_TEST(test_glue__explained_fields_are_fields)
{
	const struct abl_task_field *f;
	struct abl_task_spec s = {0};

	for (size_t i = 0; (f = abl_task_field_at(i)); i++) {
		struct abl_err err = {0};

		if (abl_task_spec_set(&s, f->name, "1", NULL, &err))
			ck_assert_msg(!strstr(err.text, "has no field"), "%s", err.text);
	}
	ck_assert_ptr_null(abl_task_field_find("name"));
	abl_task_spec_finish(&s);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("glue");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_loop_test(c, test_glue__published_columns, 0,
			    (int)(sizeof layouts / sizeof *layouts));
	tcase_add_test(c, test_glue__explained_fields_are_fields);
	tcase_add_test(c, test_glue__names_as_people_write_them);
	tcase_add_loop_test(c, test_glue__a_header_is_no_example, 0, 3);
	failed = run_case(c, "glue");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
