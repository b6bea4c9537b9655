/* SPDX-License-Identifier: Apache-2.0 */
/* number_metrics.h - scores of a regression, as SciPy and scikit-learn define them. */
#ifndef ABL_NUMBER_METRICS_H
#define ABL_NUMBER_METRICS_H

#include <stddef.h>

/* Pearson's correlation of x and y [n]. NaN where there is none: fewer than two pairs, or one of
 * them constant (scipy.stats.pearsonr). */
double abl_pearson(const double *x, const double *y, size_t n);
/* Spearman's: Pearson's of the ranks, equal values sharing their mean rank
 * (scipy.stats.spearmanr). NaN like there. */
double abl_spearman(const double *x, const double *y, size_t n);
/* Mean squared error; NaN without pairs. */
double abl_mse(const double *x, const double *y, size_t n);
/* The least that a constant prediction of y [n] gets in it: y's population variance. */
double abl_mse_of_mean(const double *y, size_t n);
/* How many different values there are. */
size_t abl_count_different(const double *x, size_t n);

#endif
