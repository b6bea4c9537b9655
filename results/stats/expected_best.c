/* SPDX-License-Identifier: Apache-2.0 */
#include "expected_best.h"

#include "str.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846
#define REACH 10 /* deviations on each side of the integral below */
#define STEPS                                                                              \
	400 /* on each side; the trapezoid rule is exact to rounding for what ends so flat \
	     */

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* weight(j) of the j-th smallest value, j from 1: the probability that it is the best of n. */
static double with_replacement(size_t j, size_t count, size_t n)
{
	return pow((double)j / (double)count, (double)n) -
	       pow((double)(j - 1) / (double)count, (double)n);
}

static double log_choose(size_t n, size_t k)
{
	return lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1);
}

static double without_replacement(size_t j, size_t count, size_t n)
{
	return j < n ? 0 : exp(log_choose(j - 1, n - 1) - log_choose(count, n));
}

static double weighted(const double *x, size_t count, size_t n,
		       double weight(size_t j, size_t count, size_t n))
{
	double *sorted, sum = 0;
	bool bad = !n || n > count;

	for (size_t i = 0; i < count; i++)
		bad |= isnan(x[i]);
	if (bad)
		return NAN;
	sorted = abl_calloc(count, sizeof *sorted);
	memcpy(sorted, x, count * sizeof *x);
	qsort(sorted, count, sizeof *sorted, by_size);
	for (size_t j = 1; j <= count; j++)
		sum += sorted[j - 1] * weight(j, count, n);
	free(sorted);
	return sum;
}

double abl_expected_best(const double *x, size_t count, size_t n)
{
	return weighted(x, count, n, with_replacement);
}

double abl_expected_best_unbiased(const double *x, size_t count, size_t n)
{
	return weighted(x, count, n, without_replacement);
}

/* E[max] = integral of n z phi(z) Phi(z)^(n - 1). */
double abl_best_of_noise(size_t n)
{
	double step = (double)REACH / STEPS, sum = 0;

	if (!n)
		return NAN;
	for (int i = -STEPS; i <= STEPS; i++) {
		double z = i * step, below = .5 * erfc(-z / sqrt(2));

		sum += z * exp(-z * z / 2) * pow(below, (double)(n - 1));
	}
	return (double)n * sum * step / sqrt(2 * PI);
}
