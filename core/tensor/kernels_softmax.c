/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_softmax.c - softmax and cross-entropy of a row, in vectors (kernels_vector.h). */
#include "kernels_vector.h"

#include <math.h>

void IN_SET(softmax_)(float *s, size_t n, size_t stride, float scale)
{
	const vf least = splat(-ABL_REAL_MAX);
	vf max[PARTS], sum[PARTS];
	size_t whole = n / STRIP * STRIP, rest = n - whole, padded = rest ? whole + STRIP : whole,
	       at = 0;
	float top, inverse;

	EACH_PART(k)
		max[k] = least, sum[k] = splat(0);
	for (size_t i = 0; i < whole; i += STRIP)
		EACH_PART(k) {
			vf v = load(s + i + k * LANES) * scale;

			store(s + i + k * LANES, v);
			max[k] = larger(max[k], v);
		}
	for (size_t k = 0; rest && k < PARTS; k++) {
		size_t part = part_of(rest, k);
		float *last = s + whole + k * LANES;
		vf v = choose(lanes_below(part), load_part(last, part) * scale, least);

		store(last, v);
		max[k] = larger(max[k], v);
	}
	top = max_lanes(max);
	for (; at + ABREAST * LANES <= padded; at += ABREAST * LANES) {
		vf e[ABREAST];

		EACH(j, ABREAST)
			e[j] = load(s + at + j * LANES) - top;
		exponentials_to_88(ABREAST, e);
		EACH(j, ABREAST) {
			store(s + at + j * LANES, e[j]);
			sum[j % PARTS] += e[j];
		}
	}
	for (size_t i = at; i < padded; i += STRIP)
		EACH_PART(k) {
			vf e = exponential_to_88(load(s + i + k * LANES) - top);

			store(s + i + k * LANES, e);
			sum[k] += e;
		}
	inverse = 1 / sum_lanes(sum);
	for (size_t i = 0; i < padded; i += LANES)
		store(s + i, load(s + i) * inverse);
	for (size_t i = padded; i < stride; i++)
		s[i] = 0;
}

void IN_SET(softmax_backward_)(float *dp, const float *p, size_t n, float scale)
{
	size_t whole = n / STRIP * STRIP, rest = n - whole, i;
	vf vdot[PARTS] = {0};
	float dot;

	for (i = 0; i < whole; i += STRIP)
		EACH_PART(k)
			vdot[k] += load(p + i + k * LANES) * load(dp + i + k * LANES);
	for (size_t k = 0; rest && k < PARTS; k++)
		vdot[k] += load_part(p + i + k * LANES, part_of(rest, k)) *
			   load_part(dp + i + k * LANES, part_of(rest, k));
	dot = sum_lanes(vdot);
	for (i = 0; i + LANES <= n; i += LANES)
		store(dp + i, scale * load(p + i) * (load(dp + i) - dot));
	if (i < n)
		store_part(dp + i,
			   scale * load_part(p + i, n - i) * (load_part(dp + i, n - i) - dot),
			   n - i);
}

/* A row of logits to which a bias is added (or none). The sum is made anew where it is read: that
 * is cheaper than to write it and read it again. */
struct logits {
	const float *x, *bias;
};

INLINE vf logits_at(struct logits l, size_t i)
{
	return load(l.x + i) + (l.bias ? load(l.bias + i) : splat(0));
}

INLINE vf last_logits(struct logits l, size_t i, size_t n)
{
	return load_part(l.x + i, n) + (l.bias ? load_part(l.bias + i, n) : splat(0));
}

#define CHUNK 512 /* values */

/* Of values [from, to). */
INLINE float largest_in(struct logits l, size_t from, size_t to)
{
	const vf least = splat(-ABL_REAL_MAX);
	vf max[PARTS];
	size_t i = from;

	EACH_PART(k)
		max[k] = least;
	for (; i + STRIP <= to; i += STRIP)
		EACH_PART(k)
			max[k] = larger(max[k], logits_at(l, i + k * LANES));
	for (size_t k = 0; i < to && k < PARTS; k++) {
		size_t part = part_of(to - i, k);

		max[k] = larger(max[k], choose(lanes_below(part),
					       last_logits(l, i + k * LANES, part), least));
	}
	return max_lanes(max);
}

/* Where the first is that is not below `top`; the last of all if there is none, as for NaN. */
INLINE size_t first_at_least(struct logits l, size_t from, size_t n, float top)
{
	for (size_t i = from; i < n; i += LANES) {
		size_t part = n - i < LANES ? n - i : LANES;
		unsigned found = bits_of(lanes_below(part) & (last_logits(l, i, part) >= top));

		if (found)
			return i + (size_t)__builtin_ctz(found);
	}
	return n - 1;
}

INLINE float largest(struct logits l, size_t n, size_t *where)
{
	float top = -ABL_REAL_MAX;
	size_t chunk = 0;

	for (size_t from = 0; from < n; from += CHUNK) {
		float one = largest_in(l, from, n - from < CHUNK ? n : from + CHUNK);

		if (one > top) {
			top = one;
			chunk = from;
		}
	}
	*where = first_at_least(l, chunk, n, top);
	return top;
}

/* out = e^(x - top); returns the sum. */
INLINE float exponentials(float *out, struct logits l, size_t n, float top)
{
	vf sum[PARTS] = {0};
	size_t i = 0;

	for (; i + ABREAST * LANES <= n; i += ABREAST * LANES) {
		vf e[ABREAST];

		EACH(j, ABREAST)
			e[j] = logits_at(l, i + j * LANES) - top;
		exponentials_to_88(ABREAST, e);
		EACH(j, ABREAST) {
			store(out + i + j * LANES, e[j]);
			sum[j % PARTS] += e[j];
		}
	}
	for (; i + STRIP <= n; i += STRIP)
		EACH_PART(k) {
			vf e = exponential_to_88(logits_at(l, i + k * LANES) - top);

			store(out + i + k * LANES, e);
			sum[k] += e;
		}
	for (size_t k = 0; i < n && k < PARTS; k++) {
		size_t part = part_of(n - i, k);
		vf e = exponential_to_88(last_logits(l, i + k * LANES, part) - top);

		store_part(out + i + k * LANES, e, part);
		sum[k] += choose(lanes_below(part), e, splat(0));
	}
	return sum_lanes(sum);
}

/* What cross_entropy does with a row, compiled for rows with a bias and without. */
INLINE float loss_of(float *x, struct logits l, float *d_bias, size_t n, size_t target,
		     float gradient, size_t *best)
{
	float aimed = x[target] + (l.bias ? l.bias[target] : 0), top = largest(l, n, best),
	      sum = exponentials(x, l, n, top), factor;
	size_t i = 0;

	if (gradient == 0)
		return logf(sum) + top - aimed;
	factor = gradient / sum;
	x[target] -= sum; /* the onehot, before the factor */
	for (; i + LANES <= n; i += LANES) {
		vf d = load(x + i) * factor;

		store(x + i, d);
		if (d_bias)
			store(d_bias + i, load(d_bias + i) + d);
	}
	for (; i < n; i++) {
		x[i] *= factor;
		if (d_bias)
			d_bias[i] += x[i];
	}
	return logf(sum) + top - aimed;
}

float IN_SET(cross_entropy_)(float *logits, const float *bias, float *d_bias, size_t n,
			     size_t target, float gradient, size_t *best)
{
	struct logits l = {logits, bias};

	return bias ? loss_of(logits, l, d_bias, n, target, gradient, best)
		    : loss_of(logits, (struct logits){logits, NULL}, d_bias, n, target, gradient,
			      best);
}
