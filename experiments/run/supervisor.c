/* SPDX-License-Identifier: Apache-2.0 */
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
	struct abl_node *node = &s->nodes[stage];
	struct abl_stage_info info;
	int found =
		s->store ? abl_store_stage(s->store, s->plan->stages[stage].key, &info, err) : 0;

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

static bool failed(const struct abl_node *n)
{
	return n->held && n->state != ABL_WAITING && n->state != ABL_DONE;
}

/* The input of a stage that is not done yet, or ABL_NONE. */
static size_t missing_input(const struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->plan->stages[stage];

	for (size_t i = 0; i < p->input_count; i++) {
		const size_t input = p->inputs[i].stage;

		if (input != ABL_NONE && s->nodes[input].state != ABL_DONE)
			return input;
	}
	return ABL_NONE;
}

/* The stage can start, or never will: to be asked when it is new and when an input has ended. */
static void look_at(struct abl_supervisor *s, size_t stage)
{
	struct abl_node *n = &s->nodes[stage];
	const size_t input = missing_input(s, stage);

	if (n->state != ABL_WAITING || n->held || n->blocked != ABL_NONE)
		return;
	if (input == ABL_NONE)
		abl_ready_push(&s->ready, s->plan, stage);
	else
		n->blocked = failed(&s->nodes[input]) ? input : s->nodes[input].blocked;
}

/* Reads the nodes of stages that the plan has got since; inputs come before their users in its
 * list. */
static int load_nodes(struct abl_supervisor *s, struct abl_err *err)
{
	int rc = 0;

	abl_grow(&s->nodes, &s->node_capacity, s->plan->stage_count + 1, sizeof *s->nodes);
	for (; s->node_count < s->plan->stage_count && !rc; s->node_count++) {
		rc = load_node(s, s->node_count, err);
		abl_ready_link(&s->ready, s->plan);
		look_at(s, s->node_count);
	}
	return rc;
}

/* An evaluation that has ended, or never will begin, ends the trials that it serves. */
static void count_trials(struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->plan->stages[stage];
	const struct abl_node *n = &s->nodes[stage];

	if (!p->kind->scores)
		return;
	if (n->state == ABL_DONE)
		s->done += p->serves;
	else if (failed(n) || n->blocked != ABL_NONE)
		s->failed += p->serves;
}

/* Tells the stages that read this one how it ended, and by a failure all that hangs on it. */
static void tell_readers(struct abl_supervisor *s, size_t stage)
{
	const struct abl_ready *r = &s->ready;

	for (size_t i = abl_ready_first(r, stage); i != ABL_NONE; i = abl_ready_next(r, i)) {
		const size_t reader = abl_ready_reader(i);
		const bool before = s->nodes[reader].blocked != ABL_NONE;

		look_at(s, reader);
		if (before || s->nodes[reader].blocked == ABL_NONE)
			continue;
		count_trials(s, reader);
		tell_readers(s, reader);
	}
}

/* Where trials may have changed by more than one stage. */
static void count_all_trials(struct abl_supervisor *s)
{
	s->done = s->failed = 0;
	for (size_t i = 0; i < s->plan->trial_count; i++) {
		const enum abl_state state = abl_supervisor_trial(s, i, NULL);

		s->done += state == ABL_DONE;
		s->failed += state == ABL_FAILED || state == ABL_TIMED_OUT || state == ABL_STOPPED;
	}
}

static bool is_over(void *data, size_t stage)
{
	const struct abl_supervisor *s = data;
	const struct abl_node *n = &s->nodes[stage];

	return n->state == ABL_DONE || failed(n) || n->blocked != ABL_NONE;
}

static int take_choice(void *data, size_t tune, struct abl_err *err)
{
	struct abl_supervisor *s = data;

	if (s->record && abl_record_choice(s->record, tune, err))
		return err->code;
	return load_nodes(s, err);
}

/* The stage that made this one impossible: itself, or what it was to read. */
static size_t culprit(const struct abl_supervisor *s, size_t stage)
{
	return failed(&s->nodes[stage]) ? stage : s->nodes[stage].blocked;
}

/* The stage that a trial of a given-up tune failed by. */
static size_t tuning_culprit(const struct abl_supervisor *s, size_t trial)
{
	const struct abl_plan_trial *t = &s->plan->trials[trial];
	const struct abl_plan_tune *tune = &s->plan->tunes[abl_plan_tune(s->plan, trial)];

	return culprit(s, *abl_plan_tuning_run(s->plan, tune, t->task - tune->task, 0, t->seed));
}

static int take_failure(void *data, size_t tune, struct abl_err *err)
{
	struct abl_supervisor *s = data;

	for (size_t i = 0; s->record && i < s->plan->trial_count; i++) {
		size_t stage = abl_plan_tune(s->plan, i) == tune ? tuning_culprit(s, i) : ABL_NONE;

		if (stage != ABL_NONE && abl_record_failure(s->record, i, stage, err))
			return err->code;
	}
	return 0;
}

/* Makes the choices that can be made by now. */
static int settle(struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_tuning tuning = {
		.data = s, .over = is_over, .chosen = take_choice, .gave_up = take_failure};
	int made = abl_tune_choose(s->plan, s->store, &tuning, err);

	if (made > 0)
		count_all_trials(s);
	return made < 0 ? made : 0;
}

