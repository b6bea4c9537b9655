/* SPDX-License-Identifier: Apache-2.0 */
/* native_cost.h - what stages of the native engine take, roughly.
 *
 * A stage's cost is its floating-point work over the speed of one core of a common machine. What
 * past attempts of the same kind really took, against that cost, corrects it (run/estimate.h). */
#ifndef ABL_NATIVE_COST_H
#define ABL_NATIVE_COST_H

#include "plan.h"

#define ABL_NATIVE_BASE .03 /* of each cost: seconds that are not training */

/* What one training step of the stage goes through. */
struct abl_config;
struct abl_native_step {
	const struct abl_config *config;
	int64_t batch, length; /* sequences, and tokens of each */
};
struct abl_native_step abl_native_step(const struct abl_plan_stage *stage);
/* The cost of a step, in the terms of a stage's. */
double abl_native_step_cost(const struct abl_config *c, bool pretrain, int64_t batch,
			    int64_t length);

double abl_native_weights(const struct abl_config *c); /* of the encoder, roughly */

/* The functions of struct abl_kind (kind.h). */
double abl_native_cost_texts(const struct abl_plan_stage *stage, const struct abl_cost_base *base);
double abl_native_cost_pretrain(const struct abl_plan_stage *stage,
				const struct abl_cost_base *base);
double abl_native_cost_finetune(const struct abl_plan_stage *stage,
				const struct abl_cost_base *base);
double abl_native_cost_evaluate(const struct abl_plan_stage *stage,
				const struct abl_cost_base *base);
double abl_native_memory(const struct abl_values *config);
double abl_native_disk_weights(const struct abl_values *config);
double abl_native_disk_data(const struct abl_values *config);

#endif
