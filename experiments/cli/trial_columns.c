/* SPDX-License-Identifier: Apache-2.0 */
#include "trial_columns.h"

#include "advice.h"
#include "hint.h"
#include "listings.h"
#include "print.h"
#include "terminal.h"
#include "trials.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH 80 /* columns, where there is no terminal */
#define GAP 2
/* Columns for a long text, which is cut in its middle. */
#define TEXT 24
#define NARROW_TEXT 12 /* in a window of less than NARROW */
#define NARROW 60

struct column {
	const char *name; /* interned */
	size_t width;
	struct abl_str first; /* its text in the first row */
	bool varies, shown;
	bool needed; /* for which rows there are, or their order */
};

struct columns {
	struct column *at;
	size_t count;
	size_t rows;
	size_t *order; /* of those shown */
	size_t shown;
	struct abl_listener to;
	struct abl_cell *cells;
};

/* ---- what there is ---- */

static void note_head(void *data, const struct abl_cell *cells, size_t count)
{
	struct columns *c = data;

	c->at = abl_calloc(count, sizeof *c->at);
	c->order = abl_calloc(count, sizeof *c->order);
	c->cells = abl_calloc(count, sizeof *c->cells);
	c->count = count;
	for (size_t i = 0; i < count; i++) {
		c->at[i].name = abl_intern(cells[i].name);
		c->at[i].width = abl_utf8_cells(cells[i].name);
	}
}

static void note_row(void *data, const struct abl_cell *cells, size_t count)
{
	struct columns *c = data;
	char number[32];

	for (size_t i = 0; i < count; i++) {
		const char *text = cells[i].type == ABL_CELL_REAL
					   ? abl_format_number(cells[i].r, number)
				   : cells[i].text ? cells[i].text
						   : "";
		struct column *column = &c->at[i];

		if (abl_utf8_cells(text) > column->width)
			column->width = abl_utf8_cells(text);
		if (!c->rows)
			abl_str_puts(&column->first, text);
		else if (strcmp(column->first.text, text) != 0)
			column->varies = true;
	}
	c->rows++;
}

static void finish(struct columns *c)
{
	for (size_t i = 0; i < c->count; i++)
		abl_str_finish(&c->at[i].first);
	free(c->at), free(c->order), free(c->cells);
}

/* ---- which are shown ---- */

static const char *name_at(size_t i, const void *data)
{
	return ((const struct columns *)data)->at[i].name;
}

static void show(struct columns *c, size_t i)
{
	if (!c->at[i].shown)
		c->order[c->shown++] = i;
	c->at[i].shown = true;
}

static int find_named(const struct columns *c, const char *name, size_t *at, struct abl_err *err)
{
	const char *near;

	for (*at = 0; *at < c->count; ++*at)
		if (!strcmp(c->at[*at].name, name))
			return 0;
	near = abl_hint_nearest(ABL_HINT_KEY, name, c->count, name_at, c);
	return abl_err_set(err, ABL_EINPUT,
			   "no column '%s'%s%s%s; 'ablate query --schema' lists those of the "
			   "view 'trials'",
			   name, near ? "; did you mean '" : "", near ? near : "",
			   near ? "'?" : "");
}

static int show_named(struct columns *c, const char *name, size_t length, struct abl_err *err)
{
	struct abl_str word = {0};
	size_t at;
	int rc;

	abl_str_add(&word, name, length);
	rc = find_named(c, word.text, &at, err);
	if (!rc)
		show(c, at);
	abl_str_finish(&word);
	return rc;
}

static int need(struct columns *c, const struct abl_row_order *order, struct abl_err *err)
{
	const char *const names[] = {order->task ? "task" : NULL, order->column};
	size_t at;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!names[i])
			continue;
		if (find_named(c, names[i], &at, err))
			return ABL_EINPUT;
		c->at[at].needed = true;
	}
	return 0;
}

static int show_list(struct columns *c, const char *list, struct abl_err *err)
{
	int rc = 0;

	for (const char *p = list; !rc && *p;) {
		size_t n;

		p += strspn(p, ", ");
		n = strcspn(p, ",");
		while (n && p[n - 1] == ' ')
			n--;
		rc = n ? show_named(c, p, n, err) : 0;
		p += strcspn(p, ",");
	}
	if (!rc && !c->shown)
		rc = abl_err_set(err, ABL_EINPUT, "--columns names no column");
	for (size_t i = 0; !rc && i < c->count; i++)
		if (c->at[i].needed)
			show(c, i);
	return rc;
}

struct main_metrics {
	struct abl_str names; /* joined by '|' */
	bool tests;           /* of the test file */
};

