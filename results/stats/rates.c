/* SPDX-License-Identifier: Apache-2.0 */
#include "rates.h"

#include "distribution.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

#define TIE 1e-7 /* relative: probabilities nearer than this are equal but for their rounding */

void abl_rate_wilson(int64_t hits, int64_t n, double level, double *low, double *high)
{
	double z = abl_normal_critical(level), share, middle, reach;

	*low = *high = NAN;
	if (n <= 0 || hits < 0 || hits > n || isnan(z))
		return;
	share = (double)hits / (double)n;
	middle = share + z * z / (2 * (double)n);
	reach = z * sqrt(share * (1 - share) / (double)n + z * z / (4 * (double)n * (double)n));
	*low = hits ? (middle - reach) / (1 + z * z / (double)n) : 0;
	*high = hits < n ? (middle + reach) / (1 + z * z / (double)n) : 1;
}

/* The probabilities of first..last hits on side a are products of ratios, from the most probable
 * count outwards, so that none is lost to rounding where it matters; the sum makes them 1. */
static double hypergeometric_p(int64_t hits_a, int64_t hits, int64_t n_a, int64_t n_b)
{
	int64_t first = hits > n_b ? hits - n_b : 0, last = hits < n_a ? hits : n_a;
	int64_t mode =
		(int64_t)(((double)hits + 1) * ((double)n_a + 1) / ((double)n_a + (double)n_b + 2));
	size_t count = (size_t)(last - first + 1);
	double *mass = abl_calloc(count, sizeof *mass), sum = 0, tail = 0, bar;

	mode = mode < first ? first : mode > last ? last : mode;
	mass[mode - first] = 1;
	for (int64_t k = mode; k < last; k++)
		mass[k + 1 - first] = mass[k - first] * ((double)(n_a - k) * (double)(hits - k)) /
				      ((double)(k + 1) * (double)(n_b - hits + k + 1));
	for (int64_t k = mode; k > first; k--)
		mass[k - 1 - first] = mass[k - first] * ((double)k * (double)(n_b - hits + k)) /
				      ((double)(n_a - k + 1) * (double)(hits - k + 1));
	bar = mass[hits_a - first] * (1 + TIE);
	for (size_t i = 0; i < count; i++) {
		sum += mass[i];
		tail += mass[i] <= bar ? mass[i] : 0;
	}
	free(mass);
	return tail / sum;
}

double abl_fisher(int64_t hits_a, int64_t n_a, int64_t hits_b, int64_t n_b)
{
	if (hits_a < 0 || hits_b < 0 || hits_a > n_a || hits_b > n_b)
		return NAN;
	return hypergeometric_p(hits_a, hits_a + hits_b, n_a, n_b);
}

double abl_fisher_least(int64_t hits, int64_t n_a, int64_t n_b)
{
	int64_t first = hits > n_b ? hits - n_b : 0, last = hits < n_a ? hits : n_a;

	if (n_a < 0 || n_b < 0 || hits < 0 || first > last)
		return NAN;
	return fmin(hypergeometric_p(first, hits, n_a, n_b),
		    hypergeometric_p(last, hits, n_a, n_b));
}

double abl_mcnemar(int64_t b, int64_t c)
{
	int64_t few = b < c ? b : c, many = b < c ? c : b;

	if (b < 0 || c < 0)
		return NAN;
	return b == c ? 1 : fmin(1, 2 * abl_beta_inc((double)many, (double)few + 1, .5, .5));
}
