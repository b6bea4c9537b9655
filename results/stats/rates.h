/* SPDX-License-Identifier: Apache-2.0 */
/* rates.h - shares of few cases: how many of n runs failed, how many of M examples two models
 * answer differently. Counts that cannot be (negative, more hits than cases) and n = 0 give NaN. */
#ifndef ABL_RATES_H
#define ABL_RATES_H

#include <stdint.h>

/* Interval of coverage 1 - level for the rate behind hits of n (Wilson 1927). */
void abl_rate_wilson(int64_t hits, int64_t n, double level, double *low, double *high);

/* Fisher's exact test, two-sided: the probability of all tables with these margins that are no more
 * probable than this one. No cases on a side: 1. */
double abl_fisher(int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b);
/* The smallest p of abl_fisher() that `hits` in all can give. */
double abl_fisher_least(int64_t hits, int64_t n_a, int64_t n_b);

/* McNemar's exact test on b and c, the examples that only the one and only the other has right:
 * min(1, 2 P(Bin(b + c, 1/2) <= min(b, c))); 1 where there are none. */
double abl_mcnemar(int64_t b, int64_t c);

#endif
