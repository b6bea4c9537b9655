/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "optimizer_rows.h"

static const struct abl_option options[] = {
	ABL_ROW_WEIGHT_DECAY, ABL_ROW_DECAY_NORM_BIAS, ABL_ROWS_ADAM, {.name = NULL}};

/* google-research/bert optimization.py, AdamWeightDecayOptimizer: w -= rate * (m / (sqrt(v) + eps)
 * + decay * w) */
static struct abl_step_factors factors(const struct abl_optimizer_options *o,
				       const struct abl_step *s)
{
	return (struct abl_step_factors){.scale = (real)s->scale,
					 .beta1 = (real)o->beta1,
					 .beta2 = (real)o->beta2,
					 .rate = (real)s->rate,
					 .root = 1,
					 .eps = (real)o->eps,
					 .keep = (real)(1 - s->rate * s->decay)};
}

static const struct abl_optimizer_hooks hooks = {
	.states = 2, .factors = factors, .update = abl_adam_update};

const struct abl_component abl_optimizer_adam = {
	.slot = ABL_SLOT_OPTIMIZER,
	.name = "adam",
	.help = "Adam as in BERT's code: decoupled decay, no bias correction",
	.version = 1,
	.options = options,
	.hooks = &hooks,
};
