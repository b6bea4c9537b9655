/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_vector.c - the fast forms, in GCC's vector extension (gcc and clang). Built once for each
 * instruction set with -DABL_SET=avx2 or avx512; a vector is 16 floats in both (two registers in
 * AVX2). Ends of rows that do not fill a vector go through a padded copy, so every value is
 * computed alike. */
#include "kernels.h"
#include "vector_math.h"

#include <math.h>

#define BELL_SCALE .398942280f /* 1 / sqrt(2 pi) */
#define TANH_SCALE .797884561f /* sqrt(2 / pi) */

INLINE vf gelu_value(vf x)
{
	vf bell;

	return x * normal_cdf(x, &bell);
}

INLINE vf gelu_slope(vf x)
{
	vf bell, cdf = normal_cdf(x, &bell);

	return cdf + x * bell * BELL_SCALE;
}

INLINE vf gelu_tanh_value(vf x)
{
	return .5f * x * (1.f + tanh_of(TANH_SCALE * (x + .044715f * x * x * x)));
}

INLINE vf gelu_tanh_slope(vf x)
{
	vf t = tanh_of(TANH_SCALE * (x + .044715f * x * x * x));

	return .5f * (1.f + t) +
	       .5f * x * (1.f - t * t) * TANH_SCALE * (1.f + 3 * .044715f * x * x);
}

INLINE vf relu_value(vf x)
{
	return larger(x, splat(0));
}

INLINE vf relu_slope(vf x)
{
	return choose(x > 0, splat(1), splat(0));
}

