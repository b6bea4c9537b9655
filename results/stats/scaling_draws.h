/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_draws.h - runs put into sizes, drawn again, and what many draws come to. */
#ifndef ABL_SCALING_DRAWS_H
#define ABL_SCALING_DRAWS_H

#include "scaling_law.h"

/* Sorts the runs that can be used into `l`; several of one seed at one size become their mean, and
 * sizes that differ by less than 0.1 % are one. */
void abl_scaling_sort(struct abl_scaling_law *l, const struct abl_scaling_run *run, size_t n);
/* The means of draw number `draw` into y[sizes]: whole seeds, or within each size. */
void abl_scaling_draw(const struct abl_scaling_law *l, bool whole, uint64_t draw, double *y);
/* Means of runs as a model would have them (`mean`), with the noise of the runs that there are. */
void abl_scaling_simulate(const struct abl_scaling_law *l, const double *mean, uint64_t draw,
			  double *y);

/* How far below and above `at` the interval of 95 % goes, by n draws of it (sorted here; those that
 * are not finite do not count), stretched for `df` degrees of freedom. NaN: too few. */
void abl_scaling_reach(double *drawn, size_t n, double at, double df, double *below, double *above);
/* Standard deviation of the finite ones; NaN: too few. */
double abl_scaling_deviation(const double *drawn, size_t n);
/* P(F >= f) with these degrees of freedom. */
double abl_scaling_f_tail(double f, double df1, double df2);

#endif
