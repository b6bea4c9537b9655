/* SPDX-License-Identifier: Apache-2.0 */
/* kernels.c - the choice of the kernel set, and what is made of its kernels. */
#include "kernels.h"
#include "kernels_limits.h"

#include <stdlib.h>
#include <string.h>

/* Best first. The vector sets exist in the float build on x86-64. */
static const struct abl_kernels *candidate(size_t i)
{
#if defined __x86_64__ && !defined ABL_DOUBLE
	__builtin_cpu_init();
	if (i == 0)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
				       __builtin_cpu_supports("avx512bw") &&
				       __builtin_cpu_supports("avx512vl")
			       ? &abl_kernels_avx512
			       : candidate(1);
	if (i == 1)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
			       ? &abl_kernels_avx2
			       : candidate(2);
#endif
	(void)i;
	return &abl_kernels_plain;
}

const struct abl_kernel_limits *abl_kernels_limits(const struct abl_kernels *set)
{
#if defined __x86_64__ && !defined ABL_DOUBLE
	return set == &abl_kernels_avx512 ? &abl_kernel_limits_avx512
	       : set == &abl_kernels_avx2 ? &abl_kernel_limits_avx2
					  : NULL;
#else
	(void)set;
	return NULL;
#endif
}

const struct abl_kernels *abl_kernels_find(const char *name)
{
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(candidate(i)->name, name))
			return candidate(i);
	return NULL;
}

const struct abl_kernels *abl_kernels_choose(void)
{
	const char *forced = getenv("ABLATE_KERNELS");
	const struct abl_kernels *found = forced ? abl_kernels_find(forced) : NULL;

	return found ? found : candidate(0);
}

struct abl_dropout abl_dropout_make(uint64_t key, double rate)
{
	uint32_t threshold = (uint32_t)(rate * 65536 + .5);

	return (struct abl_dropout){
		.key = key,
		.threshold = threshold,
		.scale = threshold < 65536 ? (real)(65536. / (65536 - threshold)) : 0};
}

void abl_dropout_row(const struct abl_kernels *k, real *x, uint16_t *mask, size_t width,
		     const struct abl_dropout *d, uint64_t example, uint32_t row)
{
	if (!d->threshold)
		return;
	k->draw_mask(mask, width, d, example, row);
	k->apply_mask(x, x, width, mask, d->scale);
}
