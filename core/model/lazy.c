/* SPDX-License-Identifier: Apache-2.0 */
#include "lazy.h"

#include "str.h"

#include <stdlib.h>
#include <string.h>

void lazy_init(struct lazy *l, const struct abl_kernels *kernels, const struct abl_params *params,
	       size_t item)
{
	const struct abl_param *table = &params->items[item];

	*l = (struct lazy){
		.kernels = kernels,
		.params = params,
		.item = item,
		.marked = abl_calloc(table->rows / 64 + 1, sizeof *l->marked),
		.done = abl_calloc(table->rows, sizeof *l->done),
		.zeros = abl_calloc(table->cols, sizeof *l->zeros),
	};
	/* the most there can be, so that no step allocates; pages that are not used cost nothing */
	abl_grow(&l->spans, &l->span_capacity, table->rows + 2, sizeof *l->spans);
}

void lazy_finish(struct lazy *l)
{
	if (!l)
		return;
	free(l->marked), free(l->done), free(l->zeros), free(l->spans);
	*l = (struct lazy){0};
}

bool lazy_is(const struct lazy *l, size_t item)
{
	return l->params && l->item == item;
}

void lazy_mark(struct lazy *l, size_t row)
{
	if (l->params)
		l->marked[row / 64] |= (uint64_t)1 << row % 64;
}

void lazy_unmark(struct lazy *l)
{
	if (l->params)
		memset(l->marked, 0, (l->params->items[l->item].rows / 64 + 1) * sizeof *l->marked);
}

/* The first marked row from `row` on; the number of rows when there is none. */
static size_t next_marked(const struct lazy *l, size_t row)
{
	size_t rows = l->params->items[l->item].rows;

	while (row < rows) {
		uint64_t rest = l->marked[row / 64] >> row % 64;

		if (rest & 1)
			return row;
		row = rest ? row + (size_t)__builtin_ctzll(rest) : (row / 64 + 1) * 64;
	}
	return rows;
}

static struct abl_update row_update(const struct lazy *l, size_t row)
{
	const struct abl_params *p = l->params;
	size_t n = p->items[l->item].cols, at = p->items[l->item].offset + row * n;

	return (struct abl_update){.w = p->w + at,
				   .g = p->g + at,
				   .m = p->m ? p->m + at : NULL,
				   .v = p->v ? p->v + at : NULL,
				   .n = n};
}

/* Bits, because -0 becomes 0 in an update. */
static bool all_zero(const real *x, size_t n)
{
	static const real zeros[64];
	const size_t most = sizeof zeros / sizeof *zeros;

	for (size_t i = 0; x && i < n; i += most)
		if (memcmp(x + i, zeros, (n - i < most ? n - i : most) * sizeof *x))
			return false;
	return true;
}

/* A row that never had a gradient only decays. */
static void decay(const struct lazy *l, int64_t from, const struct abl_update *u)
{
	real keep[LAZY_STEPS];
	size_t n = 0;

	for (int64_t step = from; step < l->steps; step++)
		if (l->past[step % LAZY_STEPS].keep != 1)
			keep[n++] = l->past[step % LAZY_STEPS].keep;
	l->kernels->scale_by(u->w, u->n, keep, n);
}

void lazy_settle(struct lazy *l, size_t row)
{
	struct abl_update u;

	if (!l->params || l->done[row] == l->steps)
		return;
	u = row_update(l, row);
	u.g = l->zeros;
	if (all_zero(u.m, u.n) && all_zero(u.v, u.n))
		decay(l, l->done[row], &u);
	else
		for (int64_t step = l->done[row]; step < l->steps; step++)
			l->optimizer->update(l->kernels, &l->past[step % LAZY_STEPS], &u);
	l->done[row] = l->steps;
}

void lazy_settle_all(struct lazy *l)
{
	for (size_t row = 0; l->params && row < l->params->items[l->item].rows; row++)
		lazy_settle(l, row);
}

/* The slice whose turn it is: LAZY_STEPS slices are the table. */
static void settle_slice(struct lazy *l)
{
	size_t rows = l->params->items[l->item].rows;
	size_t turn = (size_t)(l->steps % LAZY_STEPS);

	for (size_t row = rows * turn / LAZY_STEPS; row < rows * (turn + 1) / LAZY_STEPS; row++)
		lazy_settle(l, row);
}

void lazy_step(struct lazy *l, const struct abl_optimizer_hooks *optimizer,
	       const struct abl_step_factors *factors)
{
	size_t rows = l->params->items[l->item].rows;

	if (l->optimizer != optimizer)
		lazy_settle_all(l);
	l->optimizer = optimizer;
	for (size_t row = next_marked(l, 0); row < rows; row = next_marked(l, row + 1)) {
		struct abl_update u = row_update(l, row);

		lazy_settle(l, row);
		optimizer->update(l->kernels, factors, &u);
		l->done[row]++;
	}
	l->past[l->steps++ % LAZY_STEPS] = *factors;
	settle_slice(l);
}

/* Joins a span that begins in the last one to it. */
static void add_span(struct lazy *l, size_t from, size_t to)
{
	from = from / ABL_SPAN * ABL_SPAN;
	if (l->span_count && from <= l->spans[l->span_count - 1].to) {
		l->spans[l->span_count - 1].to = to;
		return;
	}
	abl_grow(&l->spans, &l->span_capacity, l->span_count + 1, sizeof *l->spans);
	l->spans[l->span_count++] = (struct abl_span){from, to};
}

void lazy_spans(struct lazy *l, const struct abl_params *params)
{
	const struct abl_param *table = &params->items[l->item];

	l->span_count = 0;
	if (!l->params) {
		add_span(l, 0, params->values);
		return;
	}
	if (table->offset)
		add_span(l, 0, table->offset);
	for (size_t row = next_marked(l, 0); row < table->rows; row = next_marked(l, row + 1)) {
		size_t from = table->offset + row * table->cols;
		size_t to = from + table->cols;

		add_span(l, from, (to + ABL_SPAN - 1) / ABL_SPAN * ABL_SPAN);
	}
	add_span(l, table->offset + table->count, params->values);
}
