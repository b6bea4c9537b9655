/* SPDX-License-Identifier: Apache-2.0 */
/* plan_steps.h - pre-trainings that are too short for the size of their model. */
#ifndef ABL_PLAN_STEPS_H
#define ABL_PLAN_STEPS_H

#include "str.h"
#include "study.h"

/* Appends a line of the plan's summary where pre-trainings of files see few tokens for each
 * parameter; variants whose length the design varies are left out, and so is the built-in world,
 * whose language a short one learns. */
void abl_plan_steps(const struct abl_study *study, struct abl_str *out);

#endif
