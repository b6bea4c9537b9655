/* SPDX-License-Identifier: Apache-2.0 */
/* plan_rates.h - learning rates that are known not to fit the width of the model. */
#ifndef ABL_PLAN_RATES_H
#define ABL_PLAN_RATES_H

#include "str.h"
#include "study.h"

/* Appends a line of the plan's summary for each such pair; variants whose rate is what the design
 * varies are left out. */
void abl_plan_rates(const struct abl_study *study, struct abl_str *out);

#endif
