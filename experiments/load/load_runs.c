/* SPDX-License-Identifier: Apache-2.0 */
#include "load_runs.h"

#include "load_state.h"
#include "size_names.h"
#include "study_name.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LABEL_BYTES 200

/* A number that a run is measured by, and an option of the model or of its training. */
static bool is_size(const struct abl_load_runs *r, size_t column)
{
	return r->columns->column[column].number &&
	       abl_size_of_name(r->table->column[column]) != ABL_SIZES;
}

bool abl_load_is_metric(const struct abl_load_runs *r, size_t column)
{
	const struct abl_load_column *c = &r->columns->column[column];

	return c->role == ABL_LOAD_METRIC || column == r->columns->metric || is_size(r, column);
}

bool abl_load_is_option(const struct abl_load_runs *r, size_t column)
{
	const struct abl_load_column *c = &r->columns->column[column];

	return !c->loose &&
	       (c->role == ABL_LOAD_OPTION || (is_size(r, column) && column != r->columns->metric));
}

void abl_load_run_name(const struct abl_load_runs *r, const struct abl_load_run *run,
		       struct abl_str *out)
{
	abl_str_printf(out, "'%.80s' on '%.80s', seed %lld", r->variant.name[run->variant],
		       r->task.name[run->task], (long long)run->seed);
}

/* ---- one row ---- */

static int refuse(const struct abl_load_runs *r, size_t row, enum abl_load_role role,
		  const char *what, struct abl_err *err)
{
	const size_t column = r->columns->named[role];
	struct abl_str place = {0};
	int rc;

	abl_load_place(r->table, row, column, &place);
	rc = abl_err_set(err, ABL_EINPUT, "%s: %s %s", place.text, r->table->column[column], what);
	abl_str_finish(&place);
	return rc;
}

/* A variant's or a task's. */
static int take_name(struct abl_load_runs *r, size_t row, enum abl_load_role role,
		     struct abl_load_names *names, size_t *out, struct abl_err *err)
{
	const char *text = abl_load_text(r->table, row, r->columns->named[role]);

	if (!text)
		return refuse(r, row, role, "is empty", err);
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return refuse(r, row, role, "has a control character or a line end in it",
				      err);
	if (strlen(text) > LABEL_BYTES)
		return refuse(r, row, role, "is longer than a name can be: 200 bytes", err);
	*out = abl_load_names_find(names, text);
	if (*out == SIZE_MAX)
		*out = abl_load_names_add(names, abl_nfc(text));
	return 0;
}

/* pandas writes whole numbers as 42.0 where a column has gaps. */
static int take_seed(struct abl_load_runs *r, size_t row, int64_t *out, struct abl_err *err)
{
	const char *text = abl_load_text(r->table, row, r->columns->named[ABL_LOAD_SEED]);
	struct abl_str what = {0};
	double real;
	int rc;

	if (!text)
		return refuse(r, row, ABL_LOAD_SEED, "is empty: runs are paired by it", err);
	if (!abl_parse_int(text, out)) {
		if (!abl_parse_real(text, &real) || real != trunc(real) || fabs(real) > 1e15)
			real = -1;
		*out = (int64_t)real;
	}
	if (*out >= 0 && *out <= ABL_CROSSED_SEED)
		return 0;
	abl_str_printf(&what,
		       "is '%.40s': it must be a whole number from 0 to %d; seeds only say which "
		       "runs belong together, so any numbers will do",
		       text, ABL_CROSSED_SEED);
	rc = refuse(r, row, ABL_LOAD_SEED, what.text, err);
	abl_str_finish(&what);
	return rc;
}

static int take_state(struct abl_load_runs *r, struct abl_load_run *run, struct abl_err *err)
{
	const size_t column = r->columns->named[ABL_LOAD_STATE];
	const char *text =
		column == ABL_LOAD_NO_COLUMN ? NULL : abl_load_text(r->table, run->row, column);
	struct abl_str what = {0};
	int rc = 0;

	run->state = ABL_DONE;
	if (!text || abl_load_state(text, &run->state, &run->cause))
		return 0;
	abl_str_printf(&what, "is '%.40s', which is none of ", text);
	abl_load_states(&what);
	rc = refuse(r, run->row, ABL_LOAD_STATE, what.text, err);
	abl_str_finish(&what);
	return rc;
}

static int take_row(struct abl_load_runs *r, size_t row, struct abl_err *err)
{
	struct abl_load_run *run = &r->run[row];
	int rc;

	run->row = row;
	rc = take_name(r, row, ABL_LOAD_VARIANT, &r->variant, &run->variant, err);
	rc = rc ? rc : take_name(r, row, ABL_LOAD_TASK, &r->task, &run->task, err);
	rc = rc ? rc : take_seed(r, row, &run->seed, err);
	return rc ? rc : take_state(r, run, err);
}

/* ---- main metrics, and what they say of a run ---- */

/* The one asked for; else, task by task, the first that has a value there. */
static void find_metrics(struct abl_load_runs *r)
{
	const struct abl_load_columns *c = r->columns;
	double value;

	r->metric = abl_calloc(r->task.count + 1, sizeof *r->metric);
	for (size_t t = 0; t < r->task.count; t++)
		r->metric[t] = ABL_LOAD_NO_COLUMN;
	for (size_t i = 0; i < r->count; i++) {
		size_t *of = &r->metric[r->run[i].task];
		const size_t before = *of == ABL_LOAD_NO_COLUMN ? r->table->columns : *of;

		for (size_t k = c->first; c->metric == ABL_LOAD_NO_COLUMN && k < before; k++)
			if (c->column[k].role == ABL_LOAD_METRIC &&
			    abl_size_of_name(r->table->column[k]) == ABL_SIZES &&
			    abl_load_number(r->table, r->run[i].row, k, &value)) {
				*of = k;
				break;
			}
	}
	for (size_t t = 0; t < r->task.count; t++)
		if (r->metric[t] == ABL_LOAD_NO_COLUMN)
			r->metric[t] = c->metric == ABL_LOAD_NO_COLUMN ? c->first : c->metric;
}

