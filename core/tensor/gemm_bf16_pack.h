/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_bf16_pack.h - what the tiles of gemm_bf16_tile.h share: the copies that round, and how a
 * result meets what C holds. Only for files built with avx512_bf16. */
#ifndef ABL_GEMM_BF16_PACK_H
#define ABL_GEMM_BF16_PACK_H

#include "gemm_bf16_tile.h"
#include "transpose.h"

INLINE __mmask16 first(size_t n)
{
	return n < LANES ? (__mmask16)((1U << n) - 1) : (__mmask16)-1;
}

INLINE __mmask16 behind(size_t n) /* a vector's lanes: of those behind it */
{
	return first(n > LANES ? n - LANES : 0);
}

/* 16 steps and the 16 behind them, rounded. */
INLINE __m512i rounded(__m512 x, __m512 behind_it)
{
	return (__m512i)_mm512_cvtne2ps_pbh(behind_it, x);
}

static void pack_lines(uint32_t *out, size_t width, const float *in, size_t stride, size_t lines,
		       size_t steps)
{
	for (size_t line = 0; line < lines; line += LANES)
		for (size_t step = 0; step < steps; step += 2 * LANES) {
			size_t part = steps - step,
			       pairs = part < 2 * LANES ? (part + 1) / 2 : LANES;
			__mmask16 m = first(part), m1 = behind(part);
			vector r[LANES];

#pragma GCC unroll 16
			for (size_t i = 0; i < LANES; i++) {
				size_t at = line + i < lines ? line + i : lines - 1;
				const float *x = in + at * stride + step;

				r[i] = _mm512_castsi512_ps(
					rounded(_mm512_maskz_loadu_ps(m, x),
						_mm512_maskz_loadu_ps(m1, x + LANES)));
				/* of the next panel */
				__builtin_prefetch(x + width * stride);
				__builtin_prefetch(x + width * stride + LANES);
			}
			transpose(r);
#pragma GCC unroll 16
			for (size_t i = 0; i < LANES; i++)
				if (i < pairs)
					_mm512_store_ps((float *)(void *)(out +
									  (step / 2 + i) * width +
									  line),
							r[i]);
		}
}

/* Two steps of 16 lines, side by side. */
INLINE __m512i paired(__m512 x, __m512 next)
{
	const __m512i side_by_side =
		_mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23,
				 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);

	return _mm512_permutexvar_epi16(side_by_side, rounded(x, next));
}

static void pack_steps(uint32_t *out, size_t width, const float *in, size_t stride, size_t lines,
		       size_t steps)
{
	__mmask16 m = first(lines), m1 = behind(lines);
	const float *next = in + ABL_BF16_CHUNK * stride;

	for (size_t step = 0; step < steps; step += 2, out += width) {
		const float *x = in + step * stride;
		size_t to_next = step + 1 < steps ? stride : 0;
		__mmask16 n = to_next ? m : 0, n1 = to_next ? m1 : 0;

		_mm512_store_si512(out, paired(_mm512_maskz_loadu_ps(m, x),
					       _mm512_maskz_loadu_ps(n, x + to_next)));
		__builtin_prefetch(next + step * stride);
		__builtin_prefetch(next + (step + 1) * stride);
		if (!m1)
			continue;
		x += LANES;
		_mm512_store_si512(out + LANES, paired(_mm512_maskz_loadu_ps(m1, x),
						       _mm512_maskz_loadu_ps(n1, x + to_next)));
		__builtin_prefetch(next + step * stride + LANES);
		__builtin_prefetch(next + (step + 1) * stride + LANES);
	}
}

/* The bias is added to what C would hold without it: by the bits it is a sum of its own. */
INLINE void put(float *c, __m512 sum, __m512 alpha, bool add, __m512 bias, __mmask16 m)
{
	__m512 x = add ? _mm512_fmadd_ps(sum, alpha, _mm512_maskz_loadu_ps(m, c))
		       : _mm512_mul_ps(sum, alpha);

	_mm512_mask_storeu_ps(c, m, _mm512_add_ps(x, bias));
}

#endif