#define ACTIVATION(name)                                                                        \
	static void name(float *y, const float *x, size_t n)                                    \
	{                                                                                       \
		size_t i = 0;                                                                   \
		for (; i + LANES <= n; i += LANES)                                              \
			store(y + i, name##_value(load(x + i)));                                \
		if (i < n)                                                                      \
			store_part(y + i, name##_value(load_part(x + i, n - i)), n - i);        \
	}                                                                                       \
	static void name##_backward(float *dx, const float *dy, const float *x, size_t n)       \
	{                                                                                       \
		size_t i = 0;                                                                   \
		for (; i + LANES <= n; i += LANES)                                              \
			store(dx + i, load(dx + i) + load(dy + i) * name##_slope(load(x + i))); \
		if (i < n)                                                                      \
			store_part(dx + i,                                                      \
				   load_part(dx + i, n - i) +                                   \
					   load_part(dy + i, n - i) *                           \
						   name##_slope(load_part(x + i, n - i)),       \
				   n - i);                                                      \
	}

ACTIVATION(gelu)
ACTIVATION(gelu_tanh)
ACTIVATION(relu)

static void layernorm(float *y, float *stats, const float *x, const float *gamma, const float *beta,
		      size_t rows, size_t width, float eps)
{
	size_t whole = width / LANES * LANES, rest = width - whole;

	for (size_t r = 0; r < rows; r++, x += width, y += width) {
		vf sum = splat(0), squares = splat(0);
		float mean, rstd;
		size_t i;

		for (i = 0; i < whole; i += LANES)
			sum += load(x + i);
		if (rest)
			sum += load_part(x + i, rest);
		mean = sum_lanes(sum) / (float)width;
		for (i = 0; i < whole; i += LANES)
			squares += (load(x + i) - mean) * (load(x + i) - mean);
		if (rest) {
			vf d = choose(lanes_below(rest), load_part(x + i, rest) - mean, splat(0));

			squares += d * d;
		}
		rstd = 1 / sqrtf(sum_lanes(squares) / (float)width + eps);
		for (i = 0; i < whole; i += LANES)
			store(y + i,
			      (load(x + i) - mean) * rstd * load(gamma + i) + load(beta + i));
		for (; i < width; i++)
			y[i] = (x[i] - mean) * rstd * gamma[i] + beta[i];
		stats[2 * r] = mean;
		stats[2 * r + 1] = rstd;
	}
}

static void layernorm_backward(float *dx, float *dgamma, float *dbeta, const float *dy,
			       const float *x, const float *stats, const float *gamma, size_t rows,
			       size_t width)
{
	size_t whole = width / LANES * LANES;

	for (size_t r = 0; r < rows; r++, x += width, dx += width, dy += width) {
		float mean = stats[2 * r], rstd = stats[2 * r + 1], sum, dot;
		vf vsum = splat(0), vdot = splat(0);
		size_t i;

		for (i = 0; i < whole; i += LANES) {
			vf g = load(dy + i), normed = (load(x + i) - mean) * rstd,
			   d = g * load(gamma + i);

			vsum += d;
			vdot += d * normed;
			store(dgamma + i, load(dgamma + i) + g * normed);
			store(dbeta + i, load(dbeta + i) + g);
		}
		sum = sum_lanes(vsum);
		dot = sum_lanes(vdot);
		for (; i < width; i++) {
			float normed = (x[i] - mean) * rstd, d = dy[i] * gamma[i];

			sum += d;
			dot += d * normed;
			dgamma[i] += dy[i] * normed;
			dbeta[i] += dy[i];
		}
		sum /= (float)width;
		dot /= (float)width;
		for (i = 0; i < whole; i += LANES)
			store(dx + i, (load(dy + i) * load(gamma + i) - sum -
				       (load(x + i) - mean) * rstd * dot) *
					      rstd);
		for (; i < width; i++)
			dx[i] = (dy[i] * gamma[i] - sum - (x[i] - mean) * rstd * dot) * rstd;
	}
}

static void softmax(float *s, size_t n, size_t stride, float scale)
{
	vf max = splat(-ABL_REAL_MAX), sum = splat(0);
	size_t padded = ABL_SCORE_STRIDE(n);
	float top, inverse;

	for (size_t i = n; i < padded; i++)
		s[i] = -ABL_REAL_MAX;
	for (size_t i = 0; i < padded; i += LANES) {
		vf v = choose(lanes_below(n - i), load(s + i) * scale, splat(-ABL_REAL_MAX));

		store(s + i, v);
		max = larger(max, v);
	}
	top = max_lanes(max);
	for (size_t i = 0; i < padded; i += LANES) {
		vf e = exponential(load(s + i) - top);

		store(s + i, e);
		sum += e;
	}
	inverse = 1 / sum_lanes(sum);
	for (size_t i = 0; i < padded; i += LANES)
		store(s + i, load(s + i) * inverse);
	for (size_t i = padded; i < stride; i++)
		s[i] = 0;
}

static void softmax_backward(float *dp, const float *p, size_t n, float scale)
{
	size_t whole = n / LANES * LANES, i;
	vf vdot = splat(0);
	float dot;

	for (i = 0; i < whole; i += LANES)
		vdot += load(p + i) * load(dp + i);
	if (i < n)
		vdot += load_part(p + i, n - i) * load_part(dp + i, n - i);
	dot = sum_lanes(vdot);
	for (i = 0; i < whole; i += LANES)
		store(dp + i, scale * load(p + i) * (load(dp + i) - dot));
	for (; i < n; i++)
		dp[i] = scale * p[i] * (dp[i] - dot);
}

/* High and low halves of a * m, lane by lane. */
INLINE void multiply_wide(vu a, uint32_t m, vu *high, vu *low)
{
#ifdef __AVX512F__
	__m512i va = (__m512i)a, vm = _mm512_set1_epi32((int)m);
	__m512i even = _mm512_mul_epu32(va, vm),
		odd = _mm512_mul_epu32(_mm512_srli_epi64(va, 32), vm);

	*high = (vu)_mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
	*low = (vu)_mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
#else
	__m256i half[2], vm = _mm256_set1_epi32((int)m), h[2], l[2];

	memcpy(half, &a, sizeof a);
	for (int k = 0; k < 2; k++) {
		__m256i even = _mm256_mul_epu32(half[k], vm);
		__m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(half[k], 32), vm);

		h[k] = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
		l[k] = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
	}
	memcpy(high, h, sizeof *high);
	memcpy(low, l, sizeof *low);
#endif
}

/* Sixteen Philox4x32-10 blocks at once: rng.c's abl_rng_block for b = row : first + lane. */
INLINE void philox(uint64_t key, uint64_t example, uint32_t row, uint32_t first, vu word[4])
{
	vu lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	vu c0 = (vu){0} + (uint32_t)example, c1 = (vu){0} + (uint32_t)(example >> 32);
	vu c2 = lane + first, c3 = (vu){0} + row;
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);

	for (int round = 0; round < 10; round++) {
		vu high0, low0, high1, low1;

		multiply_wide(c0, 0xD2511F53u, &high0, &low0);
		multiply_wide(c2, 0xCD9E8D57u, &high1, &low1);
		c0 = high1 ^ c1 ^ k0;
		c1 = low1;
		c2 = high0 ^ c3 ^ k1;
		c3 = low0;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	word[0] = c0, word[1] = c1, word[2] = c2, word[3] = c3;
}

static void dropout(float *x, size_t width, const struct abl_dropout *d, uint64_t example,
		    uint32_t row)
{
	for (size_t at = 0; at < width; at += 128) {
		vu word[4];

		philox(d->key, example, row, (uint32_t)(at / 128 * 16), word);
		for (size_t k = 0; k < 8 && at + k * LANES < width; k++) {
			vu draw = (k % 2 ? word[k / 2] >> 16 : word[k / 2]) & 0xffff;
			vi keep = (vi)draw >= (int32_t)d->threshold;
			float *p = x + at + k * LANES;
			size_t n = width - at - k * LANES;

			if (n >= LANES)
				store(p, (vf)((vi)(load(p) * d->scale) & keep));
			else
				store_part(p, (vf)((vi)(load_part(p, n) * d->scale) & keep), n);
		}
	}
}

static float cross_entropy(float *logits, size_t n, size_t target, float gradient, size_t *best)
{
	size_t whole = n / LANES * LANES, i, at = 0;
	vf max = splat(-ABL_REAL_MAX), sum = splat(0);
	float top, aimed = logits[target], log_sum, factor;

	for (i = 0; i < whole; i += LANES)
		max = larger(max, load(logits + i));
	top = max_lanes(max);
	for (; i < n; i++)
		top = logits[i] > top ? logits[i] : top;
	while (at + 1 < n &&
	       !(logits[at] >= top)) /* ends at the first of equals; at the end for NaN */
		at++;
	*best = at;
	for (i = 0; i < whole; i += LANES) {
		vf e = exponential(load(logits + i) - top);

		store(logits + i, e);
		sum += e;
	}
	if (i < n) {
		vf e = choose(lanes_below(n - i), exponential(load_part(logits + i, n - i) - top),
			      splat(0));

		store_part(logits + i, e, n - i);
		sum += e;
	}
	log_sum = sum_lanes(sum);
	factor = gradient / log_sum;
	if (gradient != 0) {
		for (i = 0; i < whole; i += LANES)
			store(logits + i, load(logits + i) * factor);
		for (; i < n; i++)
			logits[i] *= factor;
		logits[target] -= gradient;
	}
	return logf(log_sum) + top - aimed;
}

static void add_bias(float *x, const float *bias, size_t rows, size_t width)
{
	for (size_t r = 0; r < rows; r++, x += width) {
		size_t i = 0;

		for (; i + LANES <= width; i += LANES)
			store(x + i, load(x + i) + load(bias + i));
		for (; i < width; i++)
			x[i] += bias[i];
	}
}

static void add(float *y, const float *x, float scale, size_t n)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		store(y + i, load(y + i) + scale * load(x + i));
	for (; i < n; i++)
		y[i] += scale * x[i];
}

static void sum_rows(float *sum, const float *x, size_t rows, size_t width)
{
	for (size_t r = 0; r < rows; r++)
		add(sum, x + r * width, 1, width);
}

static double sum_squares(const float *x, size_t n)
{
	double total = 0;

	for (size_t at = 0; at < n; at += 4096) { /* short float sums, added in double */
		size_t end = at + 4096 < n ? at + 4096 : n, i = at;
		vf sum = splat(0);

		for (; i + LANES <= end; i += LANES)
			sum += load(x + i) * load(x + i);
		if (i < end) {
			vf part = load_part(x + i, end - i);

			sum += part * part;
		}
		total += (double)sum_lanes(sum);
	}
	return total;
}

INLINE vf root(vf x)
{
#ifdef __AVX512F__
	return (vf)_mm512_sqrt_ps((__m512)x);
#else
	__m256 half[2];

	memcpy(half, &x, sizeof x);
	half[0] = _mm256_sqrt_ps(half[0]);
	half[1] = _mm256_sqrt_ps(half[1]);
	memcpy(&x, half, sizeof x);
	return x;
#endif
}

static void adam(float *w, const float *g, float *m, float *v, size_t n,
		 const struct abl_adam_step *s)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES) {
		vf gradient = s->scale * load(g + i);
		vf m1 = s->beta1 * load(m + i) + (1 - s->beta1) * gradient;
		vf v1 = s->beta2 * load(v + i) + (1 - s->beta2) * gradient * gradient;

		store(m + i, m1);
		store(v + i, v1);
		store(w + i, s->keep * load(w + i) - s->rate * m1 / (root(v1) * s->root + s->eps));
	}
	for (; i < n; i++) {
		float gradient = s->scale * g[i];

		m[i] = s->beta1 * m[i] + (1 - s->beta1) * gradient;
		v[i] = s->beta2 * v[i] + (1 - s->beta2) * gradient * gradient;
		w[i] = s->keep * w[i] - s->rate * m[i] / (sqrtf(v[i]) * s->root + s->eps);
	}
}

#define PASTE(a, b) a##b
#define SET(name) PASTE(abl_kernels_, name)
#define TEXT(name) #name
#define NAME(name) TEXT(name)

const struct abl_kernels SET(ABL_SET) = {
	.name = NAME(ABL_SET),
	.gelu = gelu,
	.gelu_backward = gelu_backward,
	.gelu_tanh = gelu_tanh,
	.gelu_tanh_backward = gelu_tanh_backward,
	.relu = relu,
	.relu_backward = relu_backward,
	.layernorm = layernorm,
	.layernorm_backward = layernorm_backward,
	.softmax = softmax,
	.softmax_backward = softmax_backward,
	.dropout = dropout,
	.cross_entropy = cross_entropy,
	.add_bias = add_bias,
	.sum_rows = sum_rows,
	.add = add,
	.sum_squares = sum_squares,
	.adam = adam,
};
