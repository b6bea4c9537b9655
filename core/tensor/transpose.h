/* SPDX-License-Identifier: Apache-2.0 */
/* transpose.h - the vectors of the instruction set that a file is built for, and squares of them
 * turned. Only for files built with -mavx512f or -mavx2. */
#ifndef ABL_TRANSPOSE_H
#define ABL_TRANSPOSE_H

#include <immintrin.h>
#include <stddef.h>

#define INLINE static inline __attribute__((always_inline))

#ifdef __AVX512F__
#define LANES ((size_t)16)

typedef __m512 vector;

#define LOW(a, b) _mm512_unpacklo_ps(a, b)
#define HIGH(a, b) _mm512_unpackhi_ps(a, b)
#define PAIR(f, a, b) \
	_mm512_castpd_ps(_mm512_unpack##f##_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)))

/* r[4 i + j] holds, for rows 4 i to 4 i + 3, columns j, 4 + j, 8 + j, 12 + j: to one column each.
 */
INLINE void join_quarters(vector r[LANES])
{
	for (size_t j = 0; j < 4; j++) {
		vector even0 = _mm512_shuffle_f32x4(r[j], r[4 + j], 0x88),
		       even1 = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0x88),
		       odd0 = _mm512_shuffle_f32x4(r[j], r[4 + j], 0xdd),
		       odd1 = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0xdd);

		r[j] = _mm512_shuffle_f32x4(even0, even1, 0x88);
		r[4 + j] = _mm512_shuffle_f32x4(odd0, odd1, 0x88);
		r[8 + j] = _mm512_shuffle_f32x4(even0, even1, 0xdd);
		r[12 + j] = _mm512_shuffle_f32x4(odd0, odd1, 0xdd);
	}
}
#else
#define LANES ((size_t)8)

typedef __m256 vector;

#define LOW(a, b) _mm256_unpacklo_ps(a, b)
#define HIGH(a, b) _mm256_unpackhi_ps(a, b)
#define PAIR(f, a, b) \
	_mm256_castpd_ps(_mm256_unpack##f##_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)))

INLINE void join_quarters(vector r[LANES])
{
	for (size_t j = 0; j < 4; j++) {
		vector low = r[j], high = r[4 + j];

		r[j] = _mm256_permute2f128_ps(low, high, 0x20);
		r[4 + j] = _mm256_permute2f128_ps(low, high, 0x31);
	}
}
#endif

/* Turns LANES rows of LANES values into its columns. */
INLINE void transpose(vector r[LANES])
{
	for (size_t i = 0; i < LANES; i += 4) {
		vector a = LOW(r[i], r[i + 1]), b = HIGH(r[i], r[i + 1]),
		       c = LOW(r[i + 2], r[i + 3]), d = HIGH(r[i + 2], r[i + 3]);

		r[i] = PAIR(lo, a, c);
		r[i + 1] = PAIR(hi, a, c);
		r[i + 2] = PAIR(lo, b, d);
		r[i + 3] = PAIR(hi, b, d);
	}
	join_quarters(r);
}

#endif
