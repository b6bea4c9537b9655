/* SPDX-License-Identifier: Apache-2.0 */
/* attention_plain.c - attention as its formulas read, with operands rounded where the fast form
 * rounds them (attention_kernel.h). */
#include "attention_kernel.h"
#include "bf16.h"

#include <math.h>
#include <string.h>

static double rounded(double x)
{
	const float narrow = (float)x;
	uint16_t upper;
	uint32_t bits;
	float out;

	abl_bf16_from_plain(&upper, &narrow, 1);
	bits = (uint32_t)upper << 16;
	memcpy(&out, &bits, sizeof out);
	return (double)out;
}

/* x y' of two rows, x's values times `factor` first. */
static double product(const float *x, double factor, const float *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += rounded(factor * (double)x[i]) * rounded((double)y[i]);
	return sum;
}

static size_t seen(const struct abl_attention *a, size_t r)
{
	if (!a->causal)
		return a->n;
	return (a->at ? (size_t)(a->at[r] - a->at_first) : r) + 1;
}

static bool kept(const struct abl_attention *a, size_t r, size_t key)
{
	return !a->masks || a->masks[r * ((a->n + 15) / 16) + key / 16] >> key % 16 & 1;
}

/* A score of query r, as a power of 2. */
static double score(const struct abl_attention *a, size_t r, size_t key)
{
	return product(a->q + r * a->q_stride, 1, a->k + key * a->kv_stride, a->width) *
	       (double)a->scale * M_LOG2E;
}

static void forward(const struct abl_attention *a)
{
	for (size_t r = 0; r < a->rows; r++) {
		float *out = a->out + r * a->out_stride;
		double top = -INFINITY, sum = 0, factor;

		memset(out, 0, a->width * sizeof *out);
		for (size_t key = 0; key < seen(a, r); key++)
			top = fmax(top, score(a, r, key));
		for (size_t key = 0; key < seen(a, r); key++) {
			double w = exp2(score(a, r, key) - top);

			sum += w;
			for (size_t i = 0; kept(a, r, key) && i < a->width; i++)
				out[i] += (float)(rounded(w) *
						  rounded((double)a->v[key * a->kv_stride + i]));
		}
		factor = (a->masks ? (double)a->keep_scale : 1) / sum;
		for (size_t i = 0; i < a->width; i++)
			out[i] *= (float)factor;
		a->log_sums[r] = (float)(top + log2(sum));
	}
}

/* += what a query and a key give to each other's gradients. */
static void add_gradients(const struct abl_attention *a, const struct abl_attention_gradients *g,
			  size_t r, size_t key, double dot)
{
	const double keep_scale = a->masks ? (double)a->keep_scale : 1;
	const float *d_out = g->d_out + r * a->out_stride, *q = a->q + r * a->q_stride,
		    *k = a->k + key * a->kv_stride;
	float *dq = g->dq + r * a->q_stride, *dk = g->dk + key * a->kv_stride,
	      *dv = g->dv + key * a->kv_stride;
	double w = exp2(score(a, r, key) - (double)a->log_sums[r]), dw = 0, ds;

	if (kept(a, r, key)) {
		dw = product(d_out, keep_scale, a->v + key * a->kv_stride, a->width);
		for (size_t i = 0; i < a->width; i++)
			dv[i] += (float)(rounded(w) * rounded(keep_scale * (double)d_out[i]));
	}
	ds = rounded(w * (dw - dot)) * (double)a->scale;
	for (size_t i = 0; i < a->width; i++) {
		dq[i] += (float)(ds * rounded((double)k[i]));
		dk[i] += (float)(ds * rounded((double)q[i]));
	}
}

static void backward(const struct abl_attention *a, const struct abl_attention_gradients *g)
{
	for (size_t r = 0; r < a->rows; r++)
		memset(g->dq + r * a->q_stride, 0, a->width * sizeof *g->dq);
	for (size_t key = 0; key < a->n; key++) {
		memset(g->dk + key * a->kv_stride, 0, a->width * sizeof *g->dk);
		memset(g->dv + key * a->kv_stride, 0, a->width * sizeof *g->dv);
	}
	for (size_t r = 0; r < a->rows; r++) {
		double dot = 0;

		for (size_t i = 0; i < a->width; i++)
			dot += (double)a->out[r * a->out_stride + i] *
			       (double)g->d_out[r * a->out_stride + i];
		for (size_t key = 0; key < seen(a, r); key++)
			add_gradients(a, g, r, key, dot);
	}
}

const struct abl_attention_form abl_attention_form_plain = {.forward = forward,
							    .backward = backward};
