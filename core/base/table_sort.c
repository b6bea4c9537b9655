/* SPDX-License-Identifier: Apache-2.0 */
#include "table_internal.h"

#include "hint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a row is sorted by. */
struct sorted {
	size_t row;
	const char *text;
	double number; /* NaN: it is none */
	bool reverse;
};

static const char *name_at(size_t i, const void *data)
{
	return ((const struct column *)data)[i].name;
}

static int find_column(const struct abl_table *t, const char *name, size_t *at, struct abl_err *err)
{
	struct abl_str all = {0};
	const char *near;
	int rc;

	for (*at = 0; *at < t->width; ++*at)
		if (!strcmp(t->columns[*at].name, name))
			return 0;
	for (*at = 0; *at < t->width; ++*at)
		if (abl_same_word(t->columns[*at].name, name))
			return 0;
	near = abl_hint_nearest(ABL_HINT_KEY, name, t->width, name_at, t->columns);
	abl_hint_names(&all, t->width, name_at, t->columns);
	rc = abl_err_set(err, ABL_EINPUT, "there is no column '%s' to sort by; %s%s%s", name,
			 near ? "did you mean '" : "there are ", near ? near : all.text,
			 near ? "'?" : "");
	abl_str_finish(&all);
	return rc;
}

static bool is_there(const struct sorted *s)
{
	return s->text || !isnan(s->number);
}

static int by_value(const void *x, const void *y)
{
	const struct sorted *a = x, *b = y;
	int order = is_there(b) - is_there(a);

	if (order)
		return order;
	if (is_there(a) && isnan(a->number) != isnan(b->number))
		order = isnan(a->number) ? 1 : -1; /* texts behind numbers */
	else if (is_there(a) && isnan(a->number))
		order = strcoll(a->text, b->text);
	else if (is_there(a))
		order = (a->number < b->number) - (a->number > b->number);
	if (order)
		return a->reverse ? -order : order;
	return a->row < b->row ? -1 : a->row > b->row;
}

int abl_table_sort(struct abl_table *t, const char *column, bool reverse, struct abl_err *err)
{
	const size_t rows = t->count / t->width;
	struct sorted *order;
	struct cell *cells;
	size_t at = 0;
	int rc = find_column(t, column, &at, err);

	if (rc)
		return rc;
	order = abl_calloc(rows + 1, sizeof *order);
	cells = abl_calloc(t->count + 1, sizeof *cells);
	for (size_t i = 0; i < rows; i++) {
		const struct cell *c = &t->cells[i * t->width + at];

		order[i] = (struct sorted){.row = i, .number = NAN, .reverse = reverse};
		if (!c->is_number)
			order[i].text = c->shown;
		else if (c->exact && !abl_parse_real(c->exact, &order[i].number))
			order[i].number = NAN;
		else if (!c->exact && c->shown) /* no word for it in JSON: infinite */
			order[i].number = *c->shown == '-' ? -INFINITY : INFINITY;
	}
	qsort(order, rows, sizeof *order, by_value);
	for (size_t i = 0; i < rows; i++)
		memcpy(cells + i * t->width, t->cells + order[i].row * t->width,
		       t->width * sizeof *cells);
	memcpy(t->cells, cells, t->count * sizeof *cells);
	free(order);
	free(cells);
	return 0;
}

void abl_table_top(struct abl_table *t, size_t rows)
{
	size_t kept = t->width ? t->count / t->width : 0;

	kept = (rows < kept ? rows : kept) * t->width;
	for (size_t i = kept; i < t->count; i++) {
		free(t->cells[i].shown);
		free(t->cells[i].exact);
	}
	t->count = kept;
}

void abl_table_only(struct abl_table *t, const char *column, const char *text)
{
	size_t at = 0, kept = 0;

	while (at < t->width && strcmp(t->columns[at].name, column) != 0)
		at++;
	for (size_t i = 0; at < t->width && i < t->count; i += t->width) {
		const char *of = t->cells[i + at].shown;
		const bool stays = of && !strcmp(of, text);

		for (size_t k = 0; k < t->width; k++) {
			struct cell *c = &t->cells[i + k];

			if (stays)
				t->cells[kept++] = *c;
			else
				free(c->shown), free(c->exact);
		}
	}
	if (at < t->width)
		t->count = kept;
}
