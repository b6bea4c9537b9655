/* SPDX-License-Identifier: Apache-2.0 */
/* plan_cost.h - what a plan will take: hours, memory, disk, money, and what of it will be there by
 * a deadline. */
#ifndef ABL_PLAN_COST_H
#define ABL_PLAN_COST_H

#include "run_state.h"
#include "str.h"

/* Appends lines of the plan's summary; none where nothing is to run. */
void abl_plan_cost(const struct abl_run *run, struct abl_str *out);
#endif
