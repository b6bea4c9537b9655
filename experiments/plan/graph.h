/* SPDX-License-Identifier: Apache-2.0 */
/* graph.h - how a plan grows, stage by stage; for plan_build.c and the builders of stages. */
#ifndef ABL_GRAPH_H
#define ABL_GRAPH_H

#include "plan.h"

/* The stage with this content: a new one, with its key and cost, or the one that is there already.
 * Its inputs are in the plan. */
size_t abl_graph_add(struct abl_plan *p, struct abl_plan_stage stage);

/* Sets which stage a role of the trial is. `role` is not copied. */
void abl_graph_set_role(struct abl_plan_trial *trial, const char *role, size_t stage);

#endif
