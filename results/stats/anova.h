/* SPDX-License-Identifier: Apache-2.0 */
/* anova.h - tables with several factors of any number of levels: analysis of variance of type II,
 * and how much of the variance each source has.
 *
 * Cells may have any number of values, also none: the columns that then say nothing new take no
 * degree of freedom. The caller names such cells. A value that is NaN is left out and counted. */
#ifndef ABL_ANOVA_H
#define ABL_ANOVA_H

#include <stddef.h>
#include <stdint.h>

#define ABL_FACTORS 16 /* at most */

struct abl_factor {
	const size_t *level; /* of each value, below `levels` */
	size_t levels;
};

struct abl_anova_row {
	uint32_t factors; /* bit f: factor f takes part; two or more bits: an interaction */
	double df, ss;
	double f, p;         /* NaN without df or without a spread in the rest */
	double partial_eta2; /* ss / (ss + that of the rest); NaN where both are 0 */
};

struct abl_anova {
	struct abl_anova_row *row; /* main effects, then pairs and so on; free() it */
	size_t count, values, left_out;
	double df_rest, ss_rest;
};

/* Factors and their interactions of at most `order` factors. The sum of squares of a term is what
 * it adds to the model of all terms that do not contain it (type II). */
void abl_anova(const double *y, size_t n, const struct abl_factor *factor, size_t factors,
	       size_t order, struct abl_anova *out);

/* component[f] = variance between the levels of factor f, main effects only, and component[factors]
 * that of the rest, interactions included (Henderson's method 3; for full crossings the usual
 * (MS_f - MS_rest) / values per level); negative ones are 0. All NaN where the rest has no degree
 * of freedom, NaN for a factor that cannot be told from the others. */
void abl_variance_components(const double *y, size_t n, const struct abl_factor *factor,
			     size_t factors, double *component);

#endif
