/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_limits.h - how many vector instructions this CPU can make, for the roofs of `ablate bench
 * kernels`. */
#ifndef ABL_KERNELS_LIMITS_H
#define ABL_KERNELS_LIMITS_H

#include "kernels.h"

/* What bounds a kernel whose operands are at hand: each loop is `turns` times `in_a_turn` vector
 * instructions of one kind, independent of each other, and returns a number to be used. */
struct abl_kernel_limits {
	size_t lanes, in_a_turn;
	float (*multiply)(size_t turns); /* fused multiply-adds */
	float (*any)(size_t turns);      /* half of them, half additions */
	float (*divide)(size_t turns);
	float (*read)(const float *x, size_t n); /* each value once */
};
/* Of that set; NULL for the plain one. */
const struct abl_kernel_limits *abl_kernels_limits(const struct abl_kernels *set);

extern const struct abl_kernel_limits abl_kernel_limits_avx2, abl_kernel_limits_avx512;

#endif
