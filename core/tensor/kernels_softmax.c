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

/* Several rows go side by side, a chunk of each in turn: so the bias and its gradient are read from
 * afar once for all of them. */
#define CHUNK 512 /* values */
#define ROWS 4    /* at most */
#define EACH_ROW(r) _Pragma("GCC unroll 4") for (size_t r = 0; r < rows; r++)

INLINE size_t chunk_end(size_t from, size_t n)
{
	return n - from < CHUNK ? n : from + CHUNK;
}

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

INLINE void find_largest(const size_t rows, float top[], struct abl_row_loss *c,
			 const struct logits l[], size_t n)
{
	size_t chunk[ROWS];

	EACH_ROW(r)
		top[r] = -ABL_REAL_MAX, chunk[r] = 0;
	for (size_t from = 0; from < n; from += CHUNK)
		for (size_t r = 0; r < rows; r++) {
			float one = largest_in(l[r], from, chunk_end(from, n));

			if (one > top[r])
				top[r] = one, chunk[r] = from;
		}
	for (size_t r = 0; r < rows; r++)
		c[r].best = first_at_least(l[r], chunk[r], n, top[r]);
}

/* Values [i, to) of out = e^(x - top); they are added to the sum. */
INLINE void exponentials(float *out, struct logits l, size_t i, size_t to, float top, vf sum[PARTS])
{
	for (; i + ABREAST * LANES <= to; i += ABREAST * LANES) {
		vf e[ABREAST];

		EACH(j, ABREAST)
			e[j] = logits_at(l, i + j * LANES) - top;
		exponentials_to_88(ABREAST, e);
		EACH(j, ABREAST) {
			store(out + i + j * LANES, e[j]);
			sum[j % PARTS] += e[j];
		}
	}
	for (; i + STRIP <= to; i += STRIP)
		EACH_PART(k) {
			vf e = exponential_to_88(logits_at(l, i + k * LANES) - top);

			store(out + i + k * LANES, e);
			sum[k] += e;
		}
	for (size_t k = 0; i < to && k < PARTS; k++) {
		size_t part = part_of(to - i, k);
		vf e = exponential_to_88(last_logits(l, i + k * LANES, part) - top);

		store_part(out + i + k * LANES, e, part);
		sum[k] += choose(lanes_below(part), e, splat(0));
	}
}

/* The rows times their factors; they are added to d_bias. */
INLINE void scale_rows(const size_t rows, float *x, const float factor[], float *d_bias, size_t n)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES) {
		vf all = d_bias ? load(d_bias + i) : splat(0);

		EACH_ROW(r) {
			vf d = load(x + r * n + i) * factor[r];

			store(x + r * n + i, d);
			all += d;
		}
		if (d_bias)
			store(d_bias + i, all);
	}
	for (; i < n; i++)
		EACH_ROW(r) {
			x[r * n + i] *= factor[r];
			if (d_bias)
				d_bias[i] += x[r * n + i];
		}
}

/* What cross_entropy does with so many rows, compiled for those with a bias and without. */
INLINE void find_losses(const size_t rows, struct abl_row_loss *c, float *x, const float *bias,
			float *d_bias, size_t n, float gradient)
{
	struct logits l[ROWS];
	float aimed[ROWS], top[ROWS], factor[ROWS];
	vf sums[ROWS][PARTS];

	EACH_ROW(r) {
		l[r] = (struct logits){x + r * n, bias};
		aimed[r] = x[r * n + c[r].target] + (bias ? bias[c[r].target] : 0);
		EACH_PART(k)
			sums[r][k] = splat(0);
	}
	find_largest(rows, top, c, l, n);
	for (size_t from = 0; from < n; from += CHUNK)
		for (size_t r = 0; r < rows; r++)
			exponentials(x + r * n, l[r], from, chunk_end(from, n), top[r], sums[r]);
	EACH_ROW(r) {
		float sum = sum_lanes(sums[r]);

		c[r].loss = logf(sum) + top[r] - aimed[r];
		factor[r] = gradient / sum;
		x[r * n + c[r].target] -= sum; /* the onehot, before the factor */
	}
	if (gradient != 0)
		scale_rows(rows, x, factor, d_bias, n);
}

INLINE void find_all_losses(struct abl_row_loss *c, size_t rows, float *x, const float *bias,
			    float *d_bias, size_t n, float gradient)
{
	for (; rows >= ROWS; rows -= ROWS, c += ROWS, x += ROWS * n)
		find_losses(ROWS, c, x, bias, d_bias, n, gradient);
	for (; rows; rows--, c++, x += n)
		find_losses(1, c, x, bias, d_bias, n, gradient);
}

void IN_SET(cross_entropy_)(struct abl_row_loss *c, size_t rows, float *logits, const float *bias,
			    float *d_bias, size_t n, float gradient)
{
	if (bias)
		find_all_losses(c, rows, logits, bias, d_bias, n, gradient);
	else
		find_all_losses(c, rows, logits, NULL, NULL, n, gradient);
}
