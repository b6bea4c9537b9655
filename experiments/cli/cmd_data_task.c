/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd_data_task.h"

#include "describe.h"
#include "str.h"
#include "table.h"
#include "task_spec.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_row(void *table, const struct abl_split_row *row)
{
	struct abl_table *t = table;
	char shown[32];

	abl_table_text(t, row->split);
	abl_table_text(t, row->label);
	abl_table_real(t, (double)row->rows, abl_format_count((int64_t)row->rows, shown));
	abl_table_real(t, row->share, abl_format_score(row->share, shown));
	abl_table_real(t, row->groups < 0 ? NAN : (double)row->groups,
		       row->groups < 0 ? "" : abl_format_count(row->groups, shown));
}

static void tell_majority(void *table, const char *split, const char *label, double share)
{
	char shown[32];

	(void)table;
	fprintf(stderr, "majority rate on %s: %s ('%s')\n", split, abl_format_score(share, shown),
		label);
}

static void tell_nothing(void *table, const char *split, const char *label, double share)
{
	(void)table, (void)split, (void)label, (void)share;
}

/* --data, else $ABLATE_DATA, else the built-in world. */
static const char *data_of(const struct abl_args *a)
{
	const char *data = abl_args_text(a, "data");

	if (!data)
		data = getenv("ABLATE_DATA");
	return data && *data ? data : ABL_WORLD;
}

int abl_data_task(const struct abl_args *a, const char *name, struct abl_err *err)
{
	static const char *const columns[] = {"split", "label", "rows", "share", "groups"};
	enum abl_table_format format = abl_table_format(abl_args_text(a, "format"));
	struct abl_task_spec spec = {0};
	struct abl_table *table = abl_table_create();
	const struct abl_describe_hooks hooks = {
		.row = add_row,
		.majority = abl_table_is_for_machines(format) ? tell_nothing : tell_majority,
		.data = table};
	struct abl_str out = {0};

	for (size_t i = 0; i < 5; i++)
		abl_table_column(table, columns[i], i >= 2);
	if (!abl_task_spec_known(&spec, name, data_of(a), err) &&
	    !abl_task_spec_check(&spec, err) && !abl_task_describe(&spec, &hooks, err)) {
		abl_table_render(table, format, &out);
		fputs(out.text, stdout);
	}
	abl_task_spec_finish(&spec);
	abl_table_destroy(table);
	abl_str_finish(&out);
	return ABL_EXIT_OK;
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
	else if (!abl_world_text(name, (uint64_t)spec.world_seed, split, (size_t)examples, &out,
				 err))
		fputs(out.text, stdout);
	abl_task_spec_finish(&spec);
	abl_str_finish(&out);
	return ABL_EXIT_OK;
}
