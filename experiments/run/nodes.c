/* SPDX-License-Identifier: Apache-2.0 */
#include "nodes.h"

#include "attempt.h"
#include "files.h"
#include "inputs.h"
#include "left_list.h"
#include "machine.h"
#include "tune.h"

#include <stdlib.h>

/* It may be begun, at once or when a worker of a dead run has not come back with it. */
static bool is_open(const struct abl_node *n)
{
	return n->state == ABL_WAITING || n->state == ABL_RUNNING;
}

/* Where tests alone are wanted, nothing is trained for them: what is missing stays missing. */
static void hold_but_tests(struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run.plan->stages[stage];
	struct abl_node *node = &s->run.nodes[stage];

	if (node->state == ABL_DONE && p->kind->trains && p->task != ABL_NONE) {
		char *folder = abl_path_join(s->run.folder, node->artifact ? node->artifact : "");

		if (!node->artifact || !abl_is_dir(folder)) {
			node->state = ABL_WAITING;
			s->run.lost += !node->dropped;
			s->run.unkept += node->dropped != NULL;
		}
		free(folder);
	}
	node->held |= is_open(node) && !abl_plan_is_test(p);
}

static void take_info(struct abl_node *node, const struct abl_stage_info *info)
{
	node->state = info->state;
	node->attempt = info->attempt;
	node->worker = info->worker;
	node->seconds = info->seconds;
	node->log_id = info->log_id;
	node->artifact = info->artifact;
	node->reason = info->reason;
	node->cause = info->cause;
	node->log = info->log;
	node->seal = info->seal;
	node->lost = info->lost;
	node->dropped = info->dropped;
}

/* The stages that are to be run where some are not; the caller's. NULL: all. Of a tuning run all
 * seeds are wanted. */
static bool *wanted_stages(const struct abl_supervisor *s)
{
	const struct abl_plan *p = s->run.plan;
	bool *wanted = s->run.only || s->run.tests_only ? abl_calloc(p->stage_count + 1, 1) : NULL;

	for (size_t i = 0; i < p->stage_count && s->run.tests_only; i++)
		wanted[i] = abl_plan_is_test(&p->stages[i]);
	for (size_t t = 0; t < p->trial_count && s->run.only; t++) {
		if (!s->run.only[t])
			continue;
		for (size_t k = 0; k < p->trials[t].role_count; k++)
			wanted[p->trials[t].roles[k].stage] = true;
		for (size_t i = 0; i < p->stage_count; i++)
			wanted[i] |= p->stages[i].tuned != ABL_NONE &&
				     p->stages[i].variant == p->trials[t].variant &&
				     p->stages[i].task == p->trials[t].task;
	}
	return wanted;
}

/* Stages that only other trials want do not run; what failed is tried again on somebody's word. */
static int choose_stages(struct abl_supervisor *s, size_t first, struct abl_err *err)
{
	bool *wanted = wanted_stages(s);
	const int rc = abl_retry_forgive(s, first, wanted, err);

	for (size_t i = first; i < s->run.plan->stage_count && s->run.only; i++)
		s->run.nodes[i].held |= is_open(&s->run.nodes[i]) && !wanted[i];
	free(wanted);
	return rc;
}

/* How a stage stood when we came. */
static int load_node(struct abl_supervisor *s, size_t stage, struct abl_err *err)
{
	struct abl_node *node = &s->run.nodes[stage];
	struct abl_stage_info info;
	int found = s->run.store ? abl_store_stage(s->run.store, s->run.plan->stages[stage].key,
						   &info, err)
				 : 0;

	*node = (struct abl_node){.blocked = ABL_NONE};
	if (found > 0) {
		take_info(node, &info);
		found = abl_retry_load(s, stage, err) ? -1 : 1;
		if (info.state == ABL_RUNNING &&
		    (s->record || s->run.tests_only)) { /* nobody but we writes there */
			node->state = ABL_RUNNING;
			abl_left_add(&s->left, stage, abl_clock_now() + s->run.lease);
		}
	}
	if (found >= 0 && s->run.tests_only)
		hold_but_tests(s, stage);
	if (found <= 0 || node->state != ABL_WAITING || !node->attempt || !s->record)
		return found < 0 ? found : 0;
	found = abl_attempt_adopt(&s->run, stage, err);
	return found < 0 ? found : 0;
}

/* The input of a stage that is not done yet, or ABL_NONE. */
static size_t missing_input(const struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run.plan->stages[stage];

	for (size_t i = 0; i < p->input_count; i++) {
		const size_t input = p->inputs[i].stage;

		if (input != ABL_NONE && s->run.nodes[input].state != ABL_DONE)
			return input;
	}
	return ABL_NONE;
}

