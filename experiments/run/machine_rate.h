/* SPDX-License-Identifier: Apache-2.0 */
/* machine_rate.h - how fast this machine trains models of a plan's shapes: measured in a second or
 * less, where no past says it; for forecast.c. */
#ifndef ABL_MACHINE_RATE_H
#define ABL_MACHINE_RATE_H

#include "plan.h"

/* Processor seconds of the stage by its cost; 0: not measured. Shapes that are not measured are as
 * the one most like them. What was measured is known as long as the process lives. */
double abl_machine_rate_seconds(const struct abl_plan_stage *stage, int threads);
/* Measures the shapes of those stages that are marked, [plan->stage_count]: those that take most of
 * the time first, as long as a small part of all of it. In a process of its own: whatever happens
 * there, the worst is a rate that is not known. */
void abl_machine_rate_measure(const struct abl_plan *plan, const bool *stages, int threads);

#endif
