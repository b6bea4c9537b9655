/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "optimizer_rows.h"

#include <math.h>

static const struct abl_option options[] = {
	ABL_ROW_WEIGHT_DECAY, ABL_ROW_DECAY_NORM_BIAS, ABL_ROWS_ADAM, {.name = NULL}};

/* w -= rate * (m^ / (sqrt(v^) + eps) + decay * w), m^ = m / (1 - beta1^t), v^ = v / (1 -
 * beta2^t) */
static struct abl_step_factors factors(const struct abl_optimizer_options *o,
				       const struct abl_step *s)
{
	double c1 = 1 - pow(o->beta1, (double)s->step), c2 = 1 - pow(o->beta2, (double)s->step);

	return (struct abl_step_factors){.scale = (real)s->scale,
					 .beta1 = (real)o->beta1,
					 .beta2 = (real)o->beta2,
					 .rate = (real)(s->rate / c1),
					 .root = (real)(1 / sqrt(c2)),
					 .eps = (real)o->eps,
					 .keep = (real)(1 - s->rate * s->decay)};
}

static const struct abl_optimizer_hooks hooks = {
	.states = 2, .factors = factors, .update = abl_adam_update};

const struct abl_component abl_optimizer_adamw = {
	.slot = ABL_SLOT_OPTIMIZER,
	.name = "adamw",
	.help = "Adam with decoupled weight decay and bias correction (Loshchilov 2019)",
	.version = 1,
	.options = options,
	.hooks = &hooks,
};
