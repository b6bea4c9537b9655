/* SPDX-License-Identifier: Apache-2.0 */
#include "looks.h"

#include "distribution.h"
#include "rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define STUDIES 400000
#define VALUES 6000000 /* at most, so that many seeds take no longer */
#define LEVEL .05

/* Is |t| of n values with this sum and sum of squares beyond the bar? */
static bool is_beyond(double sum, double squares, double n, double bar)
{
	const double variance = (squares - sum * sum / n) / (n - 1);

	return fabs(sum / n) > bar * sqrt(variance / n);
}

/* A standard normal value (Box and Muller 1958). */
static double normal(uint64_t key, uint64_t study, uint64_t i)
{
	const double u = ((double)(abl_rng_u64(key, study, 2 * i) >> 11) + .5) / 9007199254740992.,
		     v = ((double)(abl_rng_u64(key, study, 2 * i + 1) >> 11) + .5) /
			 9007199254740992.;

	return sqrt(-2 * log(u)) * cos(2 * acos(-1) * v);
}

double abl_stats_two_looks(size_t first, size_t second)
{
	const uint64_t key = abl_rng_key(0, "two looks");
	double bar_first, bar_second;
	uint64_t studies;
	size_t hits = 0;

	if (first < 2 || second <= first || second > 1000)
		return NAN;
	bar_first = abl_t_critical(LEVEL, (double)first - 1);
	bar_second = abl_t_critical(LEVEL, (double)second - 1);
	studies = second * STUDIES > VALUES ? VALUES / second : STUDIES;
	for (uint64_t study = 0; study < studies; study++) {
		double sum = 0, squares = 0;
		bool found = false;

		for (size_t i = 0; i < second && !found; i++) {
			const double x = normal(key, study, i);

			sum += x;
			squares += x * x;
			if (i + 1 == first)
				found = is_beyond(sum, squares, (double)first, bar_first);
		}
		hits += found || is_beyond(sum, squares, (double)second, bar_second);
	}
	return (double)hits / (double)studies;
}
