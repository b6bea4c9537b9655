/* SPDX-License-Identifier: Apache-2.0 */
/* kernels_plain.c - each kernel as its formula reads: the reference of the fast ones, and what the
 * gradient checks run in double. */
#include "kernels.h"

#include "rng.h"

#include <math.h>
#include <string.h>

static void gelu(real *y, const real *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = (real)(.5 * (double)x[i] * erfc(-(double)x[i] * M_SQRT1_2));
}

static void gelu_backward(real *dx, const real *dy, const real *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double v = (double)x[i];
		double density = exp(-.5 * v * v) / sqrt(2 * M_PI);

		dx[i] = dy[i] * (real)(.5 * erfc(-v * M_SQRT1_2) + v * density);
	}
}

/* .5 x (1 + tanh(sqrt(2 / pi) (x + .044715 x^3))): google-research/bert modeling.py, gelu */
static void gelu_tanh(real *y, const real *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double v = (double)x[i], u = sqrt(2 / M_PI) * (v + .044715 * v * v * v);

		y[i] = (real)(.5 * v * (1 + tanh(u)));
	}
}

static void gelu_tanh_backward(real *dx, const real *dy, const real *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double v = (double)x[i], u = sqrt(2 / M_PI) * (v + .044715 * v * v * v),
		       t = tanh(u);
		double slope = sqrt(2 / M_PI) * (1 + 3 * .044715 * v * v);

		dx[i] = dy[i] * (real)(.5 * (1 + t) + .5 * v * (1 - t * t) * slope);
	}
}

static void relu(real *y, const real *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] > 0 ? x[i] : 0;
}

static void relu_backward(real *dx, const real *dy, const real *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dx[i] = x[i] > 0 ? dy[i] : 0;
}

static void layernorm(real *y, real *stats, const real *x, const real *gamma, const real *beta,
		      size_t rows, size_t width, real eps)
{
	for (size_t r = 0; r < rows; r++, x += width, y += width) {
		double mean = 0, variance = 0, rstd;

		for (size_t i = 0; i < width; i++)
			mean += (double)x[i];
		mean /= (double)width;
		for (size_t i = 0; i < width; i++)
			variance += ((double)x[i] - mean) * ((double)x[i] - mean);
		rstd = 1 / sqrt(variance / (double)width + (double)eps);
		for (size_t i = 0; i < width; i++)
			y[i] = (real)(((double)x[i] - mean) * rstd) * gamma[i] + beta[i];
		stats[2 * r] = (real)mean;
		stats[2 * r + 1] = (real)rstd;
	}
}

static void layernorm_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x,
			       const real *stats, const real *gamma, size_t rows, size_t width)
{
	for (size_t r = 0; r < rows; r++, x += width, dx += width, dy += width) {
		real mean = stats[2 * r], rstd = stats[2 * r + 1];
		double sum = 0, dot = 0;

		for (size_t i = 0; i < width; i++) {
			real normed = (x[i] - mean) * rstd, d = dy[i] * gamma[i];

			sum += (double)d;
			dot += (double)(d * normed);
			if (dgamma) {
				dgamma[i] += dy[i] * normed;
				dbeta[i] += dy[i];
			}
		}
		sum /= (double)width;
		dot /= (double)width;
		for (size_t i = 0; i < width; i++)
			dx[i] = (dy[i] * gamma[i] - (real)sum - (x[i] - mean) * rstd * (real)dot) *
				rstd;
	}
}

static void layernorm_gains(real *dgamma, real *dbeta, const real *dy, const real *x,
			    const real *stats, size_t rows, size_t width, size_t stride)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < width; i++) {
			real g = dy[r * stride + i];

			dgamma[i] += g * ((x[r * stride + i] - stats[2 * r]) * stats[2 * r + 1]);
			dbeta[i] += g;
		}
}

static void softmax(real *s, size_t n, size_t stride, real scale)
{
	real max = -ABL_REAL_MAX;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		max = s[i] * scale > max ? s[i] * scale : max;
	for (size_t i = 0; i < n; i++) {
		s[i] = (real)exp((double)(s[i] * scale - max));
		sum += (double)s[i];
	}
	for (size_t i = 0; i < n; i++)
		s[i] = (real)((double)s[i] / sum);
	for (size_t i = n; i < stride; i++)
		s[i] = 0;
}

static void softmax_backward(real *dp, const real *p, size_t n, real scale)
{
	double dot = 0;

	for (size_t i = 0; i < n; i++)
		dot += (double)(p[i] * dp[i]);
	for (size_t i = 0; i < n; i++)
		dp[i] = scale * p[i] * (dp[i] - (real)dot);
}

/* Columns go in groups of 128: column c of a group takes half c / 16 of the Philox block c % 16, so
 * that sixteen lanes draw a group at once without moving numbers between lanes. */
