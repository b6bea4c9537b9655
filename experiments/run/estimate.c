/* SPDX-License-Identifier: Apache-2.0 */
#include "estimate.h"

#include "past.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

static void take_speed(void *data, const char *kind, double seconds_per_cost)
{
	struct abl_speed *s = data;
	const int k = abl_stage_find(kind);

	if (k < 0 || !(seconds_per_cost > 0))
		return;
	s->factor[k] = seconds_per_cost;
	s->known[k] = true;
}

int abl_speed_load(struct abl_speed *out, struct abl_store *store, struct abl_err *err)
{
	*out = (struct abl_speed){0};
	for (int k = 0; k < ABL_STAGES; k++)
		out->factor[k] = 1;
	return store ? abl_read_speed(store, take_speed, out, err) : 0;
}

/* Seconds that the stage still needs. */
static double stage_left(const struct abl_supervisor *s, size_t i, const struct abl_speed *speed)
{
	const struct abl_plan_stage *stage = &s->plan->stages[i];
	const double whole = stage->cost * speed->factor[stage->kind];

	for (size_t j = 0; j < s->running; j++)
		if (s->jobs[j]->stage == i) {
			double past = abl_supervisor_now() - s->jobs[j]->started,
			       share = s->jobs[j]->share;

			return share > .02 ? past * (1 - share) / share : fmax(whole - past, 0);
		}
	return whole;
}

static bool wanted(const struct abl_node *n)
{
	return n->state == ABL_RUNNING || (n->state == ABL_WAITING && n->blocked == ABL_NONE);
}

struct abl_estimate abl_estimate_left(const struct abl_supervisor *s, const struct abl_speed *speed)
{
	struct abl_estimate out = {0};
	double *chain = abl_calloc(s->node_count + 1, sizeof *chain), sum = 0, longest = 0;
	double tuned = 0, evaluated = 0, runs = 0;

	for (size_t i = 0; i < s->node_count; i++) {
		const struct abl_plan_stage *stage = &s->plan->stages[i];
		const size_t inputs[] = {stage->vocab, stage->corpus, stage->parent};

		if (stage->tuned != ABL_NONE && stage->kind == ABL_STAGE_FINETUNE)
			tuned += stage->cost * speed->factor[stage->kind], runs++;
		if (stage->tuned != ABL_NONE && stage->kind == ABL_STAGE_EVALUATE)
			evaluated += stage->cost * speed->factor[stage->kind];
		if (!wanted(&s->nodes[i]))
			continue;
		for (int k = 0; k < 3; k++)
			if (inputs[k] != ABL_NONE)
				chain[i] = fmax(chain[i], chain[inputs[k]]);
		chain[i] += stage_left(s, i, speed);
		sum += stage_left(s, i, speed);
		longest = fmax(longest, chain[i]);
		out.rough |= !speed->known[stage->kind];
	}
	/* what waits for a tuned value is planned later: as the average tuning run */
	for (size_t i = 0; i < s->plan->tune_count && runs > 0; i++)
		if (s->plan->tunes[i].chosen == ABL_NONE)
			sum += (tuned + evaluated) / runs * (double)s->plan->tunes[i].task_count *
			       (double)abl_plan_seeds(s->plan->study);
	free(chain);
	out.seconds = fmax(sum / s->workers, longest);
	return out;
}
