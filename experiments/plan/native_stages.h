/* SPDX-License-Identifier: Apache-2.0 */
/* native_stages.h - which stages a trial of the native engine goes through. */
#ifndef ABL_NATIVE_STAGES_H
#define ABL_NATIVE_STAGES_H

#include "plan.h"

/* What the stages of one trial, or of a tuning run for it, have in common. */
struct abl_trial_plan {
	const struct abl_values *config; /* of the trial, with the tuned value; the plan's */
	size_t order;                    /* of the trial */
	size_t tuned;                    /* the value that a tuning run tries; ABL_NONE: a trial */
	const char *split;               /* what is scored */
};

/* Adds them to the plan and sets the roles of the trial. */
void abl_native_stages(struct abl_plan *p, struct abl_plan_trial *trial,
		       const struct abl_trial_plan *how);

#endif
