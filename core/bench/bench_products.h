/* SPDX-License-Identifier: Apache-2.0 */
/* bench_products.h - times the matrix products that a training step of a model makes, with each
 * back end. */
#ifndef ABL_BENCH_PRODUCTS_H
#define ABL_BENCH_PRODUCTS_H

#include "bench_kernels.h"
#include "compute.h"

#include <stdbool.h>

struct abl_bench_gemm {
	const char *name;
	size_t m, n, k;
	/* FLOP/s; 0 where it was not measured or this build or CPU lacks it */
	double chosen, plain, panels, blis;
	/* Of bf16, our own and oneDNN's: 0 as well where the product stays fp32 in that training.
	 */
	double bf16, onednn;
};

size_t abl_bench_gemm_count(void);
/* All of them; `chosen` by `compute`, which is of fp32, the others with as many threads. `plain` is
 * measured on as few rows as a hundredth of a second takes. */
void abl_bench_products(const struct abl_compute *compute, const struct abl_bench_shape *shape,
			bool bf16, struct abl_bench_gemm *out);

#endif
