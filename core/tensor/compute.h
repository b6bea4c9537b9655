/* SPDX-License-Identifier: Apache-2.0 */
/* compute.h - what a model computes with: its kernels, its threads, the back ends of its products
 * and their copies of its weights. Nothing of it is the process's, so models with different ones
 * work side by side, each by the numbers that it has alone. */
#ifndef ABL_COMPUTE_H
#define ABL_COMPUTE_H

#include "errors.h"
#include "kernels.h"
#include "team.h"

struct abl_gemm_backend; /* gemm_backend.h */
struct abl_kept;         /* gemm_kept.h */

struct abl_gemm_meter {
	double seconds, flops;
};

/* Its users only read it, the two meters apart. */
struct abl_compute {
	const struct abl_kernels *kernels;
	struct abl_team team;
	/* of products in fp32; of those that the precision rounds, NULL where that is fp32 */
	const struct abl_gemm_backend *fp32, *rounding;
	struct abl_kept *kept;
	struct abl_gemm_meter *meter; /* each product adds to it; NULL: none does */
};

/* precision: the number format of dense layers' operands, "fp32" or "bf16"; results and sums are
 * fp32 in both, and so are layers narrower than 32. ABL_EFAIL where the CPU or the build has no
 * bf16. threads: of one model's work, which no result depends on; 1 where fewer are asked for. The
 * calling thread takes denormal numbers as 0 from now on. Ends with abl_compute_destroy(), behind
 * whatever was given it.
 *
 * One thread at a time computes with it. Models may share one, but a step of one then has the
 * others' weights copied anew. */
int abl_compute_create(struct abl_compute **out, const char *precision, int threads,
		       struct abl_err *err) ABL_MUST_USE;
/* For tests and benchmarks: with the kernels `kernels` (kernels.h) and the back end `backend`: of
 * fp32 "amx", "panels", "blis" or "plain", of bf16 "bf16", "bf16_amx" or "onednn". NULL: as above,
 * where $ABLATE_KERNELS and $ABLATE_GEMM may name them, and else the best that this CPU can run is
 * taken. ABL_EFAIL also where this build or CPU lacks one, or the back end is of another precision.
 */
int abl_compute_create_by(struct abl_compute **out, const char *precision, int threads,
			  const char *kernels, const char *backend,
			  struct abl_err *err) ABL_MUST_USE;
void abl_compute_destroy(struct abl_compute *c); /* null-safe */

/* What abl_compute_create() comes to here. Can it be made? */
int abl_compute_check(const char *precision, struct abl_err *err) ABL_MUST_USE;
/* The back end of dense layers; "-" where there is none. */
const char *abl_compute_backend(const char *precision);
/* The back end of fp32 whose limit is the rate of fp32 multiply-adds: "panels" in place of "amx",
 * which is not bound by it and leaves small products to it. */
const char *abl_compute_fp32_backend(void);
/* Which kernels multiply, into out [size]: in fp32 "amx_bf16x3", "avx512" or "avx2" of our own,
 * BLIS's sub-configuration, "-" for plain; in bf16 that and, of our own, "avx512_bf16", or of
 * oneDNN's, "amx_bf16" or that: "skx avx512_bf16". */
void abl_compute_kernel_sets(const char *precision, char *out, size_t size);

#endif
