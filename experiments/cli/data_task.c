/* SPDX-License-Identifier: Apache-2.0 */
#include "data_task.h"

#include "examples.h"
#include "str.h"
#include "table.h"
#include "task_spec.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_group(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

static int64_t count_groups(const struct abl_examples *e)
{
	uint64_t *group = abl_calloc(e->count, sizeof *group);
	int64_t n = 0;

	for (size_t i = 0; i < e->count; i++)
		group[i] = e->items[i].group;
	qsort(group, e->count, sizeof *group, by_group);
	for (size_t i = 0; i < e->count; i++)
		n += !i || group[i] != group[i - 1];
	free(group);
	return n;
}

static void add_row(struct abl_table *t, const char *split, const char *label, size_t rows,
		    size_t all, int64_t groups)
{
	double share = all ? (double)rows / (double)all : NAN;
	char shown[32];

	abl_table_text(t, split);
	abl_table_text(t, label);
	abl_table_real(t, (double)rows, abl_format_count((int64_t)rows, shown));
	abl_table_real(t, share, abl_format_score(share, shown));
	abl_table_real(t, groups < 0 ? NAN : (double)groups,
		       groups < 0 ? "" : abl_format_count(groups, shown));
}

/* Rows of the table for a split; returns the share of its most frequent label, its name in *most.
 */
static double add_split(struct abl_table *t, const char *split, const struct abl_examples *e,
			const struct abl_examples *train, const char **most)
{
	size_t *rows = abl_calloc(train->label_count + 1, sizeof *rows), best = 0;
	double share;

	for (size_t i = 0; i < e->count; i++)
		rows[e->items[i].label < 0 ? train->label_count : (size_t)e->items[i].label]++;
	add_row(t, split, "(all)", e->count, e->count, count_groups(e));
	for (size_t k = 0; k < train->label_count; k++) {
		add_row(t, split, train->labels[k], rows[k], e->count, -1);
		best = rows[k] > rows[best] ? k : best;
	}
	if (rows[train->label_count])
		add_row(t, split, "(none)", rows[train->label_count], e->count, -1);
	*most = train->labels[best];
	share = e->count ? (double)rows[best] / (double)e->count : NAN;
	free(rows);
	return share;
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
	static const char *const splits[] = {"train", "dev", "test"};
	enum abl_table_format format = abl_table_format(abl_args_text(a, "format"));
	const char *most = NULL;
	struct abl_table *t = abl_table_create();
	struct abl_task_spec spec = {0};
	struct abl_examples train = {0}, other = {0};
	struct abl_str out = {0};

	if (abl_task_spec_known(&spec, name, data_of(a), err) || abl_task_spec_check(&spec, err) ||
	    abl_examples_load(&spec, "train", NULL, &train, err))
		goto done;
	abl_table_column(t, "split", false);
	abl_table_column(t, "label", false);
	abl_table_column(t, "rows", true);
	abl_table_column(t, "share", true);
	abl_table_column(t, "groups", true);
	for (int i = 0; i < 3; i++) {
		const char *file[] = {spec.train, spec.dev, spec.test};
		const char *split = file[i] ? splits[i] : i == 1 ? "held-back" : NULL;
		double share;
		char shown[32];

		if (!split)
			continue;
		if (i && abl_examples_load(&spec, split, &train, &other, err))
			goto done;
		share = add_split(t, split, i ? &other : &train, &train, &most);
		abl_examples_finish(&other);
		if (i == 1 && !abl_table_is_for_machines(format))
			fprintf(stderr, "majority rate on %s: %s ('%s')\n", split,
				abl_format_score(share, shown), most);
	}
	abl_table_render(t, format, &out);
	fputs(out.text, stdout);
done:
	abl_examples_finish(&other);
	abl_examples_finish(&train);
	abl_task_spec_finish(&spec);
	abl_table_destroy(t);
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
		abl_err_set(err, ABL_EINPUT,
			    "--split writes tasks of the built-in world; those of '%s' are files",
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
