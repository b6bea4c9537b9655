/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize.h"

#include "hooks.h"
#include "kernels.h"

#include <math.h>
#include <string.h>

/* PyTorch's clip_grad_norm_: clip / (norm + 1e-6), at most 1. */
static double clip_scale(double clip, double norm)
{
	double scale = clip > 0 ? clip / (norm + 1e-6) : 1;

	return scale < 1 ? scale : 1;
}

double abl_optimize(struct abl_model *m, const struct abl_recipe *recipe, int64_t step,
		    int64_t steps, double *norm)
{
	const struct abl_optimizer_hooks *optimizer = recipe->optimizer.component->hooks;
	const struct abl_schedule_hooks *schedule = recipe->schedule.component->hooks;
	const struct abl_optimizer_options *o = (const void *)recipe->optimizer.options;
	struct abl_params *p = abl_model_params(m);
	double rate = recipe->learning_rate * schedule->factor(step, steps, recipe->warmup);
	double length = sqrt(abl_kernels()->sum_squares(p->g, p->values));
	int64_t top = abl_model_config(m)->layers + 1;

	if (norm)
		*norm = length;
	for (size_t i = 0; isfinite(length) && i < p->count; i++) {
		const struct abl_param *item = &p->items[i];
		struct abl_update u = {.w = p->w + item->offset, .g = p->g + item->offset,
				       .m = p->m ? p->m + item->offset : NULL,
				       .v = p->v ? p->v + item->offset : NULL, .n = item->count,
				       .scale = clip_scale(recipe->clip, length), .step = step + 1};

		if (recipe->freeze && item->depth <= recipe->freeze)
			continue;
		u.rate = rate * pow(recipe->layer_decay, (double)(top - item->depth));
		u.decay = !item->norm_or_bias || o->decay_norm_bias ? o->weight_decay : 0;
		optimizer->update(o, &u);
	}
	memset(p->g, 0, p->values * sizeof *p->g);
	return rate;
}
