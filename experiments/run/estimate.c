/* SPDX-License-Identifier: Apache-2.0 */
#include "estimate.h"

#include "executor.h"
#include "forecast.h"
#include "machine.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

/* Seconds that the stage still needs. */
static double stage_left(const struct abl_run *run, size_t i, double whole)
{
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
	return n->state == ABL_RUNNING ||
	       (n->state == ABL_WAITING && n->blocked == ABL_NONE && !n->held);
}

/* NaN: nothing is known of a program before one of its stages has run. */
static double add_up(const struct abl_run *run)
{
	bool unknown = false;
	double *chain = abl_calloc(run->node_count + 1, sizeof *chain), sum = 0, longest = 0;
	double tuned = 0, evaluated = 0, runs = 0;

	for (size_t i = 0; i < run->node_count; i++) {
		const struct abl_plan_stage *stage = &run->plan->stages[i];
		struct abl_forecast f;

		if (stage->tuned == ABL_NONE && !wanted(&run->nodes[i]))
			continue;
		abl_forecast_stage(run->forecasts, run->plan, i, &f);
		if (stage->tuned != ABL_NONE && stage->kind->trains)
			tuned += f.seconds, runs++;
		else if (stage->tuned != ABL_NONE && stage->kind->scores)
			evaluated += f.seconds;
		if (!wanted(&run->nodes[i]))
			continue;
		for (size_t k = 0; k < stage->input_count; k++)
			if (stage->inputs[k].stage != ABL_NONE)
				chain[i] = fmax(chain[i], chain[stage->inputs[k].stage]);
		f.seconds = stage_left(run, i, f.seconds);
		chain[i] += f.seconds;
		sum += f.seconds;
		longest = fmax(longest, chain[i]);
		unknown |= !f.known && stage->kind->foreign;
	}
	/* what waits for a tuned value is planned later: as the average tuning run */
	for (size_t i = 0; i < run->plan->tune_count && runs > 0; i++)
		if (run->plan->tunes[i].chosen == ABL_NONE)
			sum += (tuned + evaluated) / runs * (double)run->plan->tunes[i].task_count *
			       (double)abl_plan_seeds(run->plan->study);
	free(chain);
	return unknown ? NAN : fmax(sum / run->workers, longest);
}

double abl_left_now(struct abl_left *left, const struct abl_run *run)
{
	const double now = abl_clock_now();
	double seconds;

	if (left->at <= 0 || now - left->at >= 100 * left->took) {
		seconds = add_up(run);
		*left = (struct abl_left){
			.at = now, .took = abl_clock_now() - now, .seconds = seconds};
	}
	return isnan(left->seconds) ? NAN : fmax(left->seconds - (now - left->at), 0);
}
