/* SPDX-License-Identifier: Apache-2.0 */
#include "task_rows.h"

#include "str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct state {
	struct abl_task_rows *r;
	bool header;
	long at[ABL_ROW_COLUMNS]; /* [count] where each column is; -1: there is none */
	size_t needed;            /* columns a row must have; 0: the first row is still to come */
	size_t width;             /* columns of the header, or of the first row */
};

static const char *format_of(const struct abl_task_rows *r)
{
	return abl_task_spec_format(r->spec, r->path);
}

static bool is_json(const struct abl_task_rows *r)
{
	return !strcmp(format_of(r), "jsonl");
}

static bool says(const char *field, const char *value)
{
	return field && !strcmp(field, value);
}

static bool has_header(const struct abl_task_rows *r)
{
	const char *header = r->spec->header ? r->spec->header : "auto";

	if (is_json(r))
		return true;
	if (strcmp(header, "auto"))
		return !strcmp(header, "yes");
	for (size_t i = 0; i < r->count; i++)
		if (r->columns[i].name && !abl_row_column_is_place(r->columns[i].name))
			return true;
	return false;
}

/* Keys have no order, so that a place says nothing. */
static bool has_name(const struct abl_row *first, const char *name)
{
	size_t i = 0;

	while (i < first->fields && strcmp(first->field[i], name) != 0)
		i++;
	return i < first->fields;
}

/* Where the column is, by its name and the first row; -1: nowhere. A header that gives it another
 * name counts as one. */
static long find_column(struct state *s, const struct abl_row *first,
			const struct abl_task_column *c)
{
	long headed = c->headed && !s->header && !abl_row_column_is_place(c->headed)
			      ? abl_row_column(first, true, c->headed)
			      : -1;

	if (headed >= 0) {
		s->header = true;
		return headed;
	}
	if (!c->name || (is_json(s->r) && !has_name(first, c->name)))
		return -1;
	return abl_row_column(first, s->header, c->name);
}

/* Two columns of one name: which one is meant? */
static int check_single(const struct state *s, const struct abl_row *first,
			const struct abl_task_column *column, struct abl_err *err)
{
	size_t same = 0;

	for (size_t i = 0; s->header && column->name && i < first->fields; i++)
		same += !strcmp(first->field[i], column->name);
	return same < 2 ? 0
			: abl_err_set(err, ABL_EINPUT,
				      "%s:%zu: %zu columns have the name '%s' (the %s): rename the "
				      "others, or give the columns by number from 0 and set "
				      "`header: yes`",
				      s->r->path, first->line, same, column->name, column->what);
}

static int missing_column(const struct state *s, const struct abl_row *first,
			  const struct abl_task_column *column, struct abl_err *err)
{
	const char *near = s->header ? abl_row_nearest(first, column->name) : NULL;
	struct abl_str have = {0};

	if (near) {
		abl_str_printf(&have, "did you mean '%s'?", near);
	} else if (s->header) {
		abl_str_puts(&have, "it has");
		for (size_t i = 0; i < first->fields && have.length < 400; i++)
			abl_str_printf(&have, "%s '%s'", i ? "," : "", first->field[i]);
	} else {
		abl_str_printf(&have, "it has %zu column%s, counted from 0", first->fields,
			       abl_plural(first->fields));
	}
	abl_err_set(err, ABL_EINPUT, "%s:%zu: no column '%s' (the %s); %s%s", s->r->path,
		    first->line, column->name, column->what, have.text,
		    first->fields == 1 ? abl_row_other_format(first->field[0]) : "");
	abl_str_finish(&have);
	return ABL_EINPUT;
}

/* In a test file without labels the last column is a text, say. */
static int set_apart(struct state *s, const struct abl_row *first, size_t i, struct abl_err *err)
{
	const struct abl_task_column *c = s->r->columns;

	for (size_t k = 0; k < s->r->count && s->at[i] >= 0; k++) {
		if (k == i || s->at[k] != s->at[i])
			continue;
		if (!c[i].optional)
			return abl_err_set(
				err, ABL_EINPUT,
				"%s:%zu: '%s' is both the %s and the %s: name another column",
				s->r->path, first->line, c[i].name, c[k].what, c[i].what);
		s->at[i] = -1;
	}
	return 0;
}

static int find_columns(struct state *s, const struct abl_row *first, struct abl_err *err)
{
	const struct abl_task_rows *r = s->r;

	for (size_t i = 0; i < r->count; i++) {
		const struct abl_task_column *c = &r->columns[i];

		s->at[i] = find_column(s, first, c);
		if (s->at[i] < 0 && c->name && !c->optional)
			return missing_column(s, first, c, err);
		if (check_single(s, first, c, err))
			return ABL_EINPUT;
	}
	for (size_t i = 0; i < r->count; i++)
		if (r->columns[i].apart && set_apart(s, first, i, err))
			return ABL_EINPUT;
	s->width = abl_row_used(first);
	s->needed = 1;
	for (size_t i = 0; i < r->count; i++)
		if (s->at[i] >= (long)s->needed && !(r->each && r->columns[i].optional))
			s->needed = (size_t)s->at[i] + 1;
	return 0;
}

/* ---- rows that are broken ---- */

static bool skips(const struct abl_task_rows *r)
{
	return !r->each && says(r->spec->broken, "skip");
}

int abl_task_rows_broken(struct abl_task_rows *r, enum abl_left_why why, size_t line,
			 struct abl_err *err, const char *fmt, ...)
{
	char text[sizeof err->text];
	va_list ap;

