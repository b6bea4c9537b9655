/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_data_task.h"

#include "args_task.h"
#include "class_labels.h"
#include "describe.h"
#include "print.h"
#include "str.h"
#include "study.h"
#include "study_name.h"
#include "task_spec.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The table as it grows: what stands in front of the rows that come next. */
struct listing {
	struct abl_table *table;
	const char *task; /* first column; NULL: there is one task, and no such column */
	const char *file; /* in place of the split; NULL: the split's name */
	bool for_people;
};

/* With a blank at an end it is quoted for people, who would not see the blank. */
static void add_label(const struct listing *l, const char *label)
{
	struct abl_str quoted = {0};

	if (l->for_people && abl_class_label_is_padded(label))
		abl_str_printf(&quoted, "'%s'", label);
	abl_table_text(l->table, quoted.text ? quoted.text : label);
	abl_str_finish(&quoted);
}

static void add_row(void *data, const struct abl_split_row *row)
{
	const struct listing *l = data;
	struct abl_table *t = l->table;
	char shown[32];

	if (l->task)
		abl_table_text(t, l->task);
	abl_table_text(t, l->file ? l->file : row->split);
	add_label(l, row->label);
	abl_table_real(t, (double)row->rows, abl_format_count((int64_t)row->rows, shown));
	abl_table_real(t, row->share, abl_format_score(row->share, shown));
	abl_table_real(t, row->groups < 0 ? NAN : (double)row->groups,
		       row->groups < 0 ? "" : abl_format_count(row->groups, shown));
	snprintf(shown, sizeof shown, "%.1f", row->words);
	abl_table_real(t, row->words, isnan(row->words) ? "" : shown);
	abl_table_real(t, isnan(row->words) ? NAN : (double)row->longest,
		       isnan(row->words) ? "" : abl_format_count((int64_t)row->longest, shown));
}

static void tell_majority(void *data, const char *split, const char *label, double share)
{
	const struct listing *l = data;
	char shown[32];

	if (l->for_people)
		fprintf(stderr, "%s%smajority rate on %s: %s ('%s')\n", l->task ? l->task : "",
			l->task ? ": " : "", split, abl_format_score(share, shown), label);
}

static void tell_alike(void *data, const char *pairs)
{
	const struct listing *l = data;

	fprintf(stderr, "ablate: warning: %s%sclasses that differ in blanks or case alone: %s\n",
		l->task ? l->task : "", l->task ? ": " : "", pairs);
}

static void begin(struct listing *l, const struct abl_args *a, bool many)
{
	static const char *const columns[] = {"split",  "label", "rows",   "share",
					      "groups", "words", "longest"};

	*l = (struct listing){.table = abl_table_create(),
			      .for_people = !abl_table_is_for_machines(
				      abl_table_format(abl_args_text(a, "format")))};
	if (many)
		abl_table_column(l->table, "task", false);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		abl_table_column(l->table, columns[i], i >= 2);
}

static int describe(struct listing *l, const struct abl_task_spec *spec, struct abl_err *err)
{
	const struct abl_describe_hooks hooks = {
		.row = add_row, .majority = tell_majority, .alike = tell_alike, .data = l};

	return abl_task_describe(spec, &hooks, err);
}

static void end(struct listing *l, const struct abl_args *a, int rc)
{
	if (rc)
		abl_table_destroy(l->table);
	else
		abl_print_table(l->table, abl_table_format(abl_args_text(a, "format")));
}

/* --data, else $ABLATE_DATA, else the built-in world. */
static const char *data_of(const struct abl_args *a)
{
	const char *data = abl_args_text(a, "data");

	if (!data)
		data = getenv("ABLATE_DATA");
	return data && *data ? data : ABL_WORLD;
}

/* A well-known task, with its own files. */
static int describe_known(const struct abl_args *a, const char *name, struct abl_err *err)
{
	struct abl_task_spec spec = {0};
	struct listing l;
	int rc = abl_task_spec_there(&spec, name, data_of(a), err);

	begin(&l, a, false);
	if (!rc)
		rc = spec.train ? abl_task_spec_check(&spec, err)
				: abl_task_spec_check_test(&spec, false, err);
	rc = rc ? rc : describe(&l, &spec, err);
	end(&l, a, rc);
	abl_task_spec_finish(&spec);
	return rc;
}

