/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "supervisor.h"

#include "attempt.h"
#include "attempt_folder.h"
#include "event_loop.h"
#include "files.h"
#include "str.h"
#include "tune.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How a stage stood when we came. What failed is tried again, but for a diverged run: it would
 * diverge again, bit for bit. */
static int load_node(struct abl_supervisor *s, size_t stage, struct abl_err *err)
{
	struct abl_node *node = &s->run.nodes[stage];
	struct abl_stage_info info;
	int found = s->run.store ? abl_store_stage(s->run.store, s->run.plan->stages[stage].key,
						   &info, err)
				 : 0;

	*node = (struct abl_node){.blocked = ABL_NONE};
	if (found <= 0)
		return found;
	node->state = info.state;
	node->attempt = info.attempt;
	node->seconds = info.seconds;
	node->log_id = info.log_id;
	node->artifact = info.artifact;
	node->reason = info.reason;
	node->cause = info.cause;
	node->log = info.log;
	if (node->state == ABL_FAILED && info.cause == ABL_CAUSE_DIVERGED)
		node->held = true;
	else if (node->state != ABL_DONE)
		node->state = ABL_WAITING;
	return 0;
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

/* The stage can start, or never will: to be asked when it is new and when an input has ended. */
static void queue_or_block(struct abl_supervisor *s, size_t stage)
{
	struct abl_node *n = &s->run.nodes[stage];
	const size_t input = missing_input(s, stage);

	if (n->state != ABL_WAITING || n->held || n->blocked != ABL_NONE)
		return;
	if (input == ABL_NONE)
		abl_ready_push(&s->ready, s->run.plan, stage);
	else
		n->blocked =
			abl_node_failed(&s->run.nodes[input]) ? input : s->run.nodes[input].blocked;
}

/* Reads the nodes of stages that the plan has got since; inputs come before their users in its
 * list. */
static int load_nodes(struct abl_supervisor *s, struct abl_err *err)
{
	int rc = 0;

	abl_grow(&s->run.nodes, &s->run.node_capacity, s->run.plan->stage_count + 1,
		 sizeof *s->run.nodes);
	for (; s->run.node_count < s->run.plan->stage_count && !rc; s->run.node_count++) {
		rc = load_node(s, s->run.node_count, err);
		abl_ready_link(&s->ready, s->run.plan);
		queue_or_block(s, s->run.node_count);
	}
	return rc;
}

/* An evaluation that has ended, or never will begin, ends the trials that it serves. */
static void count_trials(struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run.plan->stages[stage];
	const struct abl_node *n = &s->run.nodes[stage];

	if (!p->kind->scores)
		return;
	if (n->state == ABL_DONE)
		s->run.done += p->serves;
	else if (abl_node_failed(n) || n->blocked != ABL_NONE)
		s->run.failed += p->serves;
}

/* Tells the stages that read this one how it ended, and by a failure all that hangs on it. */
static void tell_readers(struct abl_supervisor *s, size_t stage)
{
	const struct abl_ready *r = &s->ready;

	for (size_t i = abl_ready_first(r, stage); i != ABL_NONE; i = abl_ready_next(r, i)) {
		const size_t reader = abl_ready_reader(i);
		const bool before = s->run.nodes[reader].blocked != ABL_NONE;

		queue_or_block(s, reader);
		if (before || s->run.nodes[reader].blocked == ABL_NONE)
			continue;
		count_trials(s, reader);
		tell_readers(s, reader);
	}
}

/* Where trials may have changed by more than one stage. */
static void count_all_trials(struct abl_supervisor *s)
{
	s->run.done = s->run.failed = 0;
	for (size_t i = 0; i < s->run.plan->trial_count; i++) {
		const enum abl_state state = abl_run_trial(&s->run, i, NULL);

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

	return rc ? rc : load_nodes(s, err);
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

/* Makes the choices that can be made by now. */
static int make_choices(struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_tuning tuning = {
		.data = s, .over = is_over, .chosen = take_choice, .gave_up = take_failure};
	int made = abl_tune_choose(s->run.plan, s->run.store, &tuning, err);

	if (made > 0)
		count_all_trials(s);
	return made < 0 ? made : 0;
}

int abl_supervisor_init(struct abl_supervisor *s, struct abl_err *err)
{
	int rc;

	s->run.folder = s->run.store ? realpath(abl_store_folder(s->run.store), NULL) : NULL;
	if (s->run.store && !s->run.folder)
		return abl_err_set(err, ABL_EIO, "cannot find the store '%s': %s",
				   abl_store_folder(s->run.store), strerror(errno));
	s->run.jobs = abl_calloc((size_t)s->run.workers, sizeof *s->run.jobs);
	rc = load_nodes(s, err);
	if (rc)
		return rc;
	count_all_trials(s);
	return make_choices(s, err);
}

void abl_supervisor_finish(struct abl_supervisor *s)
{
	if (!s)
		return;
	abl_ready_finish(&s->ready);
	abl_run_finish(&s->run);
}

/* What fails in the hooks of the event loop ends the run at the next tick. */
static bool failed(struct abl_supervisor *s, int rc)
{
	s->rc = s->rc ? s->rc : rc;
	return rc != 0;
}

static void take_end(void *data, const struct abl_end *end);

static bool give_next(void *data, struct abl_attempt_spec *spec)
{
	struct abl_supervisor *s = data;
	struct abl_job *job;
	size_t stage = s->rc || s->out_of_time ? ABL_NONE : abl_ready_pop(&s->ready, s->run.plan);

	if (stage == ABL_NONE || failed(s, abl_attempt_begin(&s->run, stage, spec, s->err)))
		return false;
	spec->ended = take_end;
	job = s->run.jobs[s->run.running++] = spec->data;
	job->owner = s;
	return true;
}

static void take_start(void *data, void *job, int64_t number)
{
	struct abl_supervisor *s = data;
	const struct abl_job *j = job;

	failed(s, abl_store_stage_pid(s->run.store, s->run.plan->stages[j->stage].key, j->attempt,
				      (int)number, s->err));
}

static void take_end(void *data, const struct abl_end *end)
{
	struct abl_job *job = data;
	struct abl_supervisor *s = job->owner;
	const size_t stage = job->stage;

	for (size_t i = 0; i < s->run.running; i++)
		if (s->run.jobs[i] == job) {
			memmove(s->run.jobs + i, s->run.jobs + i + 1,
				(s->run.running - i - 1) * sizeof *s->run.jobs);
			s->run.running--;
			break;
		}
	if (failed(s, abl_attempt_end(&s->run, job, end, s->err)))
		return;
	count_trials(s, stage);
	tell_readers(s, stage);
	if (failed(s, make_choices(s, s->err)))
		return;
	if (s->events.finished)
		s->events.finished(s->events.data, &s->run, stage);
}

/* Artefacts first: what the store says is done must be there after a power cut. */
static int make_last(struct abl_supervisor *s, struct abl_err *err)
{
	int rc = abl_attempt_sync(s->run.folder, s->run.unsynced, s->run.unsynced_count, err);

	for (size_t i = 0; i < s->run.unsynced_count; i++)
		free(s->run.unsynced[i]);
	s->run.unsynced_count = 0;
	s->synced = abl_clock_now();
	return rc ? rc : abl_store_sync(s->run.store, true, err);
}

static bool take_tick(void *data, int stops)
{
	struct abl_supervisor *s = data;

	for (size_t i = 0; i < s->run.running && !s->rc; i++)
		if (failed(s, abl_attempt_flush(&s->run, s->run.jobs[i], s->err)))
			return false;
	if (!s->rc && abl_clock_now() - s->synced >= 1 && failed(s, make_last(s, s->err)))
		return false;
	if (s->deadline > 0 && abl_clock_now() > s->deadline)
		s->out_of_time = true;
	if (s->events.tick)
		s->events.tick(s->events.data, &s->run, stops);
	return !s->rc && !s->out_of_time;
}

int abl_supervisor_run(struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_event_loop_hooks hooks = {
		.data = s, .next = give_next, .started = take_start, .tick = take_tick};
	struct abl_err first = {0}, stop = {0}, last = {0};
	int rc, ended;

	s->rc = 0;
	s->err = &first;
	if (s->run.plan->study->limits.hours > 0)
		s->deadline = abl_clock_now() + 3600 * s->run.plan->study->limits.hours;
	rc = abl_event_loop_run(&hooks, s->executors, s->executor_count, &stop);
	s->err = NULL;
	ended = make_last(s, &last);
	ended = ended ? ended : abl_attempt_tidy(s->run.folder, &last);
	if (s->rc || ended)
		return s->rc ? abl_err_set(err, (enum abl_code)s->rc, "%s", first.text)
			     : abl_err_set(err, (enum abl_code)ended, "%s", last.text);
	if (s->out_of_time)
		return abl_err_set(err, ABL_ESTOP, "stopped after the %g h that 'limits' allow",
				   s->run.plan->study->limits.hours);
	return rc ? abl_err_set(err, (enum abl_code)rc, "%s", stop.text) : 0;
}
