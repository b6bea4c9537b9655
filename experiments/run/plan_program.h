/* SPDX-License-Identifier: Apache-2.0 */
/* plan_program.h - what `plan` and `run` say of a user's program before it runs. */
#ifndef ABL_PLAN_PROGRAM_H
#define ABL_PLAN_PROGRAM_H

#include "plan.h"
#include "str.h"

/* Appends lines: its code and inputs as they were hashed, cards, and what looks wrong. */
void abl_plan_program(const struct abl_plan *plan, struct abl_str *out);

#endif
