/* SPDX-License-Identifier: Apache-2.0 */
/* estimate.h - how long from now it will be, by what each stage will take (forecast.h). */
#ifndef ABL_ESTIMATE_H
#define ABL_ESTIMATE_H

#include "run_state.h"

/* Seconds until everything is done: what is left over the workers, but no less than the longest
 * chain. It is made anew so seldom that it takes a hundredth of the time, since it looks at all
 * stages. */
struct abl_left {
	double seconds, at, took; /* as of when, by abl_clock_now(); 0: never */
};
/* Seconds from now; NaN: not known. */
double abl_left_now(struct abl_left *left, const struct abl_run *run);

#endif
