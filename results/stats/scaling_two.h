/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_two.h - a loss over two sizes, of the model and of the text: E + A N^-alpha + B D^-beta
 * (Hoffmann et al. 2022), fitted as curves of one size are (scaling_fit.h). */
#ifndef ABL_SCALING_TWO_H
#define ABL_SCALING_TWO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_scaling_run_two { /* one seed of one model on one text */
	double n, d, y;
	int64_t seed;
};

struct abl_scaling_two {
	size_t points, sizes, texts; /* different N with D, N, D */
	size_t seeds, fewest;        /* runs at one point: most, and fewest */
	const char *reason;          /* why there is no fit; NULL: there is one */
	double e, a, alpha, b, beta, loss;
	double alpha_low, alpha_high, beta_low, beta_high; /* 95 %; NaN: one seed each */
};

void abl_scaling_two(struct abl_scaling_two *out, const struct abl_scaling_run_two *run, size_t n);

#endif
