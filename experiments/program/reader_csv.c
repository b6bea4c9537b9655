/* SPDX-License-Identifier: Apache-2.0 */
/* reader_csv.c - a column of a table with a header: Lightning's metrics.csv, whose cells are blank
 * where a row says nothing about a metric. */
#include "metric_reader.h"

#include "line_search.h"
#include "printed_number.h"
#include "row_table.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct csv_state {
	const struct abl_reading *r;
	char *key;                          /* the column */
	const char *columns[ABL_ROW_CELLS]; /* it, and those of the step */
	size_t count;
	struct abl_row_table *table;
	bool broken;
};

static void end(void *state)
{
	struct csv_state *s = state;

	if (!s)
		return;
	abl_row_table_destroy(s->table);
	free(s->key);
	free(s);
}

/* The step of the row: in the column with the most exact of its names. */
static bool find_step(const struct csv_state *s, const struct abl_cells *cells, int64_t *out)
{
	const struct abl_cell *c = NULL;
	struct abl_printed n;

	for (size_t i = 1; i < s->count && !(c && c->text); i++)
		c = &cells->cell[i];
	return c && c->text && abl_printed_whole(&n, c->text, c->length) &&
	       (s->r->step || n.value == floor(n.value)) && abl_printed_step(&n, out);
}

static void take_row(void *data, const struct abl_cells *cells)
{
	struct csv_state *s = data;
	const struct abl_cell *c = &cells->cell[0];
	struct abl_point p = {0};
	struct abl_printed n;

	p.has_step = find_step(s, cells, &p.step);
	if (p.has_step)
		s->r->rank(s->r->data, p.step);
	if (!c->text || !abl_printed_whole(&n, c->text, c->length))
		return;
	p.value = n.value;
	s->r->point(s->r->data, &p);
}

static void take_column(void *data, const char *name, size_t length)
{
	const struct abl_reading *r = ((struct csv_state *)data)->r;

	r->name(r->data, name, length);
}

/* A column may be in quotes, as a key path may. */
static char *column_name(const char *key)
{
	size_t n = strlen(key);

	if (n > 1 && (*key == '"' || *key == '\'') && key[n - 1] == *key)
		return abl_there(strndup(key + 1, n - 2), "a column");
	return abl_strdup(key);
}

static int begin(void **out, const struct abl_reading *r, struct abl_err *err)
{
	struct csv_state *s = abl_calloc(1, sizeof *s);
	int rc = 0;

	s->r = r;
	s->key = column_name(r->key);
	s->columns[s->count++] = s->key;
	if (r->step)
		s->columns[s->count++] = r->step;
	for (const char *const *step = abl_step_names; !r->step && *step; step++)
		s->columns[s->count++] = *step;
	if (!*s->key)
		rc = abl_err_set(err, ABL_EINPUT, "an empty name of a column");
	if (!rc)
		rc = abl_row_table_create(&s->table,
					  &(struct abl_row_spec){.columns = s->columns,
								 .column_count = s->count,
								 .tabs = r->tabs,
								 .data = s,
								 .row = take_row,
								 .column = take_column},
					  err);
	if (rc || !out)
		end(s);
	else
		*out = s;
	return rc;
}

static void feed(void *state, char *bytes, size_t length, bool last)
{
	struct csv_state *s = state;

	if (s->broken)
		return;
	s->broken = !abl_row_table_feed(s->table, bytes, length, last);
	if (s->broken)
		s->r->problem(s->r->data, "has a row without an end: is a quote missing?");
}

/* ---- content ---- */

static size_t count(const char *line, size_t length, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += line[i] == c;
	return n;
}

/* Two lines of as many columns, and none with a "name: value". */
static bool fits(const char *head, size_t length)
{
	const char *first = memchr(head, '\n', length), *second;
	size_t n = first ? (size_t)(first - head) : 0, rest = length - n - (n > 0), columns;
	char delimiter = abl_row_table_delimiter(head, n);

	if (!n || !rest || memchr(head, '=', n) || memchr(head, ':', n))
		return false;
	second = memchr(first + 1, '\n', rest);
	rest = second ? (size_t)(second - first) - 1 : rest;
	columns = count(head, n, delimiter);
	return columns && count(first + 1, rest, delimiter) == columns;
}

const struct abl_metric_reader abl_reader_csv = {
	.name = "csv",
	.endings = ".csv|.tsv",
	.exact = true,
	.limit = (uint64_t)1 << 30,
	.fits = fits,
	.begin = begin,
	.feed = feed,
	.end = end,
};
