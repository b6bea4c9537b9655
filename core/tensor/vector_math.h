/* SPDX-License-Identifier: Apache-2.0 */
/* vector_math.h - a register of floats at a time in GCC's vector extension (gcc and clang): loads,
 * choices, sums, e^x, the normal distribution function. For the kernels_*.c files that are built
 * once for each instruction set.
 *
 * A vector is what one register holds, 16 floats or 8: of a longer one GCC 12 keeps every value on
 * the stack and takes its comparisons lane by lane, at ten times the cost. Sums over a row are made
 * in strips of 16 lanes in both sets, so that both have the same bits. */
#ifndef ABL_VECTOR_MATH_H
#define ABL_VECTOR_MATH_H

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX512F__
#define LANES 16
#else
#define LANES 8
#endif
#define STRIP 16
#define PARTS (STRIP / LANES) /* vectors of a strip */
#define EACH_PART(k) _Pragma("GCC unroll 2") for (size_t k = 0; k < PARTS; k++)
#define INLINE static inline __attribute__((always_inline))

typedef float vf __attribute__((vector_size(LANES * 4)));
typedef int32_t vi __attribute__((vector_size(LANES * 4)));
typedef uint32_t vu __attribute__((vector_size(LANES * 4)));

INLINE vf load(const float *p)
{
	vf v;

	memcpy(&v, p, sizeof v);
	return v;
}

INLINE void store(float *p, vf v)
{
	memcpy(p, &v, sizeof v);
}

/* Is lane i below n? */
INLINE vi lanes_below(size_t n)
{
#ifdef __AVX512F__
	const vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#else
	const vi lane = {0, 1, 2, 3, 4, 5, 6, 7};
#endif

	return lane < (int32_t)n;
}

/* The first n <= LANES values, 0 behind them; nothing beyond them is touched. */
INLINE vf load_part(const float *p, size_t n)
{
#ifdef __AVX512F__
	return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#else
	return (vf)_mm256_maskload_ps(p, (__m256i)lanes_below(n));
#endif
}

INLINE void store_part(float *p, vf v, size_t n)
{
#ifdef __AVX512F__
	_mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#else
	_mm256_maskstore_ps(p, (__m256i)lanes_below(n), (__m256)v);
#endif
}

/* How many of the last `rest` values, fewer than a strip, vector k of their strip holds. */
INLINE size_t part_of(size_t rest, size_t k)
{
	size_t before = k * LANES;

	return rest <= before ? 0 : rest - before < LANES ? rest - before : LANES;
}

INLINE vf splat(float x)
{
	return (vf){0} + x;
}

/* larger and smaller: a > b ? a : b and a < b ? a : b in one instruction each; so b where one is
 * NaN. */
#ifdef __AVX512F__
INLINE vf choose(vi mask, vf yes, vf no)
{
	return (vf)((mask & (vi)yes) | (~mask & (vi)no));
}

INLINE vf larger(vf a, vf b)
{
	return (vf)_mm512_max_ps((__m512)a, (__m512)b);
}

INLINE vf smaller(vf a, vf b)
{
	return (vf)_mm512_min_ps((__m512)a, (__m512)b);
}

INLINE vf root(vf x)
{
	return (vf)_mm512_sqrt_ps((__m512)x);
}
#else
INLINE vf choose(vi mask, vf yes, vf no)
{
	return (vf)_mm256_blendv_ps((__m256)no, (__m256)yes, (__m256)mask);
}

INLINE vf larger(vf a, vf b)
{
	return (vf)_mm256_max_ps((__m256)a, (__m256)b);
}

INLINE vf smaller(vf a, vf b)
{
	return (vf)_mm256_min_ps((__m256)a, (__m256)b);
}

INLINE vf root(vf x)
{
	return (vf)_mm256_sqrt_ps((__m256)x);
}
#endif

/* The halves of a strip. */
INLINE __m256 lower_half(const vf strip[PARTS])
{
#ifdef __AVX512F__
	return _mm512_castps512_ps256((__m512)strip[0]);
#else
	return (__m256)strip[0];
#endif
}

INLINE __m256 upper_half(const vf strip[PARTS])
{
#ifdef __AVX512F__
	return _mm512_extractf32x8_ps((__m512)strip[0], 1);
#else
	return (__m256)strip[1];
#endif
}

/* Lanes are folded in halves: i and i + 8, then + 4, + 2, + 1. */
INLINE float sum_lanes(const vf strip[PARTS])
{
	__m256 x = _mm256_add_ps(lower_half(strip), upper_half(strip));
	__m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));

	y = _mm_add_ps(y, _mm_movehl_ps(y, y));
	return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}

/* sum_lanes of four strips, with fewer instructions and the same bits. */
INLINE void sum_lanes_of_four(float out[4], vf strips[4][PARTS])
{
	__m128 y[4], a, b;

#pragma GCC unroll 4
	for (int r = 0; r < 4; r++) {
		__m256 x = _mm256_add_ps(lower_half(strips[r]), upper_half(strips[r]));

		y[r] = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
	}
	a = _mm_add_ps(_mm_unpacklo_ps(y[0], y[1]), _mm_unpackhi_ps(y[0], y[1]));
	b = _mm_add_ps(_mm_unpacklo_ps(y[2], y[3]), _mm_unpackhi_ps(y[2], y[3]));
	_mm_storeu_ps(out, _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a)));
}

