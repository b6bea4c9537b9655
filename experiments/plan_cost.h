/* SPDX-License-Identifier: Apache-2.0 */
/* plan_cost.h - how long stages take, roughly, and how long from now it will be.
 *
 * A stage's cost is its floating-point work over the speed of one core of a common machine. What
 * past attempts of the same kind really took, against that cost, corrects it: the store keeps both.
 */
#ifndef ABL_PLAN_COST_H
#define ABL_PLAN_COST_H

#include "plan.h"
#include "supervisor.h"

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

/* Seconds per cost by kind of stage, from the done stages of the store. */
struct abl_speed {
	double factor[ABL_STAGES];
	bool known[ABL_STAGES]; /* false: 1, nothing of the kind is done yet */
};
int abl_speed_load(struct abl_speed *out, struct abl_store *store,
		   struct abl_err *err) ABL_MUST_USE;

/* Seconds until everything is done: what is left over the workers, but no less than the longest
 * chain. */
struct abl_estimate {
	double seconds;
	bool rough; /* some of it has no past to go by */
};
struct abl_estimate abl_estimate_left(const struct abl_supervisor *s,
				      const struct abl_speed *speed);

#endif
