/* SPDX-License-Identifier: Apache-2.0 */
#include "row_order.h"

#include "run_values.h"
#include "trials.h"

#include <string.h>

/* What a sorted column is to the study's tasks. */
struct goal {
	const char *column;
	bool all_lower, is_metric;
};

static void take_goal(void *data, const struct abl_read_task *t)
{
	struct goal *g = data;

	g->all_lower &= t->lower_is_better;
	g->is_metric |= !strcmp(g->column, t->metric);
}

/* Columns of the main metric in tables that do not call it by its name. */
static const char summaries[] = "mean|min|max|low|high|expected|unbiased";

static int look_for_goal(struct abl_row_order *o, struct abl_store *store, int64_t study,
			 struct abl_err *err)
{
	struct goal goal = {.column = o->column, .all_lower = true};
	char **tasks;
	int rc = abl_read_tasks(&tasks, store, study, err);

	if (rc)
		return rc;
	for (size_t i = 0; rc >= 0 && tasks[i]; i++)
		rc = abl_read_task(store, study, tasks[i], take_goal, &goal, err);
	if (tasks[0] && goal.all_lower && (goal.is_metric || abl_is_one_of(summaries, o->column)))
		o->reverse = !o->reverse;
	abl_names_destroy(tasks);
	return rc < 0 ? rc : 0;
}

static void take_name(void *data, const struct abl_read_task *t)
{
	*(const char **)data = abl_intern(t->name);
}

int abl_row_order_given(struct abl_row_order *out, const struct abl_args *args,
			struct abl_store *store, int64_t study, struct abl_err *err)
{
	const char *column = abl_args_text(args, "sort"), *task = abl_args_text(args, "task");
	int rc = 0;

	*out = (struct abl_row_order){.top = abl_args_int(args, "top", 0)};
	if (abl_args_text(args, "top") && out->top < 1)
		return abl_err_set(err, ABL_EINPUT, "--top must be 1 or more, not %lld",
				   (long long)out->top);
	if (column) {
		out->reverse = *column == '-';
		out->column = column + out->reverse;
		rc = look_for_goal(out, store, study, err);
	}
	if (!rc && task) {
		rc = abl_read_task(store, study, task, take_name, &out->task, err);
		if (!rc)
			return abl_no_task(store, study, task, err);
		rc = rc < 0 ? rc : 0;
	}
	return rc;
}

int abl_row_order_apply(const struct abl_row_order *order, struct abl_table *t, struct abl_err *err)
{
	int rc = 0;

	if (order->task)
		abl_table_only(t, "task", order->task);
	if (order->column)
		rc = abl_table_sort(t, order->column, order->reverse, err);
	if (!rc && order->top)
		abl_table_top(t, (size_t)order->top);
	return rc;
}
