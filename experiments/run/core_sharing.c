/* SPDX-License-Identifier: Apache-2.0 */
#include "core_sharing.h"

#include "cards.h"
#include "machine.h"
#include "program.h"

#include <math.h>

/* Workers that fit into the memory there is. */
static int64_t fitting(const struct abl_plan *plan)
{
	double most = 1; /* of a program nothing is known */

	for (size_t i = 0; i < plan->stage_count; i++)
		most = fmax(most, plan->stages[i].kind->memory(plan->stages[i].config));
	return (int64_t)fmax(.8 * abl_machine_memory() / most, 1);
}

/* As many as find cards, where each step of a trial wants some. */
static int64_t on_cards(const struct abl_program *program, int64_t workers)
{
	struct abl_cards cards;
	int64_t least = INT64_MAX, fit;

	for (size_t i = 0; i < program->step_count; i++)
		least = program->steps[i].gpus < least ? program->steps[i].gpus : least;
	if (!least)
		return workers;
	abl_cards_init(&cards, program->trials_per_gpu);
	fit = (int64_t)cards.count * program->trials_per_gpu / least;
	abl_cards_finish(&cards);
	return fit > 0 ? fit : 1;
}

void abl_core_sharing(const struct abl_plan *plan, int64_t asked, int *workers_out, int *threads)
{
	const int64_t cores = abl_machine_cores(), trials = (int64_t)plan->trial_count,
		      fit = fitting(plan);
	int64_t workers = asked ? asked : plan->study->limits.workers;

	if (!workers)
		workers = trials < cores ? trials : cores;
	if (!asked && workers > fit)
		workers = fit;
	if (!asked && !plan->study->limits.workers && plan->study->program)
		workers = on_cards(plan->study->program, workers);
	*workers_out = (int)workers;
	*threads = cores > workers ? (int)(cores / workers) : 1;
}
