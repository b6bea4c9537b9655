/* SPDX-License-Identifier: Apache-2.0 */
/* kernels.h - everything the model computes that is not a matrix product.
 *
 * Each kernel has a plain form (kernels_plain.c, the reference and the test's yardstick) and, in
 * float, a vector form (kernels_{vector,norm,softmax,dropout}.c, built once for each instruction
 * set, all with the same bits). The CPU says which set is used; $ABLATE_KERNELS=plain|avx2|avx512
 * forces one. The double build has only the plain form. */
#ifndef ABL_KERNELS_H
#define ABL_KERNELS_H

#include "real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one step of the optimiser does to a tensor. Adam's: with g' = scale * g, m = beta1 m + (1 -
 * beta1) g', v = beta2 v + (1 - beta2) g'^2, w = keep * w - rate * m / (sqrt(v) * root + eps).
 * SGD's momentum is beta1. */
struct abl_step_factors {
	real scale, beta1, beta2, rate, root, eps, keep;
};

/* Which decisions a dropout call draws: column c of row r of sequence `example` under `key`. */
struct abl_dropout {
	uint64_t key;       /* of (seed, site, step) */
	uint32_t threshold; /* of 65536: a draw below it is dropped; 0 = no dropout at all */
	real scale;         /* on what is kept: 65536 / (65536 - threshold) */
};
struct abl_dropout abl_dropout_make(uint64_t key, double rate);

#define ABL_SCORE_STRIDE(n)                                                   \
	(((n) + 15) / 16 * 16) /* rows of attention scores are padded to this \
				*/

#define ABL_SPAN 16 /* values: a vector of the fast forms */
struct abl_span {   /* [from, to) of an array */
	size_t from, to;
};

#define ABL_MASK_WORDS(width) (((width) + 15) / 16) /* of 16 bits, one for each column */

/* What cross_entropy is told and tells of a row of n logits. */
struct abl_row_loss {
	size_t target; /* below n: told */
	size_t best;   /* the largest one, the first of equals */
	real loss;     /* log(sum exp) - logit[target] */
};

struct abl_kernels {
	const char *name;
	/* activations over n values, y may be x; backward: dx = dy * f'(x), dx may be dy */
	void (*gelu)(real *y, const real *x, size_t n);
	void (*gelu_backward)(real *dx, const real *dy, const real *x, size_t n);
	void (*gelu_tanh)(real *y, const real *x, size_t n);
	void (*gelu_tanh_backward)(real *dx, const real *dy, const real *x, size_t n);
	void (*relu)(real *y, const real *x, size_t n);
	void (*relu_backward)(real *dx, const real *dy, const real *x, size_t n);
	/* layer normalisation of [rows, width], eps under the root; stats = [rows, 2] mean,
	 * 1/deviation. backward sets dx, adds to dgamma and dbeta, unless they are NULL. dx may be
	 * dy. gains: what backward adds to dgamma and dbeta, of the first `width` columns of rows
	 * that are `stride` apart; the same bits if columns are cut at multiples of 16. */
	void (*layernorm)(real *y, real *stats, const real *x, const real *gamma, const real *beta,
			  size_t rows, size_t width, real eps);
	void (*layernorm_backward)(real *dx, real *dgamma, real *dbeta, const real *dy,
				   const real *x, const real *stats, const real *gamma, size_t rows,
				   size_t width);
	void (*layernorm_gains)(real *dgamma, real *dbeta, const real *dy, const real *x,
				const real *stats, size_t rows, size_t width, size_t stride);
	/* softmax(scale * s) over the first n of a row of ABL_SCORE_STRIDE(n) or more values, in
	 * place; the rest of the stride becomes 0. backward: ds = scale * p * (dp - sum(p dp)), in
	 * place on dp. */
	void (*softmax)(real *s, size_t n, size_t stride, real scale);
	void (*softmax_backward)(real *dp, const real *p, size_t n, real scale);
	/* which columns of a row of `width` values are kept: bit c % 16 of mask[c / 16], in
	 * ABL_MASK_WORDS(width) words (bits beyond the width say nothing) */
	void (*draw_mask)(uint16_t *mask, size_t width, const struct abl_dropout *d,
			  uint64_t example, uint32_t row);
	/* y = x * scale where kept, else 0; y may be x. Linear, so it is its own backward */
	void (*apply_mask)(real *y, const real *x, size_t width, const uint16_t *mask, real scale);
	/* sum = keep * x + apply_mask(f + bias), one row; mask NULL = no dropout; sum may be f */
	void (*join_row)(real *sum, const real *f, const real *bias, const real *x, real keep,
			 size_t width, const uint16_t *mask, real scale);
	/* cross-entropy of each row of logits [rows, n], to which `bias` is added first (NULL =
	 * none). With gradient != 0 a row becomes gradient * (softmax - onehot), and d_bias (NULL =
	 * none, as where there is no bias) += it; without, the row holds nothing of use. */
	void (*cross_entropy)(struct abl_row_loss *of, size_t rows, real *logits, const real *bias,
			      real *d_bias, size_t n, real gradient);
	void (*add_bias)(real *x, const real *bias, size_t rows, size_t width); /* x[r] += bias */
	void (*sum_rows)(real *sum, const real *x, size_t rows, size_t width);  /* sum += x[r] */
	void (*add)(real *y, const real *x, real scale, size_t n);              /* y += scale * x */
	/* x times each of the factors in turn, rounded after each */
	void (*scale_by)(real *x, size_t n, const real *factors, size_t count);
	double (*sum_squares)(const real *x, size_t n);
	/* The same, bit for bit, of an array that is 0 outside the spans, which ascend, do not
	 * overlap and begin at multiples of ABL_SPAN. */
	double (*sum_squares_in)(const real *x, const struct abl_span *spans, size_t count);
	void (*adam)(real *w, const real *g, real *m, real *v, size_t n,
		     const struct abl_step_factors *s);
};

/* The set that $ABLATE_KERNELS names, or else the best one that this build and CPU have. */
const struct abl_kernels *abl_kernels_choose(void);
/* Set `name` ("plain", "avx2", "avx512"), or NULL if this build or CPU lacks it. */
const struct abl_kernels *abl_kernels_find(const char *name);

extern const struct abl_kernels abl_kernels_plain, abl_kernels_avx2, abl_kernels_avx512;

/* Draws the mask of row `row` of sequence `example`, and x [width] becomes x under it. Nothing
 * happens at threshold 0. */
void abl_dropout_row(const struct abl_kernels *k, real *x, uint16_t *mask, size_t width,
		     const struct abl_dropout *d, uint64_t example, uint32_t row);

#endif
