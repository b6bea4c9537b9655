/* SPDX-License-Identifier: Apache-2.0 */
/* dense.c - what every part of the model is made of: norms and dense layers over rows, row copies.
 */
#include "model_internal.h"

#include "gemm.h"

#include <string.h>

#define SHARED_SUM ((size_t)1 << 16) /* values that are worth sharing out */
#define GAINS_BLOCK ((size_t)64)     /* columns; of 16 each, so that no bit depends on the cut */

void norm_forward(struct abl_model *m, struct norm *n, real *y, const real *x, size_t first,
		  size_t rows)
{
	bool affine = m->norm_hooks->affine;

	m->norm_hooks->forward(m->compute->kernels, y, n->stats + 2 * first, x,
			       affine ? abl_weight(&m->params, n->at.weight) : NULL,
			       affine ? abl_weight(&m->params, n->at.bias) : NULL, rows, m->H,
			       m->norm_eps);
}

void norm_backward(struct abl_model *m, struct norm *n, real *dx, const real *dy, const real *x,
		   size_t first, size_t rows)
{
	bool affine = m->norm_hooks->affine;

	m->norm_hooks->backward(
		m->compute->kernels, dx, affine ? abl_gradient(&m->params, n->at.weight) : NULL,
		affine ? abl_gradient(&m->params, n->at.bias) : NULL, dy, x, n->stats + 2 * first,
		affine ? abl_weight(&m->params, n->at.weight) : NULL, rows, m->H);
}

/* What threads share of a norm. */
struct norming {
	struct abl_model *m;
	struct norm *n;
	real *y; /* or dx */
	const real *x, *dy;
	size_t rows;
};

static void norm_some(void *data, size_t from, size_t to)
{
	const struct norming *t = data;
	size_t H = t->m->H;

	norm_forward(t->m, t->n, t->y + from * H, t->x + from * H, from, to - from);
}

void norm_all(struct abl_model *m, struct norm *n, real *y, const real *x, size_t rows)
{
	abl_team_run(&m->compute->team, rows, block_rows(m->H), norm_some,
		     &(struct norming){.m = m, .n = n, .y = y, .x = x});
}

/* The gradients of columns' gains, each of all rows in their order. */
static void sum_gains(void *data, size_t from, size_t to)
{
	const struct norming *t = data;
	struct abl_model *m = t->m;

	m->norm_hooks->gains(m->compute->kernels, abl_gradient(&m->params, t->n->at.weight) + from,
			     abl_gradient(&m->params, t->n->at.bias) + from, t->dy + from,
			     t->x + from, t->n->stats, t->rows, to - from, m->H);
}

static void norm_some_backward(void *data, size_t from, size_t to)
{
	const struct norming *t = data;
	struct abl_model *m = t->m;
	size_t at = from * m->H;
	bool affine = m->norm_hooks->affine;

	m->norm_hooks->backward(m->compute->kernels, t->y + at, NULL, NULL, t->dy + at, t->x + at,
				t->n->stats + 2 * from,
				affine ? abl_weight(&m->params, t->n->at.weight) : NULL, to - from,
				m->H);
}

void norm_all_backward(struct abl_model *m, struct norm *n, real *dx, const real *dy, const real *x,
		       size_t rows)
{
	const struct abl_team *team = &m->compute->team;
	struct norming t = {.m = m, .n = n, .y = dx, .x = x, .dy = dy, .rows = rows};

	if (!abl_team_is_free(team)) {
		norm_backward(m, n, dx, dy, x, 0, rows); /* reads both once */
		return;
	}
	if (m->norm_hooks->gains) /* first, as dx may be dy */
		abl_team_run(team, m->H, GAINS_BLOCK, sum_gains, &t);
	abl_team_run(team, rows, block_rows(m->H), norm_some_backward, &t);
}

void dense_product(struct abl_model *m, const struct weights *w, real *y, const real *x,
		   size_t rows, size_t in, size_t out)
{
	abl_linear(m->compute, y, x, abl_weight(&m->params, w->weight), NULL, rows, in, out);
}

void dense_forward(struct abl_model *m, const struct weights *w, real *y, const real *x,
		   size_t rows, size_t in, size_t out)
{
	abl_linear(m->compute, y, x, abl_weight(&m->params, w->weight),
		   abl_weight(&m->params, w->bias), rows, in, out);
}

void dense_backward_product(struct abl_model *m, const struct weights *w, real *dx, const real *dy,
			    const real *x, size_t rows, size_t in, size_t out)
{
	abl_linear_backward_weight(m->compute, abl_gradient(&m->params, w->weight), dy, x, rows, in,
				   out);
	abl_linear_backward_input(m->compute, dx, dy, abl_weight(&m->params, w->weight), rows, in,
				  out, false);
}

