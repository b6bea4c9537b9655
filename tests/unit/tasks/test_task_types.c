/* SPDX-License-Identifier: Apache-2.0 */
/* Each row of task_types.def has a file that says all that is asked of a type, and its files are
 * described. (tests/cli/test_task_types.sh takes each of them through the whole program.) */
#include "describe.h"
#include "files.h"
#include "model.h"
#include "str.h"
#include "task.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-task-types-XXXXXX";
static struct abl_err err;

/* A small file of each format. */
static const struct {
	const char *format, *text;
} files[] = {
	{"tsv", "text\tleft\tright\tlabel\na\tx\ty\t0\nb\tx\ty\t1\nc\tx\ty\t1\n"},
	{"conll", "ana\tB-PER\nwent\tO\n\nben\tB-PER\nleft\tO\n\n"},
	{"babi",
	 "1 ana went home.\n2 where is ana?\thome\t1\n1 ben left.\n2 where is ben?\tout\t1\n"},
	{"squad", "{\"data\": [{\"paragraphs\": [{\"context\": \"rain fell\", \"qas\": [{\"id\": "
		  "\"1\", \"question\": \"what?\", \"answers\": [{\"text\": \"rain\", "
		  "\"answer_start\": 0}]}]}]}]}"},
};

/* The next task type's row; NULL behind the last one. */
static const struct abl_task_facts *next(size_t *i)
{
	const struct abl_task_facts *facts;

	while ((facts = abl_task_facts_at((*i)++)))
		if (!facts->pretraining)
			return facts;
	return NULL;
}

START_TEST(test_types__say_all_that_is_asked)
{
	const struct abl_task_facts *facts;

	for (size_t i = 0; (facts = next(&i));) {
		const struct abl_task_type *t = abl_task_type_find(facts->name);

		ck_assert_msg(t && t->facts == facts, "%s: the type's row is another's",
			      facts->name);
		ck_assert_msg(t->help && t->metrics && t->metrics[0] && t->load && t->ask &&
				      t->destroy && t->count && t->labels && t->subset && t->put &&
				      t->collect && t->score && t->write && t->submit &&
				      t->answer && t->note && t->describe && t->mark,
			      "%s: a function or text of task.h is missing", facts->name);
		ck_assert_msg(facts->formats && facts->head && facts->architecture,
			      "%s: its row lacks formats, head or architecture", facts->name);
		ck_assert_msg(!t->classes == (facts->labels != ABL_LABELS_CLASSES),
			      "%s: classes() is for heads with named classes, and for those only",
			      facts->name);
		ck_assert_msg(!t->calibrate == !t->use_decided, "%s: decides, but does not listen",
			      facts->name);
	}
}
END_TEST

START_TEST(test_types__names_are_different)
{
	const struct abl_task_facts *facts;

	for (size_t i = 0; (facts = abl_task_facts_at(i)); i++)
		ck_assert_ptr_eq(abl_task_facts_find(facts->name), facts);
	ck_assert_ptr_null(abl_task_facts_find("nonsense"));
	ck_assert_ptr_null(abl_task_facts_find(NULL));
	ck_assert_ptr_null(abl_task_type_find("mlm"));
}
END_TEST

struct told {
	size_t rows, splits, lengths;
	char split[16];
};

static void take_row(void *data, const struct abl_split_row *row)
{
	struct told *told = data;

	ck_assert(row->label && (row->rows > 0 || row->groups < 0));
	told->rows++;
	told->lengths += row->words > 0 && row->longest >= row->words;
	if (strcmp(told->split, row->split) != 0)
		told->splits++;
	snprintf(told->split, sizeof told->split, "%s", row->split);
}

static void take_majority(void *data, const char *split, const char *label, double share)
{
	(void)data;
	ck_assert(*split && *label && share > 0 && share <= 1);
}

static struct abl_task_spec spec_of(const struct abl_task_facts *facts)
{
	struct abl_task_spec s = {.name = abl_strdup("mine"), .type = abl_strdup(facts->name)};
	size_t n = strcspn(facts->formats, "|"), i = 0;
	char *path = abl_path_join(folder, "file");

	while (i < sizeof files / sizeof *files && strncmp(files[i].format, facts->formats, n))
		i++;
	ck_assert_msg(i < sizeof files / sizeof *files, "%s: give this test a file of format %s",
		      facts->name, facts->formats);
	ck_assert_msg(!abl_file_write(path, files[i].text, strlen(files[i].text), &err), "%s",
		      err.text);
	s.train = abl_strdup(path), s.dev = abl_strdup(path), s.test = path;
	s.text = facts->text ? abl_strdup("text") : NULL;
	s.label = facts->label ? abl_strdup("label") : NULL;
	s.choices = facts->choices ? abl_strdup("left|right") : NULL;
	return s;
}

/* None of the files has any. */
static void take_alike(void *data, const char *pairs)
{
	(void)data;
	ck_abort_msg("%s", pairs);
}

START_TEST(test_types__describe_their_files)
{
	const struct abl_task_facts *facts;

	for (size_t i = 0; (facts = next(&i));) {
		struct abl_task_spec s = spec_of(facts);
		struct told told = {0};
		const struct abl_describe_hooks hooks = {.row = take_row,
							 .majority = take_majority,
							 .alike = take_alike,
							 .data = &told};

		ck_assert_msg(!abl_task_spec_check(&s, &err), "%s: %s", facts->name, err.text);
		ck_assert_msg(!abl_task_describe(&s, &hooks, &err), "%s: %s", facts->name,
			      err.text);
		ck_assert_msg(told.lengths == 3, "%s: %zu lengths", facts->name, told.lengths);
		ck_assert_msg(told.splits == 3 &&
				      told.rows >= (facts->labels == ABL_LABELS_NUMBERS ? 3 : 6),
			      "%s: %zu splits, %zu rows", facts->name, told.splits, told.rows);
		abl_task_spec_finish(&s);
	}
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("task_types");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_types__say_all_that_is_asked);
	tcase_add_test(c, test_types__names_are_different);
	tcase_add_test(c, test_types__describe_their_files);
	failed = run_case(c, "task_types");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
