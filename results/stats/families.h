/* SPDX-License-Identifier: Apache-2.0 */
/* families.h - one answer for many p values; Holm's own (1979) is abl_stats_holm().
 *
 * `out` holds adjusted p values: the row is rejected at a level where its adjusted p is at most
 * that. A p that is NaN is no member of the family and stays NaN. `out` may be `p` itself. */
#ifndef ABL_FAMILIES_H
#define ABL_FAMILIES_H

#include "stats.h"

#include <stddef.h>

/* Benjamini and Hochberg (1995): the expected share of false ones among those rejected. */
void abl_family_bh(const double *p, size_t n, double *out);

/* Tarone (1990) for discrete tests: with K the smallest number such that at most K rows have a
 * least attainable p (`least`) of level / K or less, only those rows can decide, and Holm runs over
 * them; the others get 1. */
void abl_family_tarone(const double *p, const double *least, size_t n, double level, double *out);

/* Shaffer (1986): Holm's step-down over two hypotheses a row, "the difference is 0" and "the
 * difference is at least the margin", of which only one can be true. The multiplier of a step is
 * therefore the number of rows with a hypothesis still open, at most n instead of 2n.
 * p_equivalent[i] is that of abl_stats_equivalence(); NaN: the row has no margin. */
void abl_family_shaffer(const double *p, const double *p_equivalent, size_t n, double *out,
			double *out_equivalent);

/* p of two one-sided tests (Schuirmann 1987) that |difference| < margin: the larger of the two. NaN
 * without a margin above 0 and without a spread. */
double abl_stats_equivalence(const struct abl_t_test *t, double margin);

#endif