int abl_supervisor_init(struct abl_supervisor *s, struct abl_err *err)
{
	s->folder = s->store ? realpath(abl_store_folder(s->store), NULL) : NULL;
	if (s->store && !s->folder)
		return abl_err_set(err, ABL_EIO, "cannot find the store '%s': %s",
				   abl_store_folder(s->store), strerror(errno));
	s->argv[0] = "/proc/self/exe";
	s->argv[1] = "stage";
	s->jobs = abl_calloc((size_t)s->workers, sizeof *s->jobs);
	if (load_nodes(s, err))
		return err->code;
	count_all_trials(s);
	return settle(s, err);
}

void abl_supervisor_finish(struct abl_supervisor *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->node_count; i++)
		free(s->nodes[i].artifact), free(s->nodes[i].reason), free(s->nodes[i].log);
	for (size_t i = 0; i < s->unsynced_count; i++)
		free(s->unsynced[i]);
	free(s->nodes), free(s->jobs), free(s->folder), free(s->unsynced);
	abl_ready_finish(&s->ready);
	s->nodes = NULL, s->jobs = NULL, s->folder = NULL, s->unsynced = NULL;
	s->node_count = s->node_capacity = s->running = 0;
}

static void take_end(void *data, const struct abl_end *end);

static bool give_next(void *data, struct abl_attempt_spec *spec)
{
	struct abl_supervisor *s = data;
	size_t stage =
		s->err->code || s->out_of_time ? ABL_NONE : abl_ready_pop(&s->ready, s->plan);

	if (stage == ABL_NONE || abl_attempt_begin(s, stage, spec, s->err))
		return false;
	spec->ended = take_end;
	s->jobs[s->running++] = spec->data;
	return true;
}

static void take_start(void *data, void *job, int64_t number)
{
	struct abl_supervisor *s = data;
	const struct abl_job *j = job;

	int rc = abl_store_stage_pid(s->store, s->plan->stages[j->stage].key, j->attempt,
				     (int)number, s->err);

	(void)rc; /* a failure stays in s->err and ends the run at the next tick */
}

static void take_end(void *data, const struct abl_end *end)
{
	struct abl_job *job = data;
	struct abl_supervisor *s = job->supervisor;
	const size_t stage = job->stage;

	for (size_t i = 0; i < s->running; i++)
		if (s->jobs[i] == job) {
			memmove(s->jobs + i, s->jobs + i + 1,
				(s->running - i - 1) * sizeof *s->jobs);
			s->running--;
			break;
		}
	if (abl_attempt_end(s, job, end, s->err))
		return;
	count_trials(s, stage);
	tell_readers(s, stage);
	if (settle(s, s->err))
		return;
	if (s->events.finished)
		s->events.finished(s->events.data, s, stage);
}

/* Artefacts first: what the store says is done must be there after a power cut. */
static int make_last(struct abl_supervisor *s, struct abl_err *err)
{
	int rc = abl_attempt_sync(s->folder, s->unsynced, s->unsynced_count, err);

	for (size_t i = 0; i < s->unsynced_count; i++)
		free(s->unsynced[i]);
	s->unsynced_count = 0;
	s->synced = abl_clock_now();
	return rc ? rc : abl_store_sync(s->store, true, err);
}

static bool take_tick(void *data, int stops)
{
	struct abl_supervisor *s = data;

	for (size_t i = 0; i < s->running && !s->err->code; i++)
		if (abl_attempt_flush(s, s->jobs[i], s->err))
			return false;
	if (!s->err->code && abl_clock_now() - s->synced >= 1 && make_last(s, s->err))
		return false;
	if (s->deadline > 0 && abl_clock_now() > s->deadline)
		s->out_of_time = true;
	if (s->events.tick)
		s->events.tick(s->events.data, s, stops);
	return !s->err->code && !s->out_of_time;
}

int abl_supervisor_run(struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_event_loop_hooks hooks = {
		.data = s, .next = give_next, .started = take_start, .tick = take_tick};
	struct abl_err first = {0}, stop = {0}, last = {0};
	int rc;

	s->err = &first;
	if (s->plan->study->limits.hours > 0)
		s->deadline = abl_clock_now() + 3600 * s->plan->study->limits.hours;
	rc = abl_event_loop_run(&hooks, s->executors, s->executor_count, &stop);
	s->err = NULL;
	if ((make_last(s, &last) || abl_attempt_tidy(s->folder, &last)) && !first.code)
		first = last;
	if (first.code)
		return abl_err_set(err, (enum abl_code)first.code, "%s", first.text);
	if (s->out_of_time)
		return abl_err_set(err, ABL_ESTOP, "stopped after the %g h that 'limits' allow",
				   s->plan->study->limits.hours);
	return rc ? abl_err_set(err, (enum abl_code)rc, "%s", stop.text) : 0;
}

enum abl_state abl_supervisor_trial(const struct abl_supervisor *s, size_t trial, size_t *stage)
{
	const struct abl_plan_trial *t = &s->plan->trials[trial];
	const size_t tune = abl_plan_tune(s->plan, trial);
	const size_t scored = abl_plan_stage_of(t, "evaluate");
	bool running = false;

	for (size_t k = 0; k < t->role_count; k++) {
		const size_t i = t->roles[k].stage;

		if (failed(&s->nodes[i])) {
			if (stage)
				*stage = i;
			return s->nodes[i].state;
		}
		running |= s->nodes[i].state == ABL_RUNNING;
	}
	if (scored != ABL_NONE && s->nodes[scored].state == ABL_DONE)
		return ABL_DONE;
	if (tune != ABL_NONE && s->plan->tunes[tune].given_up) {
		if (stage)
			*stage = tuning_culprit(s, trial);
		return ABL_FAILED;
	}
	return running ? ABL_RUNNING : ABL_WAITING;
}
