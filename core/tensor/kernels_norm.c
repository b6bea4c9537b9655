/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_norm.c - layer normalisation in vectors (kernels_vector.h).
 *
 * A row's sums are one chain of additions each, and every addition waits for the one before it. So
 * several rows go side by side: their chains fill each other's waits, the gain and the bias are
 * read once for all of them, and each row's numbers come out as if it were alone. */
#include "kernels_vector.h"

#include <math.h>

#define EACH_ROW(r) _Pragma("GCC unroll 16") for (size_t r = 0; r < n; r++)
#define ROWS (LANES / 2) /* side by side: as many as there are registers for */

/* The lanes' sums of n rows. */
INLINE void sum_rows_lanes(const size_t n, float out[ROWS], vf sums[ROWS][PARTS])
{
	size_t r = 0;

	for (; r + 4 <= n; r += 4)
		sum_lanes_of_four(out + r, sums + r);
	for (; r < n; r++)
		out[r] = sum_lanes(sums[r]);
}

/* Rows 0 to n - 1, n a constant where it is called. */
INLINE void norm_rows(const size_t n, float *y, float *stats, const float *x, const float *gamma,
		      const float *beta, size_t width, float eps)
{
	size_t whole = width / STRIP * STRIP, rest = width - whole, end = width / LANES * LANES;
	vf sum[ROWS][PARTS], squares[ROWS][PARTS];
	float mean[ROWS], rstd[ROWS];

	EACH_ROW(r)
		EACH_PART(k)
			sum[r][k] = squares[r][k] = splat(0);
	for (size_t i = 0; i < whole; i += STRIP)
		EACH_ROW(r)
			EACH_PART(k)
				sum[r][k] += load(x + r * width + i + k * LANES);
	EACH_ROW(r)
		for (size_t k = 0; rest && k < PARTS; k++)
			sum[r][k] += load_part(x + r * width + whole + k * LANES, part_of(rest, k));
	sum_rows_lanes(n, mean, sum);
	EACH_ROW(r)
		mean[r] /= (float)width;
	for (size_t i = 0; i < whole; i += STRIP)
		EACH_ROW(r)
			EACH_PART(k) {
				vf d = load(x + r * width + i + k * LANES) - mean[r];

				squares[r][k] += d * d;
			}
	EACH_ROW(r)
		for (size_t k = 0; rest && k < PARTS; k++) {
			size_t part = part_of(rest, k);
			vf d = load_part(x + r * width + whole + k * LANES, part) - mean[r];

			d = choose(lanes_below(part), d, splat(0));
			squares[r][k] += d * d;
		}
	sum_rows_lanes(n, rstd, squares);
	EACH_ROW(r)
		rstd[r] = 1 / sqrtf(rstd[r] / (float)width + eps);
	EACH_ROW(r)
		stats[2 * r] = mean[r], stats[2 * r + 1] = rstd[r];
	for (size_t i = 0; i < end; i += LANES) {
		vf gain = load(gamma + i), bias = load(beta + i);

		EACH_ROW(r)
			store(y + r * width + i,
			      (load(x + r * width + i) - mean[r]) * rstd[r] * gain + bias);
	}
	EACH_ROW(r)
		for (size_t i = end; i < width; i++)
			y[r * width + i] =
				(x[r * width + i] - mean[r]) * rstd[r] * gamma[i] + beta[i];
}

void IN_SET(layernorm_)(float *y, float *stats, const float *x, const float *gamma,
			const float *beta, size_t rows, size_t width, float eps)
{
	size_t r = 0;

#define NORM_ROWS(n)                      \
	for (; r + (n) <= rows; r += (n)) \
		norm_rows(n, y + r * width, stats + 2 * r, x + r * width, gamma, beta, width, eps);
	NORM_ROWS(ROWS)
	NORM_ROWS(4)
	NORM_ROWS(1)
}

/* What the last values of a row, too few for a strip, add to its sums, one after the other, and to
 * the gains' gradients. A product is rounded before it is added in whole fours, and fused after
 * them: written out, for compilers choose differently for each set, and results are to stay. */
INLINE void last_backward(const bool gains, float *sum, float *dot, float *dgamma, float *dbeta,
			  const float *dy, const float *x, const float *gamma, float mean,
			  float rstd, size_t from, size_t width)
{
	float d[STRIP], normed[STRIP], product[STRIP];
	const size_t n = width - from;

	EACH_PART(k) {
		const size_t part = part_of(n, k), i = from + k * LANES;
		vf g = load_part(dy + i, part), v = g * load_part(gamma + i, part),
		   z = (load_part(x + i, part) - mean) * rstd;

		store(d + k * LANES, v), store(normed + k * LANES, z);
		store(product + k * LANES, v * z);
		if (gains) {
			store_part(dgamma + i, load_part(dgamma + i, part) + g * z, part);
			store_part(dbeta + i, load_part(dbeta + i, part) + g, part);
		}
	}
	for (size_t i = 0; i < n; i++) {
		*sum += d[i];
		*dot = i < n / 4 * 4 ? *dot + product[i] : fmaf(d[i], normed[i], *dot);
	}
}

