/* SPDX-License-Identifier: Apache-2.0 */
/* plan_design.h - what a plan says of how its variants were chosen. */
#ifndef ABL_PLAN_DESIGN_H
#define ABL_PLAN_DESIGN_H

#include "study.h"

/* Appends, a line each: that a design only explores; what a fraction of a factorial cannot tell
 * apart; that the baseline has two arms; the primary comparisons. */
void abl_plan_design(const struct abl_study *s, struct abl_str *out);

#endif