static void draw_mask(uint16_t *mask, size_t width, const struct abl_dropout *d, uint64_t example,
		      uint32_t row)
{
	memset(mask, 0, ABL_MASK_WORDS(width) * sizeof *mask);
	for (size_t c = 0; c < width; c++) {
		uint32_t word[4], draw;
		uint64_t block = c / 128 * 16 + c % 16;

		abl_rng_block(d->key, example, (uint64_t)row << 32 | block, word);
		draw = word[c % 128 / 32] >> (c % 32 / 16 * 16) & 0xffff;
		if (draw >= d->threshold)
			mask[c / 16] = (uint16_t)(mask[c / 16] | 1u << c % 16);
	}
}

static bool kept(const uint16_t *mask, size_t c)
{
	return mask[c / 16] >> c % 16 & 1;
}

static void apply_mask(real *y, const real *x, size_t width, const uint16_t *mask, real scale)
{
	for (size_t c = 0; c < width; c++)
		y[c] = kept(mask, c) ? x[c] * scale : 0;
}

static void join_row(real *sum, const real *f, const real *bias, const real *x, real keep,
		     size_t width, const uint16_t *mask, real scale)
{
	for (size_t c = 0; c < width; c++) {
		real y = f[c] + bias[c];

		if (mask)
			y = kept(mask, c) ? y * scale : 0;
		sum[c] = y + keep * x[c];
	}
}

static void find_loss(struct abl_row_loss *c, real *logits, const real *bias, real *d_bias,
		      size_t n, real gradient)
{
	size_t top = 0;
	double sum = 0, log_sum;

	for (size_t i = 0; bias && i < n; i++)
		logits[i] += bias[i];
	for (size_t i = 1; i < n; i++)
		if (logits[i] > logits[top])
			top = i;
	for (size_t i = 0; i < n; i++)
		sum += exp((double)(logits[i] - logits[top]));
	log_sum = log(sum) + (double)logits[top];
	c->loss = (real)(log_sum - (double)logits[c->target]);
	c->best = top;
	for (size_t i = 0; gradient != 0 && i < n; i++) {
		logits[i] = gradient * ((real)exp((double)logits[i] - log_sum) - (i == c->target));
		if (d_bias)
			d_bias[i] += logits[i];
	}
}

static void cross_entropy(struct abl_row_loss *c, size_t rows, real *logits, const real *bias,
			  real *d_bias, size_t n, real gradient)
{
	for (size_t r = 0; r < rows; r++)
		find_loss(&c[r], logits + r * n, bias, d_bias, n, gradient);
}

static void add_bias(real *x, const real *bias, size_t rows, size_t width)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < width; i++)
			x[r * width + i] += bias[i];
}

static void sum_rows(real *sum, const real *x, size_t rows, size_t width)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < width; i++)
			sum[i] += x[r * width + i];
}

static void add(real *y, const real *x, real scale, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] += scale * x[i];
}

static void scale_by(real *x, size_t n, const real *factors, size_t count)
{
	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < n; i++)
			x[i] *= factors[k];
}

static double sum_squares_in(const real *x, const struct abl_span *spans, size_t count)
{
	double sum = 0;

	for (size_t k = 0; k < count; k++)
		for (size_t i = spans[k].from; i < spans[k].to; i++)
			sum += (double)x[i] * (double)x[i];
	return sum;
}

static double sum_squares(const real *x, size_t n)
{
	return sum_squares_in(x, &(struct abl_span){0, n}, 1);
}

static void adam(real *w, const real *g, real *m, real *v, size_t n,
		 const struct abl_step_factors *s)
{
	for (size_t i = 0; i < n; i++) {
		real gradient = s->scale * g[i];

		m[i] = s->beta1 * m[i] + (1 - s->beta1) * gradient;
		v[i] = s->beta2 * v[i] + (1 - s->beta2) * gradient * gradient;
		w[i] = s->keep * w[i] -
		       s->rate * m[i] / ((real)sqrt((double)v[i]) * s->root + s->eps);
	}
}

const struct abl_kernels abl_kernels_plain = {
	.name = "plain",
	.gelu = gelu,
	.gelu_backward = gelu_backward,
	.gelu_tanh = gelu_tanh,
	.gelu_tanh_backward = gelu_tanh_backward,
	.relu = relu,
	.relu_backward = relu_backward,
	.layernorm = layernorm,
	.layernorm_backward = layernorm_backward,
	.layernorm_gains = layernorm_gains,
	.softmax = softmax,
	.softmax_backward = softmax_backward,
	.draw_mask = draw_mask,
	.apply_mask = apply_mask,
	.join_row = join_row,
	.cross_entropy = cross_entropy,
	.add_bias = add_bias,
	.sum_rows = sum_rows,
	.add = add,
	.scale_by = scale_by,
	.sum_squares = sum_squares,
	.sum_squares_in = sum_squares_in,
	.adam = adam,
};
