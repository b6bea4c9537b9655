/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_bf16_tile.c - see gemm_bf16_tile.h. Of the 32 vector registers a tile takes two columns of
 * sums, two registers for a pair of B and one for a pair of A. */
#include "gemm_bf16_pack.h"

#define ROWS ((size_t)14)
#define AHEAD ((size_t)16) /* pairs of B that are on their way from the second-level cache */

INLINE void multiply(const struct abl_bf16_tile *t, const size_t rows, const size_t vectors)
{
	const uint32_t *a = t->a, *b = t->b;
	__m512 sum[ROWS][2], alpha = _mm512_set1_ps(t->alpha),
			     bias[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
	__mmask16 m = first(t->columns - (vectors - 1) * LANES);

#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i++) {
		sum[i][0] = sum[i][1] = _mm512_setzero_ps();
		__builtin_prefetch(t->c + i * t->ldc, 1);
		__builtin_prefetch(t->c + i * t->ldc + t->columns - 1, 1);
	}
	for (size_t pair = t->pairs; pair; pair--) {
		__m512bh b0 = (__m512bh)_mm512_load_si512(b),
			 b1 = vectors > 1 ? (__m512bh)_mm512_load_si512(b + LANES) : b0;

		__builtin_prefetch(b + AHEAD * vectors * LANES);
		if (vectors > 1)
			__builtin_prefetch(b + AHEAD * vectors * LANES + LANES);
#pragma GCC unroll 16
		for (size_t i = 0; i < rows; i++) {
			__m512bh x = (__m512bh)_mm512_set1_epi32((int)a[i]);

			sum[i][0] = _mm512_dpbf16_ps(sum[i][0], x, b0);
			if (vectors > 1)
				sum[i][1] = _mm512_dpbf16_ps(sum[i][1], x, b1);
		}
		a += LANES;
		b += vectors * LANES;
	}
	if (t->bias && vectors > 1)
		bias[0] = _mm512_loadu_ps(t->bias);
	if (t->bias)
		bias[vectors - 1] = _mm512_maskz_loadu_ps(m, t->bias + (vectors - 1) * LANES);
#pragma GCC unroll 16
	for (size_t i = 0; i < rows; i++) {
		float *c = t->c + i * t->ldc;

		if (vectors > 1)
			put(c, sum[i][0], alpha, t->add, bias[0], (__mmask16)-1);
		put(c + (vectors - 1) * LANES, sum[i][vectors - 1], alpha, t->add,
		    bias[vectors - 1], m);
	}
}

#define EACH_ROWS(DO) \
	DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14)
#define DEFINE(rows)                                                   \
	static void multiply_##rows##_1(const struct abl_bf16_tile *t) \
	{                                                              \
		multiply(t, rows, 1);                                  \
	}                                                              \
	static void multiply_##rows##_2(const struct abl_bf16_tile *t) \
	{                                                              \
		multiply(t, rows, 2);                                  \
	}
EACH_ROWS(DEFINE)

#define ENTRY(rows) {multiply_##rows##_1, multiply_##rows##_2},

static void multiply_any(const struct abl_bf16_tile *t)
{
	static void (*const forms[ROWS][2])(const struct abl_bf16_tile *) = {EACH_ROWS(ENTRY)};

	forms[t->rows - 1][t->columns > LANES](t);
}

const struct abl_bf16_tiles abl_bf16_tiles_avx512 = {.name = "avx512_bf16",
						     .rows = ROWS,
						     .columns = 2 * LANES,
						     .a_width = LANES,
						     .unit = 1,
						     .multiply = multiply_any,
						     .pack_a_lines = pack_lines,
						     .pack_a_steps = pack_steps,
						     .pack_b_lines = pack_lines,
						     .pack_b_steps = pack_steps};