/* The columns that are options of their own here. */
static int set_columns(struct abl_task_spec *spec, const struct abl_args *a, struct abl_err *err)
{
	static const char *const options[][2] = {
		{"text", "text"}, {"text-b", "text_b"}, {"label", "label"}};
	int rc = 0;

	for (size_t i = 0; i < sizeof options / sizeof *options && !rc; i++) {
		const char *column = abl_args_text(a, options[i][0]);

		if (column)
			rc = abl_task_spec_set(spec, options[i][1], column, NULL, err);
	}
	return rc;
}

/* Files, each by itself, as the task of the command line reads them. */
static int describe_files(const struct abl_args *a, struct abl_err *err)
{
	struct listing l;
	int rc = 0;

	begin(&l, a, false);
	for (int i = 0; i < a->words && !rc; i++) {
		struct abl_task_spec spec;

		l.file = a->word[i];
		rc = abl_layout_begin(&spec, a, err);
		if (rc)
			break;
		rc = set_columns(&spec, a, err);
		rc = rc ? rc : abl_layout_file(&spec, a->word[i], false, err);
		rc = rc ? rc : describe(&l, &spec, err);
		abl_task_spec_finish(&spec);
	}
	end(&l, a, rc);
	return rc;
}

/* Every task of a study, or the one that is named. */
static int describe_study(const struct abl_args *a, const char *path, struct abl_err *err)
{
	const struct abl_study_options options = {.data = abl_args_text(a, "data")};
	const char *task = abl_args_text(a, "task");
	struct abl_study *s = NULL;
	struct listing l;
	size_t one = 0;
	int rc = abl_study_load(&s, path, &options, err);

	if (rc)
		return rc;
	rc = abl_study_need_files(s, err);
	if (!rc && task)
		rc = abl_study_task(s, task, &one, err);
	begin(&l, a, true);
	for (size_t t = 0; t < s->task_count && !rc; t++) {
		l.task = s->tasks[t].spec.name;
		if (!task || t == one)
			rc = describe(&l, &s->tasks[t].spec, err);
	}
	end(&l, a, rc);
	abl_study_destroy(s);
	return rc;
}

bool abl_data_is_task(const struct abl_args *a)
{
	return abl_layout_given(a) || (a->words && abl_is_study_file(a->word[0]));
}

int abl_data_task(const struct abl_args *a, struct abl_err *err)
{
	const char *task = abl_args_text(a, "task"), *study = abl_args_text(a, "study");

	if (a->words && !abl_is_study_file(a->word[0]))
		return describe_files(a, err);
	if (a->words > 1 || (a->words && study))
		return abl_err_set(err, ABL_EINPUT, "one study at a time: '%s' and '%s' are two",
				   a->word[0], study ? study : a->word[1]);
	if (a->words || study)
		return describe_study(a, study ? study : a->word[0], err);
	if (task)
		return describe_known(a, task, err);
	return abl_err_set(err, ABL_EINPUT,
			   "nothing to describe; name the files: ablate data --type %s --text "
			   "COLUMN --label COLUMN FILE",
			   abl_args_text(a, "type"));
}

int abl_data_write(const struct abl_args *a, const char *name, const char *split,
		   struct abl_err *err)
{
	struct abl_task_spec spec;
	struct abl_str out = {0};
	int64_t examples;

	if (strcmp(data_of(a), ABL_WORLD)) {
		abl_err_set(
			err, ABL_EINPUT,
			"--split writes tasks of the built-in world, and '%s' already is in files",
			data_of(a));
		return ABL_EXIT_USAGE;
	}
	if (abl_task_spec_known(&spec, name, ABL_WORLD, err))
		return ABL_EXIT_USAGE;
	examples = abl_args_int(a, "examples",
				!strcmp(split, "train") ? spec.train_examples
				: !strcmp(split, "dev") ? spec.dev_examples
							: spec.test_examples);
	if (examples < 1)
		abl_err_set(err, ABL_EINPUT, "--examples cannot be %lld; give 1 or more",
			    (long long)examples);
	else if (!abl_world_text(spec.name, (uint64_t)spec.world_seed, split, (size_t)examples,
				 &out, err))
		fputs(out.text, stdout);
	abl_task_spec_finish(&spec);
	abl_str_finish(&out);
	return ABL_EXIT_OK;
}
