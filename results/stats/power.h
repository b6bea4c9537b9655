/* SPDX-License-Identifier: Apache-2.0 */
/* power.h - which effects a study can see: the power of the t test that decides, at any level (that
 * of the smallest of m corrected p values is level / m).
 *
 * Two-sided. A level outside (0, 1), degrees of freedom that are not above 0 and NaN give NaN; df
 * need not be whole. */
#ifndef ABL_POWER_H
#define ABL_POWER_H

#include <stdint.h>

#include "distribution.h" /* abl_chi2_quantile() */

#define ABL_POWER .8 /* the power that "could see" stands for */

/* Power of a t test for an effect of `delta` of its standard errors (the noncentrality). */
double abl_power_t(double delta, double df, double level);
/* The noncentrality that is found with that power; 0 where the level alone gives it. */
double abl_power_delta(double level, double df, double power);

/* The effect found with power .8, from the standard error of its estimate. `error` known exactly:
 * delta * error. `error` estimated with df degrees of freedom: larger by sqrt(df / chi2(.2; df)),
 * the upper limit of the error, so that the power at it is .8 or more in four of five studies. 0
 * where the error is 0. */
double abl_could_see_known(double error, double df, double level);
double abl_could_see(double error, double df, double level);

/* The fewest units n >= 2 with abl_could_see(sd / sqrt(n), n - 1, level) <= effect; -1: more than
 * `most`, or no such number (an effect that is not above 0, no sd). */
int64_t abl_units_needed(double effect, double sd, double level, int64_t most);

#endif