/* A run that says that it is done needs a number: without one nobody knows what became of it, and
 * one that is not finite has diverged, as in studies of programs. */
static void judge(const struct abl_load_runs *r, struct abl_load_run *run)
{
	const size_t metric = r->metric[run->task], reason = r->columns->named[ABL_LOAD_REASON];
	struct abl_str text = {0};
	double value;

	if (run->state == ABL_DONE && !abl_load_number(r->table, run->row, metric, &value)) {
		run->state = ABL_FAILED, run->cause = ABL_CAUSE_LOST;
		abl_str_printf(&text, "its row has no %s", r->table->column[metric]);
	} else if (run->state == ABL_DONE && !isfinite(value)) {
		run->state = ABL_FAILED, run->cause = ABL_CAUSE_DIVERGED;
		abl_str_printf(&text, "diverged: %s is no finite number", r->table->column[metric]);
	}
	if (run->state != ABL_DONE && reason != ABL_LOAD_NO_COLUMN)
		run->reason = abl_load_text(r->table, run->row, reason);
	if (!run->reason && text.length)
		run->reason = abl_intern(text.text);
	if (!run->reason && run->state != ABL_DONE && run->state != ABL_WAITING)
		run->reason = abl_intern(
			abl_load_text(r->table, run->row, r->columns->named[ABL_LOAD_STATE]));
	abl_str_finish(&text);
}

/* ---- each run once ---- */

static int by_place(const void *a, const void *b)
{
	const struct abl_load_run *x = a, *y = b;

	if (x->variant != y->variant)
		return x->variant < y->variant ? -1 : 1;
	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	if (x->seed != y->seed)
		return x->seed < y->seed ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static bool is_other(const struct abl_load_runs *r, size_t column, size_t row, size_t other)
{
	const char *a = abl_load_text(r->table, row, column),
		   *b = abl_load_text(r->table, other, column);
	double x, y;

	if (!a || !b)
		return a != b;
	if (abl_load_is_metric(r, column) && abl_load_number(r->table, row, column, &x) &&
	    abl_load_number(r->table, other, column, &y))
		return x != y && !(isnan(x) && isnan(y));
	return strcmp(a, b) != 0;
}

/* 0: both rows say the same of their run. */
static int compare_rows(const struct abl_load_runs *r, const struct abl_load_run *run,
			const struct abl_load_run *first, struct abl_err *err)
{
	const struct abl_load_columns *c = r->columns;
	struct abl_str text = {0};
	int rc = 0;

	for (size_t i = 0; i < r->table->columns && !rc; i++) {
		const char *a, *b;

		if ((!abl_load_is_metric(r, i) && i != c->named[ABL_LOAD_STATE]) ||
		    !is_other(r, i, run->row, first->row))
			continue;
		a = abl_load_text(r->table, run->row, i);
		b = abl_load_text(r->table, first->row, i);
		abl_load_place(r->table, run->row, i, &text);
		abl_str_puts(&text, ": ");
		abl_load_run_name(r, run, &text);
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: %s is '%.40s' here and '%.40s' in line %zu: a run has one "
				 "row; if these are two runs, their seeds differ",
				 text.text, r->table->column[i], a ? a : "", b ? b : "",
				 r->table->row[first->row].line);
	}
	abl_str_finish(&text);
	return rc;
}

static int drop_repeated(struct abl_load_runs *r, struct abl_err *err)
{
	size_t kept = 0;
	int rc = 0;

	qsort(r->run, r->count, sizeof *r->run, by_place);
	for (size_t i = 0; i < r->count && !rc; i++) {
		const struct abl_load_run *last = kept ? &r->run[kept - 1] : NULL,
					  *run = &r->run[i];

		if (last && last->variant == run->variant && last->task == run->task &&
		    last->seed == run->seed)
			rc = compare_rows(r, run, last, err);
		else
			r->run[kept++] = *run;
	}
	r->repeated = r->count - kept;
	r->count = kept;
	return rc;
}

/* "all" is the mean over tasks in exports. */
static int check_tasks(const struct abl_load_runs *r, struct abl_err *err)
{
	const size_t all = abl_load_names_find(&r->task, "all");

	for (size_t i = 0; r->task.count > 1 && all != SIZE_MAX && i < r->count; i++)
		if (r->run[i].task == all)
			return refuse(r, r->run[i].row, ABL_LOAD_TASK,
				      "is 'all', which stands for the mean over tasks: leave such "
				      "rows out, or give the task another name",
				      err);
	return 0;
}

int abl_load_runs_make(struct abl_load_runs *out, const struct abl_load_table *t,
		       const struct abl_load_columns *columns, struct abl_err *err)
{
	int rc = 0;

	*out = (struct abl_load_runs){.table = t,
				      .columns = columns,
				      .run = abl_calloc(t->rows + 1, sizeof *out->run),
				      .count = t->rows};
	for (size_t i = 0; i < t->rows && !rc; i++)
		rc = take_row(out, i, err);
	rc = rc ? rc : check_tasks(out, err);
	if (rc)
		return rc;
	find_metrics(out);
	for (size_t i = 0; i < out->count; i++)
		judge(out, &out->run[i]);
	return drop_repeated(out, err);
}

void abl_load_runs_finish(struct abl_load_runs *r)
{
	abl_load_names_finish(&r->variant);
	abl_load_names_finish(&r->task);
	free(r->run), free(r->metric);
	*r = (struct abl_load_runs){0};
}
