/* SPDX-License-Identifier: Apache-2.0 */
#include "crossed.h"

#include "distribution.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDING 1e-12 /* relative; a spread below it is that of the arithmetic */
#define KNOWN 16       /* rows of counts whose metric is kept: a confusion table has few */

static double squares(const double *means, size_t n, double mean)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (means[i] - mean) * (means[i] - mean);
	return sum;
}

/* The means of rows and columns in one pass in the order of memory, the rest in a second one: a
 * difference of large sums would lose the digits of a small spread. */
static void mean_squares(const float *d, size_t n, size_t m, struct abl_crossed *out)
{
	double *row = abl_calloc(n + m + 1, sizeof *row), *column = row + n, mean = 0, rest = 0;

	for (size_t s = 0; s < n; s++) {
		double sum = 0;

		for (size_t e = 0; e < m; e++) {
			sum += (double)d[s * m + e];
			column[e] += (double)d[s * m + e];
		}
		row[s] = sum / (double)m;
		mean += row[s] / (double)n;
	}
	for (size_t e = 0; e < m; e++)
		column[e] /= (double)n;
	for (size_t s = 0; s < n; s++)
		for (size_t e = 0; e < m; e++) {
			double left = (double)d[s * m + e] - row[s] - column[e] + mean;

			rest += left * left;
		}
	out->estimate = mean;
	out->ms_units = (double)m * squares(row, n, mean) / (double)(n - 1);
	out->ms_examples = (double)n * squares(column, m, mean) / (double)(m - 1);
	out->ms_rest = rest / ((double)(n - 1) * (double)(m - 1));
	free(row);
}

/* Satterthwaite's, from the mean squares and the degrees of freedom of each. */
static double degrees(const struct abl_crossed *c, double n, double m)
{
	double sum = c->ms_units + c->ms_examples - c->ms_rest;
	double spread = c->ms_units * c->ms_units / (n - 1) +
			c->ms_examples * c->ms_examples / (m - 1) +
			c->ms_rest * c->ms_rest / ((n - 1) * (m - 1));

	return fmax(n - 1, sum * sum / spread);
}

void abl_crossed_t(const float *d, size_t n, size_t m, double level, struct abl_crossed *out)
{
	double variance, reach;

	*out = (struct abl_crossed){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	if (n < 2 || m < 2) {
		double sum = 0;

		for (size_t i = 0; i < n * m; i++)
			sum += (double)d[i];
		out->estimate = n > 0 && m > 0 ? sum / (double)(n * m) : NAN;
		return;
	}
	mean_squares(d, n, m, out);
	variance = fmax(out->ms_units + out->ms_examples - out->ms_rest, out->ms_units);
	if (isnan(out->estimate) || isnan(variance))
		return;
	out->error = sqrt(variance / ((double)n * (double)m));
	out->df = (double)(n - 1);
	if (out->error <= ROUNDING * fabs(out->estimate)) {
		out->error = 0;
		return;
	}
	out->df = degrees(out, (double)n, (double)m);
	out->p = abl_t_two_sided(out->estimate / out->error, out->df);
	reach = abl_t_critical(level, out->df) * out->error;
	out->low = out->estimate - reach;
	out->high = out->estimate + reach;
}

struct known { /* the metric without an example of these counts */
	const float *counts;
	double theta;
};

double abl_pseudo_values(const float *counts, size_t m, size_t width, abl_metric_of_sums *metric,
			 void *data, float *out)
{
	double *sums = abl_calloc(2 * width + 1, sizeof *sums), *without = sums + width;
	struct known known[KNOWN];
	size_t kept = 0;
	double theta;

	for (size_t e = 0; e < m; e++)
		for (size_t k = 0; k < width; k++)
			sums[k] += (double)counts[e * width + k];
	theta = m > 1 ? metric(sums, width, m, data) : NAN;
	for (size_t e = 0; e < m && !isnan(theta); e++) {
		const float *own = counts + e * width;
		double left = NAN;
		size_t i = 0;

		while (i < kept && memcmp(known[i].counts, own, width * sizeof *own) != 0)
			i++;
		if (i < kept) {
			left = known[i].theta;
		} else {
			for (size_t k = 0; k < width; k++)
				without[k] = sums[k] - (double)own[k];
			left = metric(without, width, m - 1, data);
			if (kept < KNOWN)
				known[kept++] = (struct known){own, left};
		}
		if (isnan(left))
			theta = NAN;
		out[e] = (float)((double)m * theta - (double)(m - 1) * left);
	}
	for (size_t e = 0; e < m && isnan(theta); e++)
		out[e] = NAN;
	free(sums);
	return theta;
}
