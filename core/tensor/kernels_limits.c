/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_limits.c - loops of nothing but instructions of one kind, enough of them side by side
 * that none waits for another (kernels_vector.h). */
#include "kernels_limits.h"

#include "kernels_vector.h"

#ifdef __AVX512F__
enum { CHAINS = 16 };
#else
enum { CHAINS = 12 };
#endif
#define EACH_CHAIN(j) _Pragma("GCC unroll 16") for (size_t j = 0; j < CHAINS; j++)

/* Every `adding`th chain adds instead, 0 = none; values stay near 1 and 2. */
INLINE float multiply_and_add(size_t turns, const size_t adding)
{
	volatile float factor = .5f, term = 1;
	const vf a = splat(factor), b = splat(term), c = splat(0 * term);
	vf x[CHAINS], all[PARTS] = {0};

	EACH_CHAIN(j)
	x[j] = splat(1.f + (float)j * .01f);
	while (turns--)
		EACH_CHAIN(j)
	x[j] = adding && j % adding ? x[j] + c : x[j] * a + b;
	EACH_CHAIN(j)
	all[0] += x[j];
	return sum_lanes(all);
}

static float multiply(size_t turns)
{
	return multiply_and_add(turns, 0);
}

static float any(size_t turns)
{
	return multiply_and_add(turns, 2);
}

static float divide(size_t turns)
{
	volatile float two = 2;
	const vf a = splat(two);
	vf x[CHAINS], all[PARTS] = {0};

	EACH_CHAIN(j)
	x[j] = splat(1.f + (float)j * .01f);
	while (turns--)
		EACH_CHAIN(j)
	x[j] = a / x[j];
	EACH_CHAIN(j)
	all[0] += x[j];
	return sum_lanes(all);
}

static float read_all(const float *x, size_t n)
{
	vf all[CHAINS], sum[PARTS] = {0};

	EACH_CHAIN(j)
	all[j] = splat(0);
	for (size_t i = 0; i + CHAINS * LANES <= n; i += CHAINS * LANES)
		EACH_CHAIN(j)
	all[j] += load(x + i + j * LANES);
	EACH_CHAIN(j)
	sum[0] += all[j];
	return sum_lanes(sum);
}

const struct abl_kernel_limits IN_SET(abl_kernel_limits_) = {.lanes = LANES,
							     .in_a_turn = CHAINS,
							     .multiply = multiply,
							     .any = any,
							     .divide = divide,
							     .read = read_all};
