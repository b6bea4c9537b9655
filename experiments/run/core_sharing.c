/* SPDX-License-Identifier: Apache-2.0 */
#include "core_sharing.h"

#include "machine.h"

#include <math.h>

/* Workers that fit into the memory there is. */
static int64_t fitting(const struct abl_plan *plan)
{
	double most = 1;

	for (size_t i = 0; i < plan->stage_count; i++)
		most = fmax(most, plan->stages[i].kind->memory(plan->stages[i].config));
	return (int64_t)fmax(.8 * abl_machine_memory() / most, 1);
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
	*workers_out = (int)workers;
	*threads = cores > workers ? (int)(cores / workers) : 1;
}