/* Rows 0 to n - 1: their parts of the gains' gradients, if they are wanted, are added in that
 * order.
 */
INLINE void norm_rows_backward(const size_t n, const bool gains, float *dx, float *dgamma,
			       float *dbeta, const float *dy, const float *x, const float *stats,
			       const float *gamma, size_t width)
{
	size_t whole = width / STRIP * STRIP, end = width / LANES * LANES;
	vf vsum[ABREAST][PARTS], vdot[ABREAST][PARTS];
	float mean[ABREAST], rstd[ABREAST], sum[ABREAST], dot[ABREAST];

	EACH_ROW(r) {
		mean[r] = stats[2 * r], rstd[r] = stats[2 * r + 1];
		EACH_PART(k)
			vsum[r][k] = vdot[r][k] = splat(0);
	}
	for (size_t i = 0; i < whole; i += STRIP)
		EACH_PART(k) {
			size_t at = i + k * LANES;
			vf gain = load(gamma + at), d_gain = gains ? load(dgamma + at) : gain,
			   d_bias = gains ? load(dbeta + at) : gain;

			EACH_ROW(r) {
				vf g = load(dy + r * width + at), d = g * gain;
				vf normed = (load(x + r * width + at) - mean[r]) * rstd[r];

				vsum[r][k] += d;
				vdot[r][k] += d * normed;
				d_gain += g * normed;
				d_bias += g;
			}
			if (gains)
				store(dgamma + at, d_gain), store(dbeta + at, d_bias);
		}
	EACH_ROW(r) {
		sum[r] = sum_lanes(vsum[r]), dot[r] = sum_lanes(vdot[r]);
		if (whole < width)
			last_backward(gains, &sum[r], &dot[r], dgamma, dbeta, dy + r * width,
				      x + r * width, gamma, mean[r], rstd[r], whole, width);
		sum[r] /= (float)width, dot[r] /= (float)width;
	}
	for (size_t i = 0; i < end; i += LANES) {
		vf gain = load(gamma + i);

		EACH_ROW(r) {
			size_t at = r * width + i;

			store(dx + at, (load(dy + at) * gain - sum[r] -
					(load(x + at) - mean[r]) * rstd[r] * dot[r]) *
					       rstd[r]);
		}
	}
	EACH_ROW(r)
		for (size_t i = end, at = r * width + i; i < width; i++, at++)
			dx[at] = (dy[at] * gamma[i] - sum[r] -
				  (x[at] - mean[r]) * rstd[r] * dot[r]) *
				 rstd[r];
}

/* All rows, `gains` a constant where it is called. */
INLINE void norm_backward(const bool gains, float *dx, float *dgamma, float *dbeta, const float *dy,
			  const float *x, const float *stats, const float *gamma, size_t rows,
			  size_t width)
{
	size_t r = 0;

	for (; r + ABREAST <= rows; r += ABREAST)
		norm_rows_backward(ABREAST, gains, dx + r * width, dgamma, dbeta, dy + r * width,
				   x + r * width, stats + 2 * r, gamma, width);
	for (; r < rows; r++)
		norm_rows_backward(1, gains, dx + r * width, dgamma, dbeta, dy + r * width,
				   x + r * width, stats + 2 * r, gamma, width);
}

void IN_SET(layernorm_backward_)(float *dx, float *dgamma, float *dbeta, const float *dy,
				 const float *x, const float *stats, const float *gamma,
				 size_t rows, size_t width)
{
	if (dgamma)
		norm_backward(true, dx, dgamma, dbeta, dy, x, stats, gamma, rows, width);
	else
		norm_backward(false, dx, NULL, NULL, dy, x, stats, gamma, rows, width);
}

/* Rows 0 to n - 1, in that order. */
INLINE void gain_rows(const size_t n, float *dgamma, float *dbeta, const float *dy, const float *x,
		      const float *stats, size_t width, size_t stride)
{
	size_t whole = width / LANES * LANES;

	for (size_t i = 0; i < whole; i += LANES) {
		vf d_gain = load(dgamma + i), d_bias = load(dbeta + i);

		EACH_ROW(r) {
			vf g = load(dy + r * stride + i);

			d_gain +=
				g * ((load(x + r * stride + i) - stats[2 * r]) * stats[2 * r + 1]);
			d_bias += g;
		}
		store(dgamma + i, d_gain), store(dbeta + i, d_bias);
	}
	EACH_ROW(r)
		for (size_t i = whole; i < width; i++) {
			float g = dy[r * stride + i];

			dgamma[i] += g * ((x[r * stride + i] - stats[2 * r]) * stats[2 * r + 1]);
			dbeta[i] += g;
		}
}

void IN_SET(layernorm_gains_)(float *dgamma, float *dbeta, const float *dy, const float *x,
			      const float *stats, size_t rows, size_t width, size_t stride)
{
	size_t r = 0;

	for (; r + ABREAST <= rows; r += ABREAST)
		gain_rows(ABREAST, dgamma, dbeta, dy + r * stride, x + r * stride, stats + 2 * r,
			  width, stride);
	for (; r < rows; r++)
		gain_rows(1, dgamma, dbeta, dy + r * stride, x + r * stride, stats + 2 * r, width,
			  stride);
}
