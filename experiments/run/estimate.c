/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "estimate.h"

#include "executor.h"
#include "past.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void take_speed(void *data, const char *kind, double seconds_per_cost)
{
	struct abl_speed *s = data;
	const struct abl_kind *k = abl_kind_find(kind);

	if (!k || !(seconds_per_cost > 0))
		return;
	s->factor[abl_kind_index(k)] = seconds_per_cost;
	s->known[abl_kind_index(k)] = true;
}

struct steps {
	struct abl_speed *speed;
	const struct abl_plan *plan;
};

static void take_step(void *data, const char *step, double seconds)
{
	const struct steps *s = data;

	for (size_t i = 0; i < s->plan->stage_count; i++) {
		const struct abl_plan_stage *stage = &s->plan->stages[i];

		if (!stage->kind->foreign ||
		    strcmp(abl_plan_stage_name(s->plan->study, stage), step) != 0)
			continue;
		s->speed->factor[abl_plan_class(stage)] = seconds;
		s->speed->known[abl_plan_class(stage)] = true;
		return;
	}
}

int abl_speed_load(struct abl_speed *out, struct abl_store *store, const struct abl_plan *plan,
		   struct abl_err *err)
{
	struct steps steps = {.speed = out, .plan = plan};
	int rc;

	*out = (struct abl_speed){0};
	for (size_t k = 0; k < ABL_KINDS_MAX; k++)
		out->factor[k] = 1;
	rc = store ? abl_read_speed(store, take_speed, out, err) : 0;
	if (rc || !store || !plan->program)
		return rc;
	return abl_read_step_seconds(store, plan->study->name, take_step, &steps, err);
}

/* Seconds that the stage still needs. */
static double stage_left(const struct abl_run *run, size_t i, const struct abl_speed *speed)
{
	const struct abl_plan_stage *stage = &run->plan->stages[i];
	const double whole = stage->cost * speed->factor[abl_plan_class(stage)];

	for (size_t j = 0; j < run->running; j++)
		if (run->jobs[j]->stage == i) {
			double past = abl_clock_now() - run->jobs[j]->started,
			       share = run->jobs[j]->share;

			return share > .02 ? past * (1 - share) / share : fmax(whole - past, 0);
		}
	return whole;
}

static bool wanted(const struct abl_node *n)
{
	return n->state == ABL_RUNNING || (n->state == ABL_WAITING && n->blocked == ABL_NONE);
}

void abl_estimate_left(struct abl_estimate *out, const struct abl_run *run,
		       const struct abl_speed *speed)
{
	double *chain = abl_calloc(run->node_count + 1, sizeof *chain), sum = 0, longest = 0;
	double tuned = 0, evaluated = 0, runs = 0;

	*out = (struct abl_estimate){0};
	for (size_t i = 0; i < run->node_count; i++) {
		const struct abl_plan_stage *stage = &run->plan->stages[i];
		const size_t kind = abl_plan_class(stage);

		if (stage->tuned != ABL_NONE && stage->kind->trains)
			tuned += stage->cost * speed->factor[kind], runs++;
		else if (stage->tuned != ABL_NONE && stage->kind->scores)
			evaluated += stage->cost * speed->factor[kind];
		if (!wanted(&run->nodes[i]))
			continue;
		for (size_t k = 0; k < stage->input_count; k++)
			if (stage->inputs[k].stage != ABL_NONE)
				chain[i] = fmax(chain[i], chain[stage->inputs[k].stage]);
		chain[i] += stage_left(run, i, speed);
		sum += stage_left(run, i, speed);
		longest = fmax(longest, chain[i]);
		out->rough |= !speed->known[kind];
		out->unknown |= !speed->known[kind] && stage->kind->foreign;
	}
	/* what waits for a tuned value is planned later: as the average tuning run */
	for (size_t i = 0; i < run->plan->tune_count && runs > 0; i++)
		if (run->plan->tunes[i].chosen == ABL_NONE)
			sum += (tuned + evaluated) / runs * (double)run->plan->tunes[i].task_count *
			       (double)abl_plan_seeds(run->plan->study);
	free(chain);
	out->seconds = fmax(sum / run->workers, longest);
}
