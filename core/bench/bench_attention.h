/* SPDX-License-Identifier: Apache-2.0 */
/* bench_attention.h - times attention in bf16 (attention_kernel.h), one sequence in one head, as
 * further rows of the kernels' table. */
#ifndef ABL_BENCH_ATTENTION_H
#define ABL_BENCH_ATTENTION_H

#include "bench_kernels.h"

size_t
abl_bench_attention_count(const struct abl_kernels *k); /* 0 where this build or CPU has none */
/* All of them. Their roof is the rate of a large product in bf16. */
void abl_bench_attention(const struct abl_kernels *k, const struct abl_bench_shape *shape,
			 struct abl_bench_kernel *out);

#endif
