/* SPDX-License-Identifier: Apache-2.0 */
#include "load_options.h"

#include <string.h>
#include <strings.h>

/* Runs are sorted: the end of those of the same variant and task. */
static size_t block_end(const struct abl_load_runs *r, size_t begin, size_t end)
{
	size_t i = begin;

	while (i < end && r->run[i].variant == r->run[begin].variant &&
	       r->run[i].task == r->run[begin].task)
		i++;
	return i;
}

/* The first run of [begin, end) that has a value; `end`: none. */
static size_t first_value(const struct abl_load_runs *r, size_t begin, size_t end, size_t column)
{
	while (begin < end && !abl_load_text(r->table, r->run[begin].row, column))
		begin++;
	return begin;
}

static int refuse_two(const struct abl_load_runs *r, size_t column, size_t i, size_t first,
		      struct abl_err *err)
{
	const size_t row = r->run[i].row, its = r->run[first].row;
	struct abl_str place = {0};
	int rc;

	abl_load_place(r->table, row, column, &place);
	abl_str_puts(&place, ": ");
	abl_load_run_name(r, &r->run[i], &place);
	rc = abl_err_set(err, ABL_EINPUT,
			 "%s: %s is '%.40s' here and '%.40s' in line %zu: an option has one value "
			 "in all runs of a variant on a task; name the variants by it",
			 place.text, r->table->column[column], abl_load_text(r->table, row, column),
			 abl_load_text(r->table, its, column), r->table->row[its].line);
	abl_str_finish(&place);
	return rc;
}

/* The run that differs from an earlier one of its variant on its task; the count: none does. */
static size_t find_two(const struct abl_load_runs *r, size_t column, size_t *first)
{
	for (size_t begin = 0, end; begin < r->count; begin = end) {
		const char *text;

		end = block_end(r, begin, r->count);
		*first = first_value(r, begin, end, column);
		if (*first == end)
			continue;
		text = abl_load_text(r->table, r->run[*first].row, column);
		for (size_t i = *first + 1; i < end; i++) {
			const char *other = abl_load_text(r->table, r->run[i].row, column);

			if (other && strcmp(text, other) != 0)
				return i;
		}
	}
	return r->count;
}

int abl_load_check_options(struct abl_load *l, struct abl_err *err)
{
	const struct abl_load_runs *r = &l->runs;

	for (size_t c = 0; c < l->table.columns; c++) {
		struct abl_load_column *column = &l->columns.column[c];
		size_t first = 0, i;

		if (!abl_load_is_option(r, c))
			continue;
		i = find_two(r, c, &first);
		if (i == r->count)
			continue;
		if (column->asked)
			return refuse_two(r, c, i, first, err);
		column->loose = true;
		if (column->role == ABL_LOAD_OPTION)
			abl_str_printf(&l->left_out, "%s%.60s", l->left_out.length ? ", " : "",
				       l->table.column[c]);
	}
	return 0;
}

static void value_of(const struct abl_load *l, size_t row, size_t column, struct abl_value *out)
{
	const struct abl_load_column *c = &l->columns.column[column];
	double number = 0;

	*out = (struct abl_value){.type = ABL_TEXT,
				  .choice = abl_intern(abl_load_text(&l->table, row, column))};
	if (!c->number || !abl_load_number(&l->table, row, column, &number))
		return;
	out->type = ABL_REAL, out->r = number;
	if (c->whole && abl_parse_int(abl_load_text(&l->table, row, column), &out->i))
		out->type = ABL_INT;
}

/* What the baseline has otherwise is what the variant is about. */
static int put_change(const struct abl_load *l, struct abl_store *store, int64_t id, size_t column,
		      const struct abl_value *value, struct abl_err *err)
{
	const struct abl_load_runs *r = &l->runs;
	const size_t base = abl_load_names_find(&r->variant, l->baseline);
	struct abl_value its;

	if (l->columns.column[column].role != ABL_LOAD_OPTION || base == SIZE_MAX)
		return 0;
	for (size_t i = 0; i < r->count; i++) {
		if (r->run[i].variant != base || !abl_load_text(r->table, r->run[i].row, column))
			continue;
		value_of(l, r->run[i].row, column, &its);
		return abl_value_equal(value, &its)
			       ? 0
			       : abl_store_put_change(store, id, l->table.column[column], value,
						      err);
	}
	return 0;
}

/* One value for all tasks of [begin, end), or a value for each. */
static int put_option(const struct abl_load *l, struct abl_store *store, size_t begin, size_t end,
		      int64_t id, size_t column, struct abl_err *err)
{
	const struct abl_load_runs *r = &l->runs;
	const char *name = l->table.column[column];
	const size_t first = first_value(r, begin, end, column);
	struct abl_value value, other;
	bool same = true;
	int rc = 0;

	if (first == end)
		return 0;
	value_of(l, r->run[first].row, column, &value);
	for (size_t i = first; i < end && same; i++)
		if (abl_load_text(r->table, r->run[i].row, column)) {
			value_of(l, r->run[i].row, column, &other);
			same = abl_value_equal(&value, &other);
		}
	if (same) {
		rc = abl_store_put_option(store, id, NULL, name, &value, err);
		return rc ? rc : put_change(l, store, id, column, &value, err);
	}
	for (size_t at = begin, to; at < end && !rc; at = to) {
		size_t i;

		to = block_end(r, at, end);
		i = first_value(r, at, to, column);
		if (i == to)
			continue;
		value_of(l, r->run[i].row, column, &value);
		rc = abl_store_put_option(store, id, r->task.name[r->run[at].task], name, &value,
					  err);
	}
	return rc;
}

int abl_load_put_options(const struct abl_load *l, struct abl_store *store, size_t begin,
			 size_t end, int64_t id, struct abl_err *err)
{
	int rc = 0;

	for (size_t c = 0; c < l->table.columns && !rc; c++)
		if (abl_load_is_option(&l->runs, c))
			rc = put_option(l, store, begin, end, id, c, err);
	return rc;
}
