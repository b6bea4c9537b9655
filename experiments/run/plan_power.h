/* SPDX-License-Identifier: Apache-2.0 */
/* plan_power.h - what a plan says of the verdicts that its seeds can give. */
#ifndef ABL_PLAN_POWER_H
#define ABL_PLAN_POWER_H

#include "estimate.h"
#include "str.h"

/* Appends, a line each: how small an effect the seeds can show, how far they may grow, and what
 * keeps them from a verdict. */
void abl_plan_power(const struct abl_run *run, struct abl_str *out);

#endif