	if (skips(r)) {
		abl_left_out_add(&r->left_out, why, line);
		return 1;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return abl_err_set(err, ABL_EINPUT, "%s:%zu: %s", r->path, line, text);
}

static int too_short(struct state *s, const struct abl_row *row, struct abl_err *err)
{
	const char *columns = abl_plural(row->fields);
	const char *or_skip =
		s->r->each ? ": a prediction is due for each row" : ", or set `broken: skip`";

	if (row->fields < s->needed)
		return abl_task_rows_broken(s->r, ABL_LEFT_SHORT, row->line, err,
					    "a row with %zu column%s, %zu are needed: repair it%s",
					    row->fields, columns, s->needed, or_skip);
	return abl_task_rows_broken(s->r, ABL_LEFT_SHORT, row->line, err,
				    "a row with %zu column%s, but the first row has %zu: repair "
				    "one of them%s",
				    row->fields, columns, s->width, or_skip);
}

static int too_long(struct state *s, const struct abl_row *row, struct abl_err *err)
{
	if (skips(s->r)) {
		abl_left_out_add(&s->r->left_out, ABL_LEFT_LONG, row->line);
		return 1;
	}
	return abl_row_too_wide(
		row, s->r->path, format_of(s->r), s->header ? "the header" : "the first row",
		s->width,
		s->r->each ? ", or let them pass with `more_columns: pass`"
			   : ", set `broken: skip`, or let them pass with `more_columns: pass`",
		err);
}

/* Has the row other columns than the file? A separator within a field shifts what follows. A header
 * says how many may come, the first row of a file without one how many there are. */
static int check_width(struct state *s, const struct abl_row *row, struct abl_err *err)
{
	if (row->fields < s->needed)
		return too_short(s, row, err);
	if (s->r->spec->more_columns && strcmp(s->r->spec->more_columns, "refuse") != 0)
		return 0;
	if (abl_row_used(row) > s->width)
		return too_long(s, row, err);
	if (!s->header && row->fields < s->width)
		return too_short(s, row, err);
	return 0;
}

/* ---- rows that are read ---- */

static const char *field_at(const struct state *s, const struct abl_row *row, size_t column)
{
	size_t used = abl_row_used(row), at;

	if (s->at[column] < 0)
		return NULL;
	at = (size_t)s->at[column];
	if (at >= row->fields) /* optional */
		return NULL;
	if (at + 1 == s->width && used > s->width && says(s->r->spec->more_columns, "before_last"))
		at = used - 1;
	return row->field[at];
}

/* Of JSON lines: what lacks, and what is no text. */
static int check_values(struct state *s, const char **field, size_t line, struct abl_err *err)
{
	struct abl_task_rows *r = s->r;

	for (size_t i = 0; i < r->count; i++) {
		const struct abl_task_column *c = &r->columns[i];

		if (s->at[i] < 0)
			continue;
		if (field[i] == abl_row_nested)
			return abl_task_rows_broken(r, ABL_LEFT_VALUE, line, err,
						    "'%s' (the %s) is %s; it must be a text or a "
						    "number",
						    c->name, c->what, abl_row_nested);
		if (!field[i] && c->gold)
			field[i] = ""; /* no label, as an empty cell */
		if (!field[i] && !c->optional)
			return abl_task_rows_broken(
				r, ABL_LEFT_SHORT, line, err,
				"no '%s' (the %s): add it, or set `broken: skip`", c->name,
				c->what);
	}
	return 0;
}

/* Takes the label away where it says that there is none. 1: the row is left out. */
static int check_gold(struct state *s, const char **field, size_t line)
{
	struct abl_task_rows *r = s->r;

	for (size_t i = 0; i < r->count; i++) {
		if (!r->columns[i].gold || !field[i])
			continue;
		if (!(*field[i] ? r->spec->no_label && abl_is_one_of(r->spec->no_label, field[i])
				: !r->all && says(r->spec->broken, "skip")))
			continue;
		field[i] = NULL;
		if (r->all)
			continue;
		abl_left_out_add(&r->left_out, ABL_LEFT_NO_LABEL, line);
		return 1;
	}
	return 0;
}

static int take_row(void *data, const struct abl_row *row, struct abl_err *err)
{
	struct state *s = data;
	struct abl_task_rows *r = s->r;
	const char *field[ABL_ROW_COLUMNS];
	int rc;

	if (!s->needed) {
		if (find_columns(s, row, err))
			return ABL_EINPUT;
		if (s->header)
			return 0;
	}
	if (r->limit && r->rows >= r->limit)
		return 0;
	rc = check_width(s, row, err);
	for (size_t i = 0; i < r->count && !rc; i++)
		field[i] = field_at(s, row, i);
	if (!rc)
		rc = check_values(s, field, row->line, err);
	if (!rc)
		rc = check_gold(s, field, row->line);
	if (!rc)
		rc = r->hook(r, field, row->line, err);
	r->rows += !rc;
	return rc < 0 ? rc : 0;
}

size_t abl_task_rows_place(const struct abl_task_rows *r)
{
	return r->rows + abl_left_out_count(&r->left_out);
}

static int no_rows(const struct abl_task_rows *r, struct abl_err *err)
{
	struct abl_str why = {0};

	abl_left_out_text(&r->left_out, &why);
	abl_err_set(err, ABL_EINPUT, "%s: no examples: %s", r->path,
		    why.length ? why.text : "there is only a header");
	abl_str_finish(&why);
	return ABL_EINPUT;
}

int abl_task_rows_read(struct abl_task_rows *r, struct abl_err *err)
{
	struct state s = {.r = r, .header = has_header(r)};
	int rc;

	assert(r->count <= ABL_ROW_COLUMNS);
	rc = abl_rows_read(r->path, format_of(r), take_row, &s, err);
	if (rc)
		return rc;
	if (!s.needed)
		return abl_err_set(err, ABL_EINPUT, "%s: the file is empty", r->path);
	return r->rows ? 0 : no_rows(r, err);
}
