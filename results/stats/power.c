/* SPDX-License-Identifier: Apache-2.0 */
#include "power.h"

#include <float.h>
#include <math.h>

#define STEPS 200 /* of the search; it takes about ten */

static double power_at(double delta, double df, double critical)
{
	return 1 - abl_t_noncentral_cdf(critical, df, delta) +
	       abl_t_noncentral_cdf(-critical, df, delta);
}

double abl_power_t(double delta, double df, double level)
{
	double critical = abl_t_critical(level, df);

	return isnan(delta) || isnan(critical) ? NAN : power_at(fabs(delta), df, critical);
}

/* Regula falsi in the form of Illinois: the end that stays counts half. */
double abl_power_delta(double level, double df, double power)
{
	double critical = abl_t_critical(level, df), low = 0, high = 1, below, above;
	int side = 0;

	if (isnan(critical) || isinf(critical) || !(power > 0 && power < 1))
		return NAN;
	below = level - power;
	if (below >= 0)
		return 0;
	while ((above = power_at(high, df, critical) - power) < 0)
		low = high, below = above, high *= 2;
	for (int i = 0; i < STEPS && high - low > 4 * DBL_EPSILON * high; i++) {
		double middle = (low * above - high * below) / (above - below), here;

		if (!(middle > low && middle < high))
			middle = low + (high - low) / 2;
		here = power_at(middle, df, critical) - power;
		if (fabs(here) < 4 * DBL_EPSILON)
			return middle;
		if (here < 0) {
			low = middle, below = here;
			above = side < 0 ? above / 2 : above;
			side = -1;
		} else {
			high = middle, above = here;
			below = side > 0 ? below / 2 : below;
			side = 1;
		}
	}
	return high;
}

/* In standard errors: delta, and how much larger it is for an error that is estimated. Kept for the
 * next row of a table, which mostly asks for the same. */
struct reach {
	double level, df, delta, factor;
};

static struct reach reach_of(double level, double df)
{
	static _Thread_local struct reach last;

	if (!(last.level == level && last.df == df))
		last = (struct reach){level, df, abl_power_delta(level, df, ABL_POWER),
				      sqrt(df / abl_chi2_quantile(.2, df))};
	return last;
}

double abl_could_see_known(double error, double df, double level)
{
	return error >= 0 ? reach_of(level, df).delta * error : NAN;
}

double abl_could_see(double error, double df, double level)
{
	return abl_could_see_known(error, df, level) * reach_of(level, df).factor;
}

static double seen_with(int64_t n, double sd, double level)
{
	return abl_could_see(sd / sqrt((double)n), (double)(n - 1), level);
}

int64_t abl_units_needed(double effect, double sd, double level, int64_t most)
{
	int64_t few = 1, enough = 2;

	if (!(effect > 0) || !(sd >= 0) || !(level > 0 && level < 1) || most < 2)
		return -1;
	while (seen_with(enough, sd, level) > effect) {
		if (enough == most)
			return -1;
		few = enough;
		enough = enough > most / 2 ? most : 2 * enough;
	}
	while (enough - few > 1) {
		int64_t middle = few + (enough - few) / 2;

		if (seen_with(middle, sd, level) > effect)
			few = middle;
		else
			enough = middle;
	}
	return enough;
}
