/* SPDX-License-Identifier: Apache-2.0 */
/* plan_cost.h - how long stages take, roughly.
 *
 * A stage's cost is its floating-point work over the speed of one core of a common machine. What
 * past attempts of the same kind really took, against that cost, corrects it (run/estimate.h). */
#ifndef ABL_PLAN_COST_H
#define ABL_PLAN_COST_H

#include "plan.h"

/* Parameters of the encoder with its embeddings; tells sizes, not tensors. */
double abl_plan_parameters(const struct abl_config *c);
/* Sets stage->cost. `task` is the stage's, or NULL; `text_bytes` of all pre-training texts. */
void abl_plan_cost(struct abl_plan_stage *stage, const struct abl_task_spec *task,
		   double text_bytes);
/* Unpacked size of a file, roughly where it is packed; 0 if there is none. */
double abl_plan_file_bytes(const char *path);

/* Bytes that one worker takes at most, and bytes of the artefacts of a stage; both roughly. */
double abl_plan_memory(const struct abl_config *c);
double abl_plan_disk(const struct abl_plan_stage *stage);

#endif
