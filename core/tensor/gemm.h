/* SPDX-License-Identifier: Apache-2.0 */
/* gemm.h - matrix products, through a table of back ends (gemm_backend.h); gemm_blis.c is the only
 * file that knows BLIS. */
#ifndef ABL_GEMM_H
#define ABL_GEMM_H

#include "real.h"

#include <stdbool.h>
#include <stddef.h>

/* C [m, n] = alpha * op(A) [m, k] * op(B) [k, n] + beta * C, row-major; lda, ldb, ldc are row
 * lengths of the stored matrices. op is the transpose where at / bt. With beta 0 C is not read. */
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
};

void abl_gemm(const struct abl_gemm *g);

/* The usual three, on dense matrices with weights as PyTorch and Hugging Face store them, W [out,
 * in]: y [rows, out] = x [rows, in] W^T;  dx [rows, in] (+)= dy W;  dW += dy^T x. */
void abl_linear(real *y, const real *x, const real *w, size_t rows, size_t in, size_t out);
void abl_linear_backward_input(real *dx, const real *dy, const real *w, size_t rows, size_t in,
			       size_t out, bool add);
void abl_linear_backward_weight(real *dw, const real *dy, const real *x, size_t rows, size_t in,
				size_t out);

/* Threads that one product may use (it is split by rows or columns, never along k, so the bits do
 * not depend on it). 1 unless set. */
void abl_gemm_threads(int threads);
int abl_gemm_thread_count(void);
/* For `ablate bench`: from now on each product adds what it took. NULL ends it. */
struct abl_gemm_meter {
	double seconds, flops;
};
void abl_gemm_measure(struct abl_gemm_meter *m);
/* "panels", "blis" or "plain": the first that this CPU can run, or the one that $ABLATE_GEMM names.
 */
const char *abl_gemm_backend(void);
/* Which kernels it uses: "avx512" or "avx2" of our own (as $ABLATE_KERNELS has it), BLIS's
 * sub-configuration, "-" for plain. */
const char *abl_gemm_kernel_set(void);

#endif
