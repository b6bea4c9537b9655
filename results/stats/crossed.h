/* SPDX-License-Identifier: Apache-2.0 */
/* crossed.h - one interval for another seed and another sample of examples: the table of units x
 * examples, every unit scored on the same examples.
 *
 * d[s * m + e] is the paired difference of unit s on example e: of correctness or of another value
 * whose mean is the metric. F1 and Matthews are no means; their pseudo-values take its place. */
#ifndef ABL_CROSSED_H
#define ABL_CROSSED_H

#include <stddef.h>

struct abl_crossed {
	double estimate, error, df, p, low, high; /* of the mean over both */
	double ms_units, ms_examples, ms_rest;    /* mean squares of the two-way table */
};

/* Var = max(MSs + MSe - MSr, MSs) / (n m), the degrees of freedom after Satterthwaite, at least
 * n - 1. Fewer than two units or examples: the estimate, the rest NaN. No spread at all: error 0
 * and NaN for p, low and high. A value that is NaN makes all NaN. */
void abl_crossed_t(const float *d, size_t n, size_t m, double level, struct abl_crossed *out);

/* A metric of `examples` whose per-example counts add up to `sums`: NaN where it is not defined. */
typedef double abl_metric_of_sums(const double *sums, size_t width, size_t examples, void *data);

/* out[e] = m theta - (m - 1) theta without e (delete-one jackknife): values whose mean is near
 * theta and whose spread over examples is that of the metric. counts[e * width + k]: what example e
 * adds to sum k (one of the four cells of a confusion table, say). Returns theta; NaN, and in all
 * of out, where the metric is not defined or is not without some example, and for m < 2. */
double abl_pseudo_values(const float *counts, size_t m, size_t width, abl_metric_of_sums *metric,
			 void *data, float *out);

#endif
