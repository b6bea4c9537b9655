/* SPDX-License-Identifier: Apache-2.0 */
/* expected_best.h - what a search of n random configurations finds, from the values of count >= n
 * of them; larger is better (turn the sign of a loss).
 *
 * Only for independent draws from one space: not for grids, nor for what a search chose. Nothing is
 * said beyond the configurations there are: n = 0, n > count and a value that is NaN give NaN. */
#ifndef ABL_EXPECTED_BEST_H
#define ABL_EXPECTED_BEST_H

#include <stddef.h>

/* x need not be sorted. Dodge et al. (2019): as if the n were drawn with replacement; a little low,
 * least so for n <= count / 2. */
double abl_expected_best(const double *x, size_t count, size_t n);
/* Tang et al. (2020): without replacement; not biased, but of the highest variance near n = count.
 */
double abl_expected_best_unbiased(const double *x, size_t count, size_t n);

/* The expected best of n configurations that do not differ, in deviations of their noise: what
 * choosing the best gains by chance. NaN for n = 0. */
double abl_best_of_noise(size_t n);

#endif
