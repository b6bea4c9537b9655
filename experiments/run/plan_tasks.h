/* SPDX-License-Identifier: Apache-2.0 */
/* plan_tasks.h - the lines of `plan` and `run` on the tasks: how many rows, which classes, what was
 * left out. */
#ifndef ABL_PLAN_TASKS_H
#define ABL_PLAN_TASKS_H

#include "plan.h"
#include "str.h"

/* A line a task, and warnings below it. Appends. */
void abl_plan_tasks(const struct abl_plan *plan, struct abl_str *out);

#endif
