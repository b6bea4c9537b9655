/* SPDX-License-Identifier: Apache-2.0 */
/* vector_math.h - sixteen floats at a time in GCC's vector extension (gcc and clang): loads,
 * choices, sums, e^x, the normal distribution function. For kernels_vector.c, which is built once
 * for each instruction set. */
#ifndef ABL_VECTOR_MATH_H
#define ABL_VECTOR_MATH_H

#include <immintrin.h>
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

INLINE vf load_part(const float *p, size_t n)
{
	float pad[LANES] = {0};

	memcpy(pad, p, n * sizeof *p);
	return load(pad);
}

INLINE void store_part(float *p, vf v, size_t n)
{
	memcpy(p, &v, n * sizeof *p);
}

INLINE vf splat(float x)
{
	return (vf){0} + x;
}

INLINE vf choose(vi mask, vf yes, vf no)
{
	return (vf)((mask & (vi)yes) | (~mask & (vi)no));
}

INLINE vf larger(vf a, vf b)
{
	return choose(a > b, a, b);
}

INLINE vf smaller(vf a, vf b)
{
	return choose(a < b, a, b);
}

INLINE float sum_lanes(vf v)
{
	float x[LANES];

	store(x, v);
	for (int width = LANES / 2; width; width /= 2)
		for (int i = 0; i < width; i++)
			x[i] += x[i + width];
	return x[0];
}

INLINE float max_lanes(vf v)
{
	float x[LANES];

	store(x, v);
	for (int width = LANES / 2; width; width /= 2)
		for (int i = 0; i < width; i++)
			x[i] = x[i + width] > x[i] ? x[i + width] : x[i];
	return x[0];
}

/* 2^n * e^r with |r| <= ln 2 / 2; e^r by its series to the sixth power (relative error 2e-7). Below
 * -87 the result is 0, above 88 it is e^88. */
INLINE vf exponential(vf x)
{
	vf clamped = smaller(larger(x, splat(-87.f)), splat(88.f));
	vf shifted = clamped * 1.44269504f + 12582912.f; /* 1.5 * 2^23: rounds to whole */
	vi n = (vi)shifted - 0x4B400000;
	vf whole = shifted - 12582912.f;
	vf r = clamped - whole * .693359375f + whole * 2.12194440e-4f; /* ln 2 in two parts */
	vf p = splat(1.f / 720);

	p = p * r + 1.f / 120;
	p = p * r + 1.f / 24;
	p = p * r + 1.f / 6;
	p = p * r + .5f;
	p = p * r + 1.f;
	p = p * r + 1.f;
	return choose(x < -87.f, splat(0), (vf)((vi)p + (n << 23)));
}

/* Phi(x) = erfc(-x / sqrt 2) / 2 and e^(-x^2 / 2), which its derivative shares. The coefficients
 * come from tests/reference/fit_erfc.py (relative error 2e-8). */
INLINE vf normal_cdf(vf x, vf *bell)
{
	static const float c[] = {.169188031f, .170714821f, .148341834f, .21491636f, -.0946292586f,
				  .547690387f, -.512253114f, .485551452f, -.129520533f};
	vf z = (vf)((vi)x & 0x7fffffff) * .707106781f, t = 1.f / (1.f + .3f * z), p = splat(c[8]);
	vf half;

	for (int k = 7; k >= 0; k--)
		p = p * t + c[k];
	*bell = exponential(-z * z);
	half = .5f * p * t * *bell;
	return choose(x < 0, half, 1.f - half);
}

INLINE vf tanh_of(vf u)
{
	return 1.f - 2.f / (1.f + exponential(2.f * u));
}

/* Is lane i below n? */
INLINE vi lanes_below(size_t n)
{
	vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

	return lane < (int32_t)n;
}

#endif
