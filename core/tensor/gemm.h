/* SPDX-License-Identifier: Apache-2.0 */
/* gemm.h - matrix products, through a table of back ends (gemm_backend.h); gemm_blis.c is the only
 * file that knows BLIS. */
#ifndef ABL_GEMM_H
#define ABL_GEMM_H

#include "errors.h"
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
	bool rounds;      /* goes by abl_gemm_precision(); otherwise fp32, whatever that says */
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

/* For `ablate bench`: from now on each product adds what it took. NULL ends it. */
struct abl_gemm_meter {
	double seconds, flops;
};
void abl_gemm_measure(struct abl_gemm_meter *m);
/* "amx", "panels", "blis" or "plain": the first that this CPU can run, or the one that $ABLATE_GEMM
 * names. */
const char *abl_gemm_backend(void);
/* What makes products that are rounded to that precision: of "bf16" the back end "bf16", our own,
 * or "onednn", likewise; "-" where there is none. */
const char *abl_gemm_precision_backend(const char *name);
/* For benchmarks and tests: multiply with that back end from now on, in the precision that is its
 * own; false, and no change, if this build or CPU lacks it. */
bool abl_gemm_use(const char *backend);
/* For benchmarks, whose limit is the rate of fp32 multiply-adds: the back end in use, or "panels"
 * in place of "amx", which is not bound by it and leaves small products to it. */
const char *abl_gemm_fp32_backend(void);
/* Which kernels it uses: "amx_bf16x3", "avx512" or "avx2" of our own (as $ABLATE_KERNELS has it),
 * BLIS's sub-configuration, "-" for plain. */
const char *abl_gemm_kernel_set(void);

/* The number format of dense layers' operands from now on, "fp32" (at start) or "bf16"; results and
 * sums are fp32 in both, and so are layers narrower than 32. Both fail with ABL_EFAIL and change
 * nothing where the CPU or the build has no bf16. */
int abl_gemm_precision(const char *name, struct abl_err *err) ABL_MUST_USE;
bool abl_gemm_rounds(void); /* is it bf16 now? */
int abl_gemm_precision_check(const char *name, struct abl_err *err) ABL_MUST_USE;
/* What multiplies in that precision: "skx", or for bf16 "avx512_bf16" or, by oneDNN, "amx_bf16"
 * with the former in front, "skx avx512_bf16". Lives as long as the program. */
const char *abl_gemm_precision_kernels(const char *name);
/* To be called whenever weights may have been written to, and when a model is gone, before the
 * next product. */
void abl_gemm_weights_changed(void);
void abl_gemm_weights_gone(void);

#endif
