/* SPDX-License-Identifier: Apache-2.0 */
/* attention_pack.h - operands of attention's products (attention_bf16.c), rounded and laid out as
 * these want them. Only for files built with -mavx512f, -mavx512bw and -mavx512bf16. */
#ifndef ABL_ATTENTION_PACK_H
#define ABL_ATTENTION_PACK_H

#include "transpose.h"

#include <stdint.h>
#include <string.h>

#define SIDE ((size_t)32) /* columns of a tile; lengths are padded to it */

typedef uint32_t pair; /* two bf16 that are multiplied with two others, and summed */

INLINE __mmask16 first(size_t n)
{
	return n < LANES ? (__mmask16)((1U << n) - 1) : (__mmask16)-1;
}

INLINE size_t whole(size_t n)
{
	return (n + SIDE - 1) / SIDE * SIDE;
}

INLINE size_t pieces(size_t n, size_t most)
{
	return (n + most - 1) / most;
}

/* Where piece i of n in `count` about equal pieces begins. */
INLINE size_t cut(size_t n, size_t count, size_t i)
{
	return n * i / count;
}

/* factor * in [rows, width], rounded; each row padded with 0 to whole tiles, and rows up to
 * `padded` 0. */
INLINE void pack_rows(pair *out, const float *in, size_t stride, size_t rows, size_t padded,
		      size_t width, float factor)
{
	const size_t line = whole(width) / 2;
	const __m512 f = _mm512_set1_ps(factor);

	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < width; i += SIDE) {
			const float *at = in + r * stride + i;
			size_t behind = width - i > LANES ? width - i - LANES : 0;
			__m512 x = _mm512_maskz_loadu_ps(first(width - i), at),
			       y = _mm512_maskz_loadu_ps(first(behind), at + LANES);

			_mm512_storeu_si512(out + r * line + i / 2,
					    (__m512i)_mm512_cvtne2ps_pbh(_mm512_mul_ps(y, f),
									 _mm512_mul_ps(x, f)));
		}
	memset(out + rows * line, 0, (padded - rows) * line * sizeof *out);
}

/* Pairs along the rows of pack_rows(): a panel [line, SIDE] for each SIDE rows. */
INLINE void pack_turned(pair *out, const pair *in, size_t rows, size_t line)
{
	for (size_t row = 0; row < rows; row += LANES) {
		pair *panel = out + row / SIDE * SIDE * line + row % SIDE;

		for (size_t step = 0; step < line; step += LANES) {
			vector r[LANES];

#pragma GCC unroll 16
			for (size_t i = 0; i < LANES; i++)
				r[i] = _mm512_loadu_ps(in + (row + i) * line + step);
			transpose(r);
#pragma GCC unroll 16
			for (size_t i = 0; i < LANES; i++)
				_mm512_storeu_ps(panel + (step + i) * SIDE, r[i]);
		}
	}
}

/* Pairs of two rows, one beside the other: a panel [pairs, SIDE] for each SIDE columns. */
INLINE void pack_beside(pair *out, const pair *in, size_t pairs, size_t line)
{
	const __m512i low =
		_mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39,
				 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
	const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));

	for (size_t column = 0; column < line; column += LANES)
		for (size_t i = 0; i < pairs; i++, out += SIDE) {
			__m512i x = _mm512_loadu_si512(in + 2 * i * line + column),
				y = _mm512_loadu_si512(in + (2 * i + 1) * line + column);

			_mm512_storeu_si512(out, _mm512_permutex2var_epi16(x, low, y));
			_mm512_storeu_si512(out + LANES, _mm512_permutex2var_epi16(x, high, y));
		}
}

/* Sixteen pairs: x's values, rounded, beside y's. */
INLINE __m512i beside(__m512 x, __m512 y)
{
	const __m512i side_by_side =
		_mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23,
				 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);

	return _mm512_permutexvar_epi16(side_by_side, (__m512i)_mm512_cvtne2ps_pbh(y, x));
}

#endif
