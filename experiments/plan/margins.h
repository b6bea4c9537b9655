/* SPDX-License-Identifier: Apache-2.0 */
/* margins.h - the metrics that `margins:` of a study names. */
#ifndef ABL_MARGINS_H
#define ABL_MARGINS_H

#include "study.h"

/* ABL_EINPUT with the place of one that no task of the study has. */
int abl_plan_check_margins(const struct abl_study *s, struct abl_err *err) ABL_MUST_USE;

#endif
