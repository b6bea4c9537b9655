/* SPDX-License-Identifier: Apache-2.0 */
/* dense.c - what every part of the model is made of: norms and dense layers over rows, row copies.
 */
#include "model_internal.h"

#include "gemm.h"

#include <string.h>

void norm_forward(struct abl_model *m, struct norm *n, real *y, const real *x, size_t first,
		  size_t rows)
{
	bool affine = m->norm_hooks->affine;

	m->norm_hooks->forward(
		y, n->stats + 2 * first, x, affine ? abl_weight(&m->params, n->at.weight) : NULL,
		affine ? abl_weight(&m->params, n->at.bias) : NULL, rows, m->H, m->norm_eps);
}

void norm_backward(struct abl_model *m, struct norm *n, real *dx, const real *dy, const real *x,
		   size_t first, size_t rows)
{
	bool affine = m->norm_hooks->affine;

	m->norm_hooks->backward(dx, affine ? abl_gradient(&m->params, n->at.weight) : NULL,
				affine ? abl_gradient(&m->params, n->at.bias) : NULL, dy, x,
				n->stats + 2 * first,
				affine ? abl_weight(&m->params, n->at.weight) : NULL, rows, m->H);
}

void dense_product(struct abl_model *m, const struct weights *w, real *y, const real *x,
		   size_t rows, size_t in, size_t out)
{
	abl_linear(y, x, abl_weight(&m->params, w->weight), NULL, rows, in, out);
}

void dense_forward(struct abl_model *m, const struct weights *w, real *y, const real *x,
		   size_t rows, size_t in, size_t out)
{
	abl_linear(y, x, abl_weight(&m->params, w->weight), abl_weight(&m->params, w->bias), rows,
		   in, out);
}

void dense_backward_product(struct abl_model *m, const struct weights *w, real *dx, const real *dy,
			    const real *x, size_t rows, size_t in, size_t out)
{
	abl_linear_backward_weight(abl_gradient(&m->params, w->weight), dy, x, rows, in, out);
	abl_linear_backward_input(dx, dy, abl_weight(&m->params, w->weight), rows, in, out, false);
}

void dense_backward(struct abl_model *m, const struct weights *w, real *dx, const real *dy,
		    const real *x, size_t rows, size_t in, size_t out)
{
	abl_kernels()->sum_rows(abl_gradient(&m->params, w->bias), dy, rows, out);
	dense_backward_product(m, w, dx, dy, x, rows, in, out);
}

size_t block_rows(size_t width)
{
	const size_t values = 4096; /* 16 KiB: a few such blocks fit the smallest cache */

	return width < values ? values / width : 1;
}

void activated_forward(struct abl_model *m, const struct weights *w, real *y, real *z,
		       const real *x, size_t rows, size_t in, size_t out)
{
	const int threads = abl_gemm_thread_count();
	size_t step = block_rows(out);

	dense_forward(m, w, z, x, rows, in, out);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
	for (size_t from = 0; from < rows; from += step) {
		size_t n = rows - from < step ? rows - from : step;

		m->activation->forward(y + from * out, z + from * out, n * out);
	}
}

void activated_backward(struct abl_model *m, const struct weights *w, real *dx, real *dy,
			const real *z, const real *x, size_t rows, size_t in, size_t out)
{
	const int threads = abl_gemm_thread_count();
	real *d_bias = abl_gradient(&m->params, w->bias);
	size_t step = block_rows(out);

#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
	for (size_t from = 0; from < rows; from += step) {
		size_t n = rows - from < step ? rows - from : step;
		real *d = dy + from * out;

		m->activation->backward(d, d, z + from * out, n * out);
		if (threads == 1) /* while it is in the cache */
			abl_kernels()->sum_rows(d_bias, d, n, out);
	}
	if (threads > 1) /* in the same order */
		abl_kernels()->sum_rows(d_bias, dy, rows, out);
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

void scatter_add_rows(real *x, const real *in, const int32_t *rows, size_t n, size_t width)
{
	for (size_t r = 0; r < n; r++)
		abl_kernels()->add(x + (size_t)rows[r] * width, in + r * width, 1, width);
}
