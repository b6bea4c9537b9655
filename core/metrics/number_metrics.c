/* SPDX-License-Identifier: Apache-2.0 */
/* number_metrics.c - two passes, summed in long double: the last digit is right for any n. */
#include "number_metrics.h"

#include "str.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_constant(const double *x, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (x[i] != x[0])
			return false;
	return true;
}

static long double mean(const double *x, size_t n)
{
	long double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return sum / (long double)n;
}

double abl_pearson(const double *x, const double *y, size_t n)
{
	long double xx = 0, yy = 0, xy = 0, x_mean, y_mean;

	if (n < 2 || is_constant(x, n) || is_constant(y, n))
		return NAN;
	x_mean = mean(x, n);
	y_mean = mean(y, n);
	for (size_t i = 0; i < n; i++) {
		long double a = x[i] - x_mean, b = y[i] - y_mean;

		xx += a * a;
		yy += b * b;
		xy += a * b;
	}
	return fmin(fmax((double)(xy / (sqrtl(xx) * sqrtl(yy))), -1), 1);
}

struct ranked {
	double value;
	size_t at;
};

static int by_value(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	return (a->value > b->value) - (a->value < b->value);
}

/* Ranks from 1; equal values share the mean of theirs. Caller frees. */
static double *ranks(const double *x, size_t n)
{
	struct ranked *order = abl_calloc(n, sizeof *order);
	double *rank = abl_calloc(n, sizeof *rank);

	for (size_t i = 0; i < n; i++)
		order[i] = (struct ranked){x[i], i};
	qsort(order, n, sizeof *order, by_value);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && order[end].value == order[i].value; end++)
			;
		for (size_t k = i; k < end; k++)
			rank[order[k].at] = ((double)(i + 1) + (double)end) / 2;
	}
	free(order);
	return rank;
}

double abl_spearman(const double *x, const double *y, size_t n)
{
	double *a, *b, r;

	if (n < 2)
		return NAN;
	a = ranks(x, n), b = ranks(y, n);
	r = abl_pearson(a, b, n);
	free(a), free(b);
	return r;
}

double abl_mse(const double *x, const double *y, size_t n)
{
	long double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += ((long double)x[i] - y[i]) * ((long double)x[i] - y[i]);
	return n ? (double)(sum / (long double)n) : NAN;
}

double abl_mse_of_mean(const double *y, size_t n)
{
	long double m = n ? mean(y, n) : 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (y[i] - m) * (y[i] - m);
	return n ? (double)(sum / (long double)n) : NAN;
}

static int by_number(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

size_t abl_count_different(const double *x, size_t n)
{
	double *sorted = abl_calloc(n + 1, sizeof *sorted);
	size_t different = n > 0;

	if (n)
		memcpy(sorted, x, n * sizeof *x);
	qsort(sorted, n, sizeof *sorted, by_number);
	for (size_t i = 1; i < n; i++)
		different += sorted[i] != sorted[i - 1];
	free(sorted);
	return different;
}
