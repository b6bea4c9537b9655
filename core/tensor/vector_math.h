/* SPDX-License-Identifier: Apache-2.0 */
/* vector_math.h - sixteen floats at a time in GCC's vector extension (gcc and clang): loads,
 * choices, sums, e^x, the normal distribution function. For the kernels_*.c files that are built
 * once for each instruction set. */
#ifndef ABL_VECTOR_MATH_H
#define ABL_VECTOR_MATH_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANES 16
#define INLINE static inline __attribute__((always_inline))

typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));
typedef uint32_t vu __attribute__((vector_size(64)));

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
	vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

	return lane < (int32_t)n;
}

/* The first n < LANES values, 0 behind them; nothing beyond them is touched. */
INLINE vf load_part(const float *p, size_t n)
{
#ifdef __AVX512F__
	return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#else
	vi mask = lanes_below(n);
	__m256i half[2];
	vf v;

	memcpy(half, &mask, sizeof mask);
	for (int k = 0; k < 2; k++) {
		__m256 part = _mm256_maskload_ps(p + 8 * k, half[k]);

		memcpy((char *)&v + sizeof part * (size_t)k, &part, sizeof part);
	}
	return v;
#endif
}

INLINE void store_part(float *p, vf v, size_t n)
{
#ifdef __AVX512F__
	_mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#else
	vi mask = lanes_below(n);
	__m256i half[2];
	__m256 part[2];

	memcpy(half, &mask, sizeof mask);
	memcpy(part, &v, sizeof v);
	_mm256_maskstore_ps(p, half[0], part[0]);
	_mm256_maskstore_ps(p + 8, half[1], part[1]);
#endif
}

INLINE vf splat(float x)
{
	return (vf){0} + x;
}

INLINE vf choose(vi mask, vf yes, vf no)
{
	return (vf)((mask & (vi)yes) | (~mask & (vi)no));
}

/* a > b ? a : b and a < b ? a : b in one instruction each; so b where one is NaN. */
#ifdef __AVX512F__
INLINE vf larger(vf a, vf b)
{
	return (vf)_mm512_max_ps((__m512)a, (__m512)b);
}

INLINE vf smaller(vf a, vf b)
{
	return (vf)_mm512_min_ps((__m512)a, (__m512)b);
}
#else
INLINE vf larger(vf a, vf b)
{
	return choose(a > b, a, b);
}

INLINE vf smaller(vf a, vf b)
{
	return choose(a < b, a, b);
}
#endif

INLINE __m256 lower_half(vf v)
{
	__m256 half;

	memcpy(&half, &v, sizeof half);
	return half;
}

INLINE __m256 upper_half(vf v)
{
#ifdef __AVX512F__
	return _mm512_extractf32x8_ps((__m512)v, 1);
#else
	__m256 half[2];

	memcpy(half, &v, sizeof half);
	return half[1];
#endif
}

/* Lanes are folded in halves: i and i + 8, then + 4, + 2, + 1. */
INLINE float sum_lanes(vf v)
{
	__m256 x = _mm256_add_ps(lower_half(v), upper_half(v));
	__m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));

	y = _mm_add_ps(y, _mm_movehl_ps(y, y));
	return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}

INLINE float max_lanes(vf v)
{
	__m256 x = _mm256_max_ps(upper_half(v), lower_half(v));
	__m128 y = _mm_max_ps(_mm256_extractf128_ps(x, 1), _mm256_castps256_ps128(x));

	y = _mm_max_ps(_mm_movehl_ps(y, y), y);
	return _mm_cvtss_f32(_mm_max_ss(_mm_movehdup_ps(y), y));
}

/* Is any lane of a comparison's result true? */
INLINE bool any_lane(vi mask)
{
#ifdef __AVX512F__
	return _mm512_movepi32_mask((__m512i)mask) != 0;
#else
	__m256i half[2];

	memcpy(half, &mask, sizeof half);
	return _mm256_movemask_epi8(_mm256_or_si256(half[0], half[1])) != 0;
#endif
}

#define HALF_WAY 12582912.f /* 1.5 * 2^23: what is added to it is rounded to a whole number */

/* p 2^n of a normal p and result, n = shifted - HALF_WAY: the same bits in both forms. */
INLINE vf times_power(vf p, vf shifted)
{
#ifdef __AVX512F__
	return (vf)_mm512_scalef_ps((__m512)p, (__m512)(shifted - HALF_WAY));
#else
	return (vf)((vi)p + (((vi)shifted - (vi)splat(HALF_WAY)) << 23));
#endif
}

/* 2^n * e^r with |r| <= ln 2 / 2; e^r by its series to the sixth power (relative error 2e-7). Below
 * -87 the result is 0, above 88 it is e^88, of NaN NaN. */
INLINE vf exponential(vf x)
{
	vf clamped = smaller(splat(88.f), larger(splat(-87.f), x));
	vf shifted = clamped * 1.44269504f + HALF_WAY;
	vf whole = shifted - HALF_WAY;
	vf r = clamped - whole * .693359375f + whole * 2.12194440e-4f; /* ln 2 in two parts */
	vf p = splat(1.f / 720);

	p = p * r + 1.f / 120;
	p = p * r + 1.f / 24;
	p = p * r + 1.f / 6;
	p = p * r + .5f;
	p = p * r + 1.f;
	p = p * r + 1.f;
	return choose(x < -87.f, splat(0), times_power(p, shifted));
}

/* Phi(x) = erfc(-x / sqrt 2) / 2 and e^(-x^2 / 2), which its derivative shares. The coefficients
 * come from tests/reference/fit_erfc.py (relative error 2e-8). */
INLINE vf normal_cdf(vf x, vf *bell)
{
	static const float c[] = {.169188031f,  .170714821f,   .148341834f,
				  .21491636f,   -.0946292586f, .547690387f,
				  -.512253114f, .485551452f,   -.129520533f};
	const float slope = .3f * .707106781f; /* t = 1 / (1 + .3 |x| / sqrt 2) */
	vf t = 1.f / (1.f + slope * (vf)((vi)x & 0x7fffffff)), p = splat(.5f * c[8]);
	vf half;

	for (int k = 7; k >= 0; k--)
		p = p * t + .5f * c[k];
	*bell = exponential(-.5f * x * x);
	half = p * t * *bell;
	return choose(x < 0, half, 1.f - half);
}

INLINE vf tanh_of(vf u)
{
	return 1.f - 2.f / (1.f + exponential(2.f * u));
}

#endif