INLINE float max_lanes(const vf strip[PARTS])
{
	__m256 x = _mm256_max_ps(upper_half(strip), lower_half(strip));
	__m128 y = _mm_max_ps(_mm256_extractf128_ps(x, 1), _mm256_castps256_ps128(x));

	y = _mm_max_ps(_mm_movehl_ps(y, y), y);
	return _mm_cvtss_f32(_mm_max_ss(_mm_movehdup_ps(y), y));
}

/* Bit i: is lane i of a comparison's result true? */
INLINE unsigned bits_of(vi mask)
{
#ifdef __AVX512F__
	return _mm512_movepi32_mask((__m512i)mask);
#else
	return (unsigned)_mm256_movemask_ps((__m256)mask);
#endif
}

#define HALF_WAY 12582912.f /* 1.5 * 2^23: what is added to it is rounded to a whole number */

/* p 2^n of a normal p and result, n = shifted - HALF_WAY: the same bits in both forms. 0 where x <
 * -87, but not where it is NaN. */
INLINE vf times_power(vf p, vf shifted, vf x)
{
#ifdef __AVX512F__
	__mmask16 some = _mm512_cmp_ps_mask((__m512)x, _mm512_set1_ps(-87), _CMP_NLT_UQ);

	return (vf)_mm512_maskz_scalef_ps(some, (__m512)p, (__m512)(shifted - HALF_WAY));
#else
	/* unsigned, as the sum may overflow where it is thrown away */
	return (vf)((vi)((vu)p + (((vu)shifted - (vu)splat(HALF_WAY)) << 23)) & ~(x < -87.f));
#endif
}

/* The functions below take n vectors at once, step by step, n a constant where they are called: a
 * CPU does not look far enough ahead to find others by itself while one waits for its own steps. A
 * vector's bits do not depend on n. */
#define ABREAST 4 /* at most */
#define EACH(j, n) _Pragma("GCC unroll 4") for (size_t j = 0; j < (n); j++)

/* x = e^x: 2^n * e^r with |r| <= ln 2 / 2; e^r by its series to the sixth power (relative error
 * 2e-7), of an x <= 88. Below -87 the result is 0, of NaN NaN. */
INLINE void exponentials_to_88(const size_t n, vf x[])
{
	static const float series[] = {1.f / 120, 1.f / 24, 1.f / 6, .5f, 1.f, 1.f};
	vf shifted[ABREAST], r[ABREAST], p[ABREAST];

	EACH(j, n)
		shifted[j] = x[j] * 1.44269504f + HALF_WAY;
	EACH(j, n) {
		vf whole = shifted[j] - HALF_WAY;

		r[j] = x[j] - whole * .693359375f + whole * 2.12194440e-4f; /* ln 2 in two parts */
		p[j] = splat(1.f / 720);
	}
#pragma GCC unroll 6
	for (int k = 0; k < 6; k++)
		EACH(j, n)
			p[j] = p[j] * r[j] + series[k];
	EACH(j, n)
		x[j] = times_power(p[j], shifted[j], x[j]);
}

INLINE vf exponential_to_88(vf x)
{
	exponentials_to_88(1, &x);
	return x;
}

/* Phi(x) = erfc(-x / sqrt 2) / 2 and e^(-x^2 / 2), which its derivative shares. The coefficients
 * come from tests/reference/fit_erfc.py (relative error 2e-8). */
INLINE void normal_cdfs(const size_t n, vf cdf[], vf bell[], const vf x[])
{
	static const float c[] = {.169188031f,  .170714821f,   .148341834f,
				  .21491636f,   -.0946292586f, .547690387f,
				  -.512253114f, .485551452f,   -.129520533f};
	const float slope = .3f * .707106781f; /* t = 1 / (1 + .3 |x| / sqrt 2) */
	vf t[ABREAST], p[ABREAST];

	EACH(j, n)
		t[j] = 1.f / (1.f + slope * (vf)((vi)x[j] & 0x7fffffff));
	EACH(j, n)
		bell[j] = -.5f * x[j] * x[j];
	exponentials_to_88(n, bell);
	EACH(j, n)
		p[j] = splat(.5f * c[8]);
#pragma GCC unroll 8
	for (int k = 7; k >= 0; k--)
		EACH(j, n)
			p[j] = p[j] * t[j] + .5f * c[k];
	EACH(j, n) {
		vf half = p[j] * t[j] * bell[j];

		cdf[j] = choose(x[j] < 0, half, 1.f - half);
	}
}

/* u = tanh(u); e^(2u) above 88 is e^88. */
INLINE void tangents(const size_t n, vf u[])
{
	EACH(j, n)
		u[j] = smaller(splat(88.f), 2.f * u[j]);
	exponentials_to_88(n, u);
	EACH(j, n)
		u[j] = 1.f - 2.f / (1.f + u[j]);
}

#endif