static void add_metric(void *data, const struct abl_read_task *task)
{
	struct main_metrics *m = data;

	abl_str_printf(&m->names, "|%s%s",
		       m->tests && (!task->split || strcmp(task->split, "test") != 0) ? "test_"
										      : "",
		       task->metric);
}

static int main_metrics(struct abl_store *store, int64_t study, struct main_metrics *out,
			struct abl_err *err)
{
	char **tasks = NULL;
	int rc = abl_read_tasks(&tasks, store, study, err);

	for (size_t i = 0; !rc && tasks[i]; i++) {
		rc = abl_read_task(store, study, tasks[i], add_metric, out, err);
		rc = rc < 0 ? rc : 0;
	}
	abl_names_destroy(tasks);
	return rc;
}

/* How much a reader wants to see it: 0 comes first, 9 not at all. */
static int rank(const struct column *column, const char *metrics, bool behind_reason)
{
	if (column->needed || abl_is_one_of("trial|variant|task|seed", column->name))
		return 0;
	if (!strcmp(column->name, "seconds"))
		return 4;
	if (abl_is_one_of("study|pretrain_seed|finetune_seed",
			  column->name)) /* or said by another */
		return 9;
	if (abl_is_one_of(metrics, column->name))
		return 1;
	if (!strcmp(column->name, "state"))
		return column->varies ? 1 : 4;
	if (!column->varies)
		return 5;
	return behind_reason ? 3 : 2;
}

/* Those of the lowest rank first, as long as they fit; shown in the order of the view. Returns the
 * columns that there are. */
static size_t show_fitting(struct columns *c, const char *metrics)
{
	const size_t window = abl_terminal_columns(), room = window ? window : WIDTH;
	const size_t text = room < NARROW ? NARROW_TEXT : TEXT;
	size_t used = 0;

	for (int wanted = 0; wanted < 9; wanted++) {
		bool behind = false;

		for (size_t i = 0; i < c->count; i++) {
			const size_t width = c->at[i].width < text ? c->at[i].width : text;
			const size_t need = width + (used ? GAP : 0);

			behind |= !strcmp(c->at[i].name, "examples");
			if (rank(&c->at[i], metrics, behind) != wanted || used + need > room)
				continue;
			c->at[i].shown = true;
			used += need;
		}
	}
	for (size_t i = 0; i < c->count; i++) /* what commands name it by comes first */
		if (c->at[i].shown && !strcmp(c->at[i].name, "trial"))
			c->order[c->shown++] = i;
	for (size_t i = 0; i < c->count; i++)
		if (c->at[i].shown && strcmp(c->at[i].name, "trial") != 0)
			c->order[c->shown++] = i;
	return room;
}

/* ---- showing them ---- */

static const struct abl_cell *chosen(struct columns *c, const struct abl_cell *cells)
{
	for (size_t i = 0; i < c->shown; i++)
		c->cells[i] = cells[c->order[i]];
	return c->cells;
}

static void pass_head(void *data, const struct abl_cell *cells, size_t count)
{
	struct columns *c = data;

	(void)count;
	c->to.head(c->to.data, chosen(c, cells), c->shown);
}

static void pass_row(void *data, const struct abl_cell *cells, size_t count)
{
	struct columns *c = data;

	(void)count;
	c->to.row(c->to.data, chosen(c, cells), c->shown);
}

int abl_print_trials(struct abl_store *store, int64_t study, enum abl_table_format format,
		     const char *list, const struct abl_row_order *order, bool tests,
		     struct abl_err *err)
{
	struct columns c = {0};
	struct abl_printed out = {.format = format};
	const struct abl_listener note = {.data = &c, .head = note_head, .row = note_row},
				  pass = {.data = &c, .head = pass_head, .row = pass_row};
	struct main_metrics metrics = {.tests = tests};
	int rc = abl_read_trials(store, study, &note, err);

	c.to = abl_print_rows(&out);
	rc = rc ? rc : main_metrics(store, study, &metrics, err);
	if (!rc)
		rc = need(&c, order, err);
	if (!rc && list)
		rc = show_list(&c, list, err);
	else if (!rc && format == ABL_TABLE_PLAIN)
		out.room = show_fitting(&c, metrics.names.text ? metrics.names.text : "");
	else
		for (size_t i = 0; !rc && i < c.count; i++)
			show(&c, i);
	if (!rc) {
		rc = abl_read_trials(store, study, &pass, err);
		rc = rc ? rc : abl_row_order_apply(order, out.table, err);
		rc = abl_print_end(&out, rc);
	}
	if (!rc && !list && c.shown < c.count)
		abl_advice_print(stdout,
				 "%zu more column%s: --columns NAME,NAME... or --format csv; "
				 "'ablate query --schema' lists them\n",
				 c.count - c.shown, abl_plural(c.count - c.shown));
	abl_str_finish(&metrics.names);
	finish(&c);
	return rc;
}
