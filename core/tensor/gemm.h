/* SPDX-License-Identifier: Apache-2.0 */
/* gemm.h - matrix products, through a table of back ends (gemm_backend.h); gemm_blis.c is the only
 * file that knows BLIS. */
#ifndef ABL_GEMM_H
#define ABL_GEMM_H

#include "real.h"

#include <stdbool.h>
#include <stddef.h>

/* C [m, n] = alpha * op(A) [m, k] * op(B) [k, n] + beta * C + bias, row-major; lda, ldb, ldc are
 * row lengths of the stored matrices. op is the transpose where at / bt. With beta 0 C is not
 * read. */
struct abl_gemm {
	bool at, bt;
	size_t m, n, k;
	real alpha;
	const real *a;
	size_t lda;
	const real *b;
	size_t ldb;
	real beta;
	real *c;
	size_t ldc;
	const real *bias; /* [n], added to each row, rounded to what C holds first; NULL: none */
	bool rounds;      /* goes by the precision; otherwise fp32, whatever that is */
	bool kept;        /* b is a weight: a rounded copy of it serves until weights change */
};

struct abl_compute;
void abl_gemm(const struct abl_compute *c, const struct abl_gemm *g);

/* The usual three, on dense matrices with weights as PyTorch and Hugging Face store them, W [out,
 * in]: y [rows, out] = x [rows, in] W^T + bias (NULL: 0);  dx [rows, in] (+)= dy W;  dW += dy^T x.
 */
void abl_linear(const struct abl_compute *c, real *y, const real *x, const real *w,
		const real *bias, size_t rows, size_t in, size_t out);
void abl_linear_backward_input(const struct abl_compute *c, real *dx, const real *dy, const real *w,
			       size_t rows, size_t in, size_t out, bool add);
void abl_linear_backward_weight(const struct abl_compute *c, real *dw, const real *dy,
				const real *x, size_t rows, size_t in, size_t out);

/* To be called whenever weights may have been written to, and when a model is gone, before the
 * next product. */
void abl_gemm_weights_changed(const struct abl_compute *c);
void abl_gemm_weights_gone(const struct abl_compute *c);

#endif
