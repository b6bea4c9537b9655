/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize.h"

#include "gemm.h"
#include "model_internal.h"

#include <math.h>
#include <string.h>

/* PyTorch's clip_grad_norm_: clip / (norm + 1e-6), at most 1. */
static double clip_scale(double clip, double norm)
{
	double scale = clip > 0 ? clip / (norm + 1e-6) : 1;

	return scale < 1 ? scale : 1;
}

double abl_gradient_squares(struct abl_model *m)
{
	lazy_spans(&m->lazy, &m->params);
	return m->compute->kernels->sum_squares_in(m->params.g, m->lazy.spans, m->lazy.span_count);
}

#define CLEARED ((size_t)1 << 16) /* values at a time */

static void clear(void *data, size_t from, size_t to)
{
	memset((real *)data + from, 0, (to - from) * sizeof(real));
}

void abl_gradient_clear(struct abl_model *m)
{
	real *g = m->params.g;

	lazy_spans(&m->lazy, &m->params);
	for (size_t i = 0; i < m->lazy.span_count; i++) {
		const struct abl_span *s = &m->lazy.spans[i];

		abl_team_run(&m->compute->team, s->to - s->from, CLEARED, clear, g + s->from);
	}
	lazy_unmark(&m->lazy);
}

static void update_tensor(struct abl_model *m, const struct abl_optimizer_hooks *optimizer,
			  size_t i, const struct abl_step_factors *factors)
{
	const struct abl_params *p = &m->params;
	size_t at = p->items[i].offset;

	if (lazy_is(&m->lazy, i))
		lazy_step(&m->lazy, optimizer, factors);
	else
		optimizer->update(m->compute->kernels, factors,
				  &(struct abl_update){.w = p->w + at,
						       .g = p->g + at,
						       .m = p->m ? p->m + at : NULL,
						       .v = p->v ? p->v + at : NULL,
						       .n = p->items[i].count});
}

/* What threads share of a step of the optimiser. */
struct updating {
	struct abl_model *m;
	const struct abl_recipe *recipe;
	double rate, length;
	int64_t step;
};

static void update_items(void *data, size_t from, size_t to)
{
	const struct updating *t = data;
	const struct abl_recipe *recipe = t->recipe;
	const struct abl_optimizer_hooks *optimizer = recipe->optimizer.component->hooks;
	const struct abl_optimizer_options *o = (const void *)recipe->optimizer.options;
	int64_t top = abl_model_config(t->m)->layers + 1;

	for (size_t i = from; i < to; i++) {
		const struct abl_param *item = &t->m->params.items[i];
		struct abl_step now = {.scale = clip_scale(recipe->clip, t->length),
				       .step = t->step + 1};
		struct abl_step_factors factors;

		if (recipe->freeze && item->depth <= recipe->freeze)
			continue;
		now.rate = t->rate * pow(recipe->layer_decay, (double)(top - item->depth));
		now.decay = !item->norm_or_bias || o->decay_norm_bias ? o->weight_decay : 0;
		factors = optimizer->factors(o, &now);
		update_tensor(t->m, optimizer, i, &factors);
	}
}

double abl_optimize(struct abl_model *m, const struct abl_recipe *recipe, int64_t step,
		    int64_t steps, double *norm)
{
	const struct abl_schedule_hooks *schedule = recipe->schedule.component->hooks;
	double rate = recipe->learning_rate * schedule->factor(step, steps, recipe->warmup);
	double length;
	struct updating t = {m, recipe, rate, 0, step};

	abl_team_enter();
	length = t.length = sqrt(abl_gradient_squares(m));
	if (norm)
		*norm = length;
	if (isfinite(length)) /* else nothing is updated */
		abl_team_run(&m->compute->team, m->params.count, 1, update_items, &t);
	abl_gemm_weights_changed(m->compute);
	abl_gradient_clear(m);
	return rate;
}