void abl_nodes_queue(struct abl_supervisor *s, size_t stage)
{
	struct abl_node *n = &s->run.nodes[stage];
	const size_t input = missing_input(s, stage);

	if (n->state != ABL_WAITING || n->held || n->queued || n->blocked != ABL_NONE)
		return;
	n->queued = input == ABL_NONE;
	if (n->queued)
		abl_ready_push(&s->ready, s->run.plan, stage);
	else
		n->blocked =
			abl_node_failed(&s->run.nodes[input]) ? input : s->run.nodes[input].blocked;
}

void abl_nodes_queue_inputs(struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run.plan->stages[stage];

	for (size_t i = 0; i < p->input_count; i++) {
		const size_t input = p->inputs[i].stage;

		if (input == ABL_NONE || s->run.nodes[input].state != ABL_WAITING)
			continue;
		abl_nodes_queue_inputs(s, input);
		abl_nodes_queue(s, input);
	}
}

int abl_nodes_load(struct abl_supervisor *s, struct abl_err *err)
{
	const size_t first = s->run.node_count;
	int rc = 0;

	abl_grow(&s->run.nodes, &s->run.node_capacity, s->run.plan->stage_count + 1,
		 sizeof *s->run.nodes);
	for (; s->run.node_count < s->run.plan->stage_count && !rc; s->run.node_count++) {
		rc = load_node(s, s->run.node_count, err);
		abl_ready_link(&s->ready, s->run.plan);
	}
	if (!rc && s->run.restore)
		abl_inputs_restore(&s->run, first);
	rc = rc ? rc : choose_stages(s, first, err);
	for (size_t i = first; i < s->run.node_count && !rc; i++)
		if (s->run.nodes[i].state == ABL_WAITING && !s->run.nodes[i].held)
			abl_inputs_look(&s->run, i);
	for (size_t i = first; i < s->run.node_count && !rc; i++) {
		abl_nodes_queue_inputs(s, i);
		abl_nodes_queue(s, i);
	}
	return rc;
}

void abl_nodes_count(struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run.plan->stages[stage];
	const struct abl_node *n = &s->run.nodes[stage];

	if (!abl_plan_ends_trial(s->run.plan, p))
		return;
	if (s->run.only || s->run.plan->study->pretraining_only) {
		abl_nodes_count_all(s);
		return;
	}
	if (n->state == ABL_DONE)
		s->run.done += p->serves;
	else if (abl_node_failed(n) || n->blocked != ABL_NONE)
		s->run.failed += p->serves;
}

void abl_nodes_tell(struct abl_supervisor *s, size_t stage)
{
	const struct abl_ready *r = &s->ready;

	for (size_t i = abl_ready_first(r, stage); i != ABL_NONE; i = abl_ready_next(r, i)) {
		const size_t reader = abl_ready_reader(i);
		const bool before = s->run.nodes[reader].blocked != ABL_NONE;

		abl_nodes_queue(s, reader);
		if (before || s->run.nodes[reader].blocked == ABL_NONE)
			continue;
		abl_nodes_count(s, reader);
		abl_nodes_tell(s, reader);
	}
}

void abl_nodes_count_all(struct abl_supervisor *s)
{
	s->run.done = s->run.failed = 0;
	for (size_t i = 0; i < s->run.plan->trial_count; i++) {
		const enum abl_state state = abl_run_trial(&s->run, i, NULL);

		if (!abl_run_wants(&s->run, i))
			continue;
		s->run.done += state == ABL_DONE;
		s->run.failed +=
			state == ABL_FAILED || state == ABL_TIMED_OUT || state == ABL_STOPPED;
	}
}

static bool is_over(void *data, size_t stage)
{
	const struct abl_supervisor *s = data;
	const struct abl_node *n = &s->run.nodes[stage];

	return n->state == ABL_DONE || abl_node_failed(n) || n->blocked != ABL_NONE;
}

static int take_choice(void *data, size_t tune, struct abl_err *err)
{
	struct abl_supervisor *s = data;
	int rc = s->record ? abl_record_choice(s->record, tune, err) : 0;

	return rc ? rc : abl_nodes_load(s, err);
}

static int take_failure(void *data, size_t tune, struct abl_err *err)
{
	struct abl_supervisor *s = data;
	int rc = 0;

	for (size_t i = 0; s->record && i < s->run.plan->trial_count && !rc; i++) {
		size_t stage = abl_plan_tune(s->run.plan, i) == tune
				       ? abl_run_failed_tuning(&s->run, i)
				       : ABL_NONE;

		if (stage != ABL_NONE)
			rc = abl_record_failure(s->record, i, stage, err);
	}
	return rc;
}

int abl_nodes_choose(struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_tuning tuning = {
		.data = s, .over = is_over, .chosen = take_choice, .gave_up = take_failure};
	int made = abl_tune_choose(s->run.plan, s->run.store, &tuning, err);

	if (made > 0)
		abl_nodes_count_all(s);
	return made < 0 ? made : 0;
}
