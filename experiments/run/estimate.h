/* SPDX-License-Identifier: Apache-2.0 */
/* estimate.h - how long from now it will be, by what each stage will take (forecast.h). */
#ifndef ABL_ESTIMATE_H
#define ABL_ESTIMATE_H

#include "run_state.h"

/* Seconds until everything is done: what is left over the workers, but no less than the longest
 * chain. */
struct abl_estimate {
	double seconds;
	bool rough;   /* some of it has no past to go by */
	bool unknown; /* a program's, and nothing is known of that before one has run */
};
void abl_estimate_left(struct abl_estimate *out, const struct abl_run *run);

#endif
