/* SPDX-License-Identifier: Apache-2.0 */
/* estimate.h - how long from now it will be: the costs of stages (kind.h), corrected by what
 * past attempts of the same kind really took. */
#ifndef ABL_ESTIMATE_H
#define ABL_ESTIMATE_H

#include "run_state.h"

/* Seconds per cost by class of stage (abl_plan_class()), from the done stages of the store; of a
 * program's steps those of the plan's study. */
struct abl_speed {
	double factor[ABL_KINDS_MAX];
	bool known[ABL_KINDS_MAX]; /* false: 1, nothing of the kind is done yet */
};
int abl_speed_load(struct abl_speed *out, struct abl_store *store, const struct abl_plan *plan,
		   struct abl_err *err) ABL_MUST_USE;

/* Seconds until everything is done: what is left over the workers, but no less than the longest
 * chain. */
struct abl_estimate {
	double seconds;
	bool rough;   /* some of it has no past to go by */
	bool unknown; /* a program's, and nothing is known of that before one has run */
};
void abl_estimate_left(struct abl_estimate *out, const struct abl_run *run,
		       const struct abl_speed *speed);

#endif
