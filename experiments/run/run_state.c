/* SPDX-License-Identifier: Apache-2.0 */
#include "run_state.h"

#include "engine.h"
#include "program_parts.h"

#include <stdlib.h>

bool abl_node_failed(const struct abl_node *node)
{
	return node->held && node->state != ABL_WAITING && node->state != ABL_DONE;
}

bool abl_run_wants(const struct abl_run *run, size_t trial)
{
	return !run->only || run->only[trial];
}

size_t abl_run_total(const struct abl_run *run)
{
	size_t n = 0;

	if (!run->only)
		return run->plan->trial_count;
	for (size_t i = 0; i < run->plan->trial_count; i++)
		n += run->only[i];
	return n;
}

size_t abl_run_failed_tuning(const struct abl_run *run, size_t trial)
{
	const struct abl_plan_trial *t = &run->plan->trials[trial];
	const struct abl_plan_tune *tune = &run->plan->tunes[abl_plan_tune(run->plan, trial)];
	const size_t stage =
		*abl_plan_tuning_run(run->plan, tune, t->task - tune->task, 0, t->replicate);
	const struct abl_node *n = &run->nodes[stage];

	return abl_node_failed(n) ? stage : n->blocked; /* itself, or what it was to read */
}

enum abl_state abl_run_trial(const struct abl_run *run, size_t trial, size_t *stage)
{
	const struct abl_plan_trial *t = &run->plan->trials[trial];
	const size_t tune = abl_plan_tune(run->plan, trial);
	size_t scored = abl_plan_stage_of(t, run->tests_only ? ABL_ROLE_TEST : "evaluate");
	bool runs = false;

	if (run->tests_only && scored == ABL_NONE)
		return ABL_DONE;
	if (!run->plan->engine->split(run->plan->study, t->task) && !run->tests_only)
		scored = abl_plan_stage_of(t, "finetune");
	for (size_t k = 0; k < t->role_count; k++) {
		const size_t i = t->roles[k].stage;

		if (abl_node_failed(&run->nodes[i])) {
			if (stage)
				*stage = i;
			return run->nodes[i].state;
		}
		runs |= run->nodes[i].state == ABL_RUNNING;
	}
	if (scored != ABL_NONE && run->nodes[scored].state == ABL_DONE)
		return ABL_DONE;
	if (tune != ABL_NONE && run->plan->tunes[tune].given_up) {
		if (stage)
			*stage = abl_run_failed_tuning(run, trial);
		return ABL_FAILED;
	}
	return runs ? ABL_RUNNING : ABL_WAITING;
}

void abl_run_finish(struct abl_run *run)
{
	if (!run)
		return;
	for (size_t i = 0; i < run->node_count; i++)
		free(run->nodes[i].artifact), free(run->nodes[i].reason), free(run->nodes[i].log),
			free(run->nodes[i].seal), free(run->nodes[i].lost),
			free(run->nodes[i].dropped);
	for (size_t i = 0; i < run->unsynced_count; i++)
		free(run->unsynced[i]);
	for (size_t i = 0; i < run->unneeded_count; i++)
		free(run->unneeded[i]);
	free(run->unneeded), free(run->held);
	run->held = NULL, run->held_count = run->held_capacity = 0;
	run->unneeded = NULL, run->unneeded_count = run->unneeded_capacity = 0;
	free(run->nodes), free(run->jobs), free(run->folder), free(run->unsynced), free(run->only);
	for (size_t i = 0; run->code && i < run->plan->program->count; i++)
		free(run->code[i].name), free(run->code[i].folder);
	free(run->code);
	abl_forecasts_destroy(run->forecasts);
	abl_hash_cache_close(run->hashes);
	run->code = NULL, run->hashes = NULL, run->forecasts = NULL;
	run->nodes = NULL, run->jobs = NULL, run->folder = NULL, run->unsynced = NULL;
	run->only = NULL;
	run->node_count = run->node_capacity = run->running = run->unsynced_count = 0;
}
