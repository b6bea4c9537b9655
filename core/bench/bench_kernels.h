/* SPDX-License-Identifier: Apache-2.0 */
/* bench_kernels.h - times each function of the kernel table (kernels.h) at the sizes that a model
 * of some shape calls it with, against its plain form and against the machine. */
#ifndef ABL_BENCH_KERNELS_H
#define ABL_BENCH_KERNELS_H

#include "kernels.h"

#include <stddef.h>

/* What a training step of a model works on at a time. */
struct abl_bench_shape {
	size_t hidden, heads, ffn;
	size_t vocab;
	size_t tokens; /* of a micro-batch */
	size_t seq;    /* of a sequence */
	size_t logits; /* rows of logits that are held at once */
};

struct abl_bench_kernel {
	const char *name;
	size_t rows, width;
	double seconds, plain_seconds; /* of one call, or of the calls for all rows */
	double bytes, flops;           /* least traffic; of matrix products, else 0 */
	double roof_seconds;           /* what this machine takes at least */
	const char *bound; /* by what: "memory" (or a cache that cores share), "cache" (of the
			    * core), "compute" (instructions) or "product" (the flops) */
};

size_t abl_bench_kernel_count(const struct abl_kernels *k);
/* All of them of that set, in the order of the table. best_product: FLOP/s of one thread. */
void abl_bench_kernels(const struct abl_kernels *k, const struct abl_bench_shape *shape,
		       double best_product, struct abl_bench_kernel *out);

#endif
