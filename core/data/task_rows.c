/* SPDX-License-Identifier: Apache-2.0 */
#include "task_rows.h"

#include "str.h"

#include <assert.h>
#include <string.h>

struct state {
	struct abl_task_rows *r;
	bool header;
	long at[ABL_ROW_COLUMNS]; /* [count] where each column is; -1: there is none */
	size_t needed;            /* columns a row must have; 0: the first row is still to come */
};

static bool has_header(const struct abl_task_rows *r)
{
	const char *header = r->spec->header ? r->spec->header : "auto";

	if (strcmp(header, "auto"))
		return !strcmp(header, "yes");
	for (size_t i = 0; i < r->count; i++)
		if (r->columns[i].name && !abl_row_column_is_place(r->columns[i].name))
			return true;
	return false;
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
	return c->name ? abl_row_column(first, s->header, c->name) : -1;
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
		abl_str_printf(&have, "it has %zu columns, counted from 0", first->fields);
	}
	abl_err_set(err, ABL_EINPUT, "%s:%zu: no column '%s' (the %s); %s", s->r->path, first->line,
		    column->name, column->what, have.text);
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
	}
	for (size_t i = 0; i < r->count; i++)
		if (r->columns[i].apart && set_apart(s, first, i, err))
			return ABL_EINPUT;
	s->needed = 1;
	for (size_t i = 0; i < r->count; i++)
		if (s->at[i] >= (long)s->needed)
			s->needed = (size_t)s->at[i] + 1;
	return 0;
}

static int too_few(struct state *s, const struct abl_row *row, struct abl_err *err)
{
	if (s->r->spec->broken && !strcmp(s->r->spec->broken, "skip")) {
		s->r->skipped++;
		return 0;
	}
	return abl_err_set(
		err, ABL_EINPUT,
		"%s:%zu: a row with %zu column%s, %zu are needed: repair it, or set `broken: skip`",
		s->r->path, row->line, row->fields, row->fields == 1 ? "" : "s", s->needed);
}

static int take_row(void *data, const struct abl_row *row, struct abl_err *err)
{
	struct state *s = data;
	struct abl_task_rows *r = s->r;
	const char *field[ABL_ROW_COLUMNS];

	if (!s->needed) {
		if (find_columns(s, row, err))
			return ABL_EINPUT;
		if (s->header)
			return 0;
	}
	if (r->limit && r->rows >= r->limit)
		return 0;
	if (row->fields < s->needed)
		return too_few(s, row, err);
	for (size_t i = 0; i < r->count; i++)
		field[i] = s->at[i] < 0 ? NULL : row->field[s->at[i]];
	r->rows++;
	return r->hook(r->data, field, row->line, err);
}

int abl_task_rows_read(struct abl_task_rows *r, struct abl_err *err)
{
	struct state s = {.r = r, .header = has_header(r)};
	const char *format = r->spec->format ? r->spec->format : "tsv";
	int rc;

	assert(r->count <= ABL_ROW_COLUMNS);
	rc = abl_rows_read(r->path, format, take_row, &s, err);
	if (rc)
		return rc;
	if (!s.needed)
		return abl_err_set(err, ABL_EINPUT, "%s: the file is empty", r->path);
	if (!r->rows)
		return abl_err_set(err, ABL_EINPUT, "%s: no examples: %s", r->path,
				   r->skipped ? "every row has too few columns"
					      : "there is only a header");
	return 0;
}
