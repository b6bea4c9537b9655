/* SPDX-License-Identifier: Apache-2.0 */
#include "stats.h"

#include "distribution.h"
#include "rng.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define EXACT_SIGNS 20 /* 2^19 sums take milliseconds */
#define DRAWS 99999
#define ROUNDING 1e-12 /* relative; differences below it are those of the arithmetic */

double abl_stats_mean(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return n ? sum / (double)n : NAN;
}

static double largest(const double *x, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(x[i]));
	return most;
}

double abl_stats_sd(const double *x, size_t n)
{
	double mean = abl_stats_mean(x, n), sum = 0, sd;

	if (n < 2)
		return NAN;
	for (size_t i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	sd = sqrt(sum / (double)(n - 1));
	return sd <= ROUNDING * largest(x, n) ? 0 : sd;
}

double abl_stats_correlation(const double *x, const double *y, size_t n)
{
	double mx = abl_stats_mean(x, n), my = abl_stats_mean(y, n), sum = 0;
	double spread = abl_stats_sd(x, n) * abl_stats_sd(y, n);

	for (size_t i = 0; i < n; i++)
		sum += (x[i] - mx) * (y[i] - my);
	return n > 1 && spread > 0 ? sum / (double)(n - 1) / spread : NAN;
}

void abl_stats_t_finish(struct abl_t_test *out, double level)
{
	double reach = out->df > 0 && out->error > 0 ? abl_t_critical(level, out->df) * out->error
						     : out->error;

	out->t = out->error > 0 ? out->estimate / out->error : NAN;
	out->p = abl_t_two_sided(out->t, out->df);
	out->low = out->estimate - reach;
	out->high = out->estimate + reach;
}

void abl_stats_t(const double *x, size_t n, double level, struct abl_t_test *out)
{
	*out = (struct abl_t_test){
		.estimate = abl_stats_mean(x, n), .sd = abl_stats_sd(x, n), .df = (double)n - 1};
	out->error = out->sd / sqrt((double)n);
	abl_stats_t_finish(out, level);
}

void abl_stats_welch(const double *x, size_t n, const double *y, size_t m, double level,
		     struct abl_t_test *out)
{
	double sx = abl_stats_sd(x, n), sy = abl_stats_sd(y, m);
	double a = sx * sx / (double)n, b = sy * sy / (double)m;

	*out = (struct abl_t_test){.estimate = abl_stats_mean(x, n) - abl_stats_mean(y, m),
				   .sd = NAN,
				   .error = sqrt(a + b)};
	out->df = (a + b) * (a + b) / (a * a / ((double)n - 1) + b * b / ((double)m - 1));
	abl_stats_t_finish(out, level);
}

/* All signs but the last one's: the other half mirrors it. Step k of a Gray code flips the sign at
 * the lowest set bit of k. Sums in extended precision, so that the walk does not drift. */
static double flip_all(const double *d, size_t n, long double bar)
{
	long double sum = 0;
	uint64_t steps = (uint64_t)1 << (n - 1), hits = 0;
	double sign[EXACT_SIGNS];

	for (size_t i = 0; i < n; i++)
		sign[i] = 1, sum += d[i];
	for (uint64_t k = 1;; k++) {
		size_t at = 0;

		hits += fabsl(sum) >= bar;
		if (k == steps)
			break;
		while (!(k >> at & 1))
			at++;
		sign[at] = -sign[at];
		sum += 2 * (long double)sign[at] * d[at];
	}
	return (double)hits / (double)steps;
}

static double flip_some(const double *d, size_t n, long double bar)
{
	uint64_t key = abl_rng_key(0, "sign-flip"), hits = 0;

	for (uint64_t draw = 0; draw < DRAWS; draw++) {
		long double sum = 0;
		uint64_t bits = 0;

		for (size_t i = 0; i < n; i++) {
			bits = i % 64 ? bits >> 1 : abl_rng_u64(key, draw, i / 64);
			sum += bits & 1 ? d[i] : -d[i];
		}
		hits += fabsl(sum) >= bar;
	}
	return (double)(hits + 1) / (DRAWS + 1);
}

double abl_stats_sign_flip(const double *d, size_t n)
{
	long double sum = 0, bar;

	for (size_t i = 0; i < n; i++)
		sum += d[i];
	if (!n || isnan(sum) || isinf(sum))
		return NAN;
	bar = fabsl(sum) - ROUNDING * (long double)largest(d, n) * n; /* ties count */
	return n <= EXACT_SIGNS ? flip_all(d, n, bar) : flip_some(d, n, bar);
}

void abl_stats_holm(const double *p, size_t n, double *out)
{
	size_t *order = abl_calloc(n, sizeof *order), m = 0;
	double floor = 0;

	for (size_t i = 0; i < n;
	     i++) { /* insertion sort of those that count: families are small */
		size_t at;

		if (isnan(p[i]))
			continue;
		for (at = m++; at && p[order[at - 1]] > p[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (size_t i = 0; i < m; i++) {
		floor = fmax(floor, fmin(1, (double)(m - i) * p[order[i]]));
		out[order[i]] = floor;
	}
	for (size_t i = 0; i < n && p != out; i++)
		if (isnan(p[i]))
			out[i] = NAN;
	free(order);
}
