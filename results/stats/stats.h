/* SPDX-License-Identifier: Apache-2.0 */
/* stats.h - few seeds, honestly: means, intervals, tests.
 *
 * Values that are not defined (one value has no deviation, a constant no t) are NaN, never a crash
 * and never a made-up number. Two-sided throughout. */
#ifndef ABL_STATS_H
#define ABL_STATS_H

#include "errors.h"
#include "str.h"
#include "table.h"

#include <stdbool.h>
#include <stddef.h>

double abl_stats_mean(const double *x, size_t n); /* n = 0: NaN */
/* With n - 1; n < 2: NaN. A spread that is only rounding (1e-12 of the values) is 0. */
double abl_stats_sd(const double *x, size_t n);
double abl_stats_correlation(const double *x, const double *y,
			     size_t n); /* Pearson's; NaN if constant */

struct abl_t_test {
	double estimate;  /* the mean, or the difference of means */
	double sd;        /* of the values; Welch: NaN */
	double error;     /* standard error of the estimate */
	double df, t, p;  /* t, p are NaN where the error is 0 */
	double low, high; /* interval for the estimate */
};
/* Student's t on one sample; on differences it is the paired test. `level` = 1 - coverage: .05. */
void abl_stats_t(const double *x, size_t n, double level, struct abl_t_test *out);
/* The same where estimate, error and df are known: t, p and the interval from them. */
void abl_stats_t_finish(struct abl_t_test *t, double level);
/* Welch (1947): difference of means x - y without equal variances. */
void abl_stats_welch(const double *x, size_t n, const double *y, size_t m, double level,
		     struct abl_t_test *out);

/* P(|sum of +-d| >= |sum of d|) over all 2^n signs (Fisher 1935), exact up to n = 20 by a walk in
 * Gray code; above that over 99,999 random ones and itself, p = (b + 1) / (B + 1). n = 0 or NaN:
 * NaN. */
double abl_stats_sign_flip(const double *d, size_t n);

/* Holm (1979): out[i] = p[i] corrected for all that are not NaN (those stay NaN). May work in
 * place. */
void abl_stats_holm(const double *p, size_t n, double *out);

#define ABL_VERDICT_PAIRS 5 /* units that a verdict needs unless the study file says otherwise */

#endif