struct summing {
	const struct abl_kernels *kernels;
	real *sum;
	const real *x;
	size_t rows, width;
};

/* Row after row, as sum_rows() adds them: the same bits. */
static void sum_columns(void *data, size_t from, size_t to)
{
	const struct summing *t = data;

	for (size_t r = 0; r < t->rows; r++)
		t->kernels->add(t->sum + from, t->x + r * t->width + from, 1, to - from);
}

void sum_rows(const struct abl_model *m, real *sum, const real *x, size_t rows, size_t width)
{
	const size_t columns = 128; /* whole stretches of memory */

	if (abl_team_is_free(&m->compute->team) && rows * width > SHARED_SUM)
		abl_team_run(&m->compute->team, width, columns, sum_columns,
			     &(struct summing){m->compute->kernels, sum, x, rows, width});
	else
		m->compute->kernels->sum_rows(sum, x, rows, width);
}

void dense_backward(struct abl_model *m, const struct weights *w, real *dx, const real *dy,
		    const real *x, size_t rows, size_t in, size_t out)
{
	sum_rows(m, abl_gradient(&m->params, w->bias), dy, rows, out);
	dense_backward_product(m, w, dx, dy, x, rows, in, out);
}

size_t block_rows(size_t width)
{
	const size_t values = 4096; /* 16 KiB: a few such blocks fit the smallest cache */

	return width < values ? values / width : 1;
}

/* What threads share of an activation over rows of `width` values. */
struct activating {
	struct abl_model *m;
	real *y, *dy;
	const real *z;
	real *d_bias; /* NULL: summed later */
	size_t width;
};

static void activate_rows(void *data, size_t from, size_t to)
{
	const struct activating *t = data;
	const struct abl_kernels *k = t->m->compute->kernels;
	size_t width = t->width, step = block_rows(width);

	for (size_t n; from < to; from += n) {
		n = to - from < step ? to - from : step;
		t->m->activation->forward(k, t->y + from * width, t->z + from * width, n * width);
	}
}

void activated_forward(struct abl_model *m, const struct weights *w, real *y, real *z,
		       const real *x, size_t rows, size_t in, size_t out)
{
	dense_forward(m, w, z, x, rows, in, out);
	abl_team_run(&m->compute->team, rows, block_rows(out), activate_rows,
		     &(struct activating){.m = m, .y = y, .z = z, .width = out});
}

static void activate_rows_backward(void *data, size_t from, size_t to)
{
	const struct activating *t = data;
	const struct abl_kernels *k = t->m->compute->kernels;
	size_t width = t->width, step = block_rows(width);

	for (size_t n; from < to; from += n) {
		real *d = t->dy + from * width;
		const real *z = t->z + from * width;

		n = to - from < step ? to - from : step;
		t->m->activation->backward(k, d, d, z, n * width);
		if (t->y)
			t->m->activation->forward(k, t->y + from * width, z, n * width);
		if (t->d_bias) /* while it is in the cache */
			k->sum_rows(t->d_bias, d, n, width);
	}
}

void activated_backward(struct abl_model *m, const struct weights *w, real *dx, real *dy, real *y,
			const real *z, const real *x, size_t rows, size_t in, size_t out)
{
	const bool alone = !abl_team_is_free(&m->compute->team);
	real *d_bias = abl_gradient(&m->params, w->bias);

	abl_team_run(&m->compute->team, rows, block_rows(out), activate_rows_backward,
		     &(struct activating){.m = m,
					  .y = y,
					  .dy = dy,
					  .z = z,
					  .d_bias = alone ? d_bias : NULL,
					  .width = out});
	if (!alone) /* in the same order */
		sum_rows(m, d_bias, dy, rows, out);
	dense_backward_product(m, w, dx, dy, x, rows, in, out);
}

struct abl_dropout dropout_at(const struct abl_model *m, uint64_t site, double rate)
{
	return abl_dropout_make(site, m->train ? rate : 0);
}

void gather_rows(real *out, const real *x, const int32_t *rows, size_t n, size_t width)
{
	for (size_t r = 0; r < n; r++)
		memcpy(out + r * width, x + (size_t)rows[r] * width, width * sizeof *x);
}

void scatter_add_rows(const struct abl_model *m, real *x, const real *in, const int32_t *rows,
		      size_t n, size_t width)
{
	for (size_t r = 0; r < n; r++)
		m->compute->kernels->add(x + (size_t)rows[r] * width, in + r * width, 1, width);
}
