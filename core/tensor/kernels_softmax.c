/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_softmax.c - softmax and cross-entropy of a row, in vectors (kernels_vector.h). */
#include "kernels_vector.h"

#include <math.h>

void IN_SET(softmax_)(float *s, size_t n, size_t stride, float scale)
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

void IN_SET(softmax_backward_)(float *dp, const float *p, size_t n, float scale)
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
	if (i < n)
		store_part(dp + i,
			   scale * load_part(p + i, n - i) * (load_part(dp + i, n - i) - dot),
			   n - i);
}

/* logits += bias; returns the largest. */
static float largest_with_bias(float *logits, const float *bias, size_t n)
{
	size_t whole = n / LANES * LANES, i;
	vf max = splat(-ABL_REAL_MAX);

	for (i = 0; i < whole; i += LANES) {
		vf v = load(logits + i) + (bias ? load(bias + i) : splat(0));

		store(logits + i, v);
		max = larger(max, v);
	}
	if (i < n) {
		vf v = load_part(logits + i, n - i) +
		       (bias ? load_part(bias + i, n - i) : splat(0));

		store_part(logits + i, v, n - i);
		max = larger(max, choose(lanes_below(n - i), v, splat(-ABL_REAL_MAX)));
	}
	return max_lanes(max);
}

/* Ends at the first of equals; at the end for NaN. */
static size_t first_at_least(const float *x, size_t n, float top)
{
	size_t i = 0;

	while (i + LANES <= n && !any_lane(load(x + i) >= top))
		i += LANES;
	while (i + 1 < n && !(x[i] >= top))
		i++;
	return i;
}

/* x = e^(x - top); returns the sum. */
static float exponentials(float *x, size_t n, float top)
{
	size_t whole = n / LANES * LANES, i;
	vf sum = splat(0);

	for (i = 0; i < whole; i += LANES) {
		vf e = exponential(load(x + i) - top);

		store(x + i, e);
		sum += e;
	}
	if (i < n) {
		vf e = choose(lanes_below(n - i), exponential(load_part(x + i, n - i) - top),
			      splat(0));

		store_part(x + i, e, n - i);
		sum += e;
	}
	return sum_lanes(sum);
}

float IN_SET(cross_entropy_)(float *logits, const float *bias, float *d_bias, size_t n,
			     size_t target, float gradient, size_t *best)
{
	float top = largest_with_bias(logits, bias, n), aimed = logits[target], sum, factor;
	size_t i = 0;

	*best = first_at_least(logits, n, top);
	sum = exponentials(logits, n, top);
	if (gradient == 0)
		return logf(sum) + top - aimed;
	factor = gradient / sum;
	logits[target] -= sum; /* the onehot, before the factor */
	for (; i + LANES <= n; i += LANES) {
		vf d = load(logits + i) * factor;

		store(logits + i, d);
		if (d_bias)
			store(d_bias + i, load(d_bias + i) + d);
	}
	for (; i < n; i++) {
		logits[i] *= factor;
		if (d_bias)
			d_bias[i] += logits[i];
	}
	return logf(sum) + top - aimed;
}
