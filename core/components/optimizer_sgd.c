/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "optimizer_rows.h"

static const struct abl_option options[] = {
	ABL_ROW_WEIGHT_DECAY,
	ABL_ROW_DECAY_NORM_BIAS,
	{.name = "momentum",
	 ABL_OPTIMIZER_REAL(momentum),
	 .def = .9,
	 .min = 0,
	 .max = 1,
	 .below_max = true,
	 .help = "share of the previous update that is kept"},
	{.name = NULL},
};

/* m = momentum * m + g; w -= rate * (m + decay * w) */
static struct abl_step_factors factors(const struct abl_optimizer_options *o,
				       const struct abl_step *s)
{
	return (struct abl_step_factors){.scale = (real)s->scale,
					 .beta1 = (real)o->momentum,
					 .rate = (real)s->rate,
					 .keep = (real)(1 - s->rate * s->decay)};
}

static void update(const struct abl_kernels *k, const struct abl_step_factors *f,
		   const struct abl_update *u)
{
	const real scale = f->scale, momentum = f->beta1, rate = f->rate, keep = f->keep;

	(void)k;
	for (size_t i = 0; i < u->n; i++) {
		u->m[i] = momentum * u->m[i] + scale * u->g[i];
		u->w[i] = keep * u->w[i] - rate * u->m[i];
	}
}

static const struct abl_optimizer_hooks hooks = {.states = 1, .factors = factors, .update = update};

const struct abl_component abl_optimizer_sgd = {
	.slot = ABL_SLOT_OPTIMIZER,
	.name = "sgd",
	.help = "stochastic gradient descent with momentum",
	.version = 1,
	.options = options,
	.hooks = &hooks,
};
