/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor.h"

#include "attempt.h"
#include "attempt_away.h"
#include "attempt_copy.h"
#include "attempt_folder.h"
#include "ended.h"
#include "event_loop.h"
#include "files.h"
#include "keep.h"
#include "leftovers.h"
#include "machine.h"
#include "nodes.h"
#include "room_there.h"
#include "str.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int abl_supervisor_init(struct abl_supervisor *s, struct abl_err *err)
{
	int rc;

	s->run.folder = s->run.store ? abl_real_path(abl_store_folder(s->run.store)) : NULL;
	if (s->run.store && !s->run.folder)
		return abl_err_set(err, ABL_EIO, "cannot find the store '%s': %s",
				   abl_store_folder(s->run.store), strerror(errno));
	s->run.lease = s->run.lease > 0 ? s->run.lease : abl_workers_lease();
	if (!s->workers.may_come)
		s->workers.own = s->run.workers;
	rc = abl_nodes_load(s, err);
	if (rc)
		return rc;
	abl_nodes_count_all(s);
	rc = s->record ? abl_room_init(s, err) : 0;
	rc = rc || !s->record ? rc : abl_breaker_init(s, err);
	return rc ? rc : abl_nodes_choose(s, err);
}

void abl_supervisor_finish(struct abl_supervisor *s)
{
	if (!s)
		return;
	abl_ready_finish(&s->ready);
	free(s->ended);
	abl_retries_finish(&s->retries);
	abl_breaker_finish(&s->breaker);
	abl_deadline_finish(&s->deadline);
	abl_room_finish(&s->room);
	abl_workers_finish(&s->workers);
	abl_left_finish(&s->left);
	free(s->awaited.list);
	s->awaited = (struct abl_awaits){0};
	while (s->warned_count)
		free(s->warned[--s->warned_count]);
	s->ended = NULL;
	abl_run_finish(&s->run);
}

static void take_end(void *data, const struct abl_end *end);

static void add_job(struct abl_supervisor *s, struct abl_job *job)
{
	struct abl_run *run = &s->run;

	abl_copies_drop(run, run->plan->stages[job->stage].key); /* it goes on where it is */
	job->owner = s;
	abl_grow(&run->jobs, &run->job_capacity, run->running + 1, sizeof *run->jobs);
	run->jobs[run->running++] = job;
}

void abl_supervisor_keeps(struct abl_supervisor *s, struct abl_job *job,
			  struct abl_attempt_spec *sink)
{
	add_job(s, job);
	sink->ended = take_end;
}

/* Artefacts first: what the store says is done must be there after a power cut. */
static int make_last(struct abl_supervisor *s, struct abl_err *err)
{
	int rc = abl_attempt_sync(s->run.folder, s->run.unsynced, s->run.unsynced_count, err);

	s->synced = abl_clock_now();
	if (rc)
		return rc;
	for (size_t i = 0; i < s->run.unsynced_count; i++)
		free(s->run.unsynced[i]);
	s->run.unsynced_count = 0;
	rc = abl_store_sync(s->run.store, true, err);
	if (!rc)
		abl_keep_remove(&s->run);
	return rc;
}

/* On a network file system, one that stood still for a while may have lost its store to another
 * host: then nothing more is written there, by the trials neither. */
static bool is_lost(struct abl_supervisor *s, double every)
{
	struct abl_err err = {0};

	if (!s->lost && abl_store_is_on_network(s->run.store) &&
	    abl_clock_now() - s->claimed >= every) {
		s->lost = abl_supervisor_failed(
			s, abl_supervisor_fatal(s, abl_store_check(s->run.store, &err)), &err);
		s->claimed = abl_clock_now();
		for (size_t i = 0; s->lost && i < s->executor_count; i++)
			s->executors[i].ops->stop(s->executors[i].state, ABL_EVERY_ATTEMPT,
						  ABL_STOP_HARD);
	}
	return s->lost;
}

/* What hundreds of workers are given at one go is made to last at one go: the number of an attempt
 * is in the store before anybody is told of it. */
static void settle(void *data)
{
	struct abl_supervisor *s = data;
	struct abl_err err = {0};

	if (s->unsettled)
		abl_supervisor_failed(s, make_last(s, &err), &err);
	s->unsettled = false;
}

/* Above 0: it has ended already, since it could not be started. */
static int begin(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer,
		 struct abl_attempt_spec *spec)
{
	struct abl_end end = {.kind = ABL_END_NOT_STARTED, .exit_code = -1};
	struct abl_err err = {0};
	struct abl_job *job;
	struct abl_attempt_room room;
	int rc;

	abl_room_take(s, stage, offer, &room);
	rc = abl_attempt_begin(&s->run, stage, &room, spec, &err);
	if (rc < 0) {
		abl_room_give(s, &room);
		abl_nodes_queue(s, stage);
		abl_supervisor_failed(s, rc, &err);
		return rc;
	}
	spec->ended = take_end;
	job = spec->data;
	add_job(s, job);
	if (!rc && abl_store_is_on_network(s->run.store)) { /* its number first */
		s->unsettled = true;
		if (!job->worker)
			settle(s);
	}
	if (rc) {
		snprintf(end.text, sizeof end.text, "%.150s", err.text);
		take_end(job, &end);
	}
	return rc;
}

/* The next stage that could start there now, among the ready ones; ABL_NONE: none. */
static size_t choose_next(struct abl_supervisor *s, const struct abl_offer *offer)
{
	size_t at;

	abl_deadline_put_aside(s);
	if (!s->ready.count || is_lost(s, 0) || s->rc || s->deadline.is_over ||
	    s->patience.blocked || !abl_breaker_lets(s))
		return ABL_NONE;
	at = abl_breaker_choose(s);
	if (s->workers.may_come && s->breaker.state == ABL_BREAKER_CLOSED)
		at = abl_room_choose(s, at, offer);
	return abl_room_has(s, s->ready.heap[at], offer) ? at : ABL_NONE;
}

/* Takes it. What its last attempt saved may have to be copied first: it is ready again when that is
 * done, and others start meanwhile. */
static size_t take_next(struct abl_supervisor *s, const struct abl_offer *offer)
{
	size_t at;

	while ((at = choose_next(s, offer)) != ABL_NONE) {
		const size_t stage = s->ready.heap[at];
		const bool ready = abl_copies_ready(&s->run, stage, offer->worker);

		(void)abl_ready_take(&s->ready, s->run.plan, at);
		s->run.nodes[stage].queued = false;
		if (ready) {
			abl_breaker_take(s, stage);
			return stage;
		}
	}
	return ABL_NONE;
}

/* Its last attempt was with a worker that was lost, and has sealed its work all the same. */
static bool take_late(struct abl_supervisor *s, size_t stage)
{
	struct abl_err err = {0};
	const int rc = s->run.nodes[stage].worker ? abl_attempt_adopt(&s->run, stage, &err) : 0;

	if (rc > 0)
		abl_supervisor_done(s, stage);
	else if (abl_supervisor_failed(s, rc, &err))
		abl_nodes_queue(s, stage);
	return rc;
}

static bool give_next(void *data, const struct abl_offer *offer, struct abl_attempt_spec *spec)
{
	struct abl_supervisor *s = data;
	size_t stage;

	while ((stage = take_next(s, offer)) != ABL_NONE)
		if (!take_late(s, stage) && !begin(s, stage, offer, spec))
			return true;
	return false;
}

static bool has_more_later(void *data)
{
	const struct abl_supervisor *s = data;

	return !s->rc && !s->deadline.is_over &&
	       (s->ended_count || s->awaited.count || s->left.count || abl_copies_any(&s->run) ||
		(s->retries.count && s->breaker.state != ABL_BREAKER_OPEN) || s->choice_due ||
		(s->patience.blocked && s->ready.count) ||
		(s->workers.may_come && s->ready.count && s->breaker.state != ABL_BREAKER_OPEN));
}

static void take_start(void *data, void *job, int64_t number)
{
	struct abl_supervisor *s = data;
	struct abl_job *j = job;
	struct abl_err err = {0};

	j->number = number;
	if (j->worker) /* it is no process of ours */
		return;
	abl_supervisor_failed(s,
			      abl_store_stage_pid(s->run.store, s->run.plan->stages[j->stage].key,
						  j->attempt, (int)number, &err),
			      &err);
}

static void take_end(void *data, const struct abl_end *end)
{
	struct abl_job *job = data;
	struct abl_supervisor *s = job->owner;

	for (size_t i = 0; i < s->run.running; i++)
		if (s->run.jobs[i] == job) {
			memmove(s->run.jobs + i, s->run.jobs + i + 1,
				(s->run.running - i - 1) * sizeof *s->run.jobs);
			s->run.running--;
			break;
		}
	if (!job->worker)
		abl_cards_give(&s->room.cards, job->cards);
	if (!abl_awaited_put(s, job, end))
		abl_supervisor_ended(s, job, end);
}

/* Writes what there is to be written. */
static void save(struct abl_supervisor *s)
{
	struct abl_err err = {0};

	if (!abl_patience_due(&s->patience))
		return;
	abl_ended_commit(s);
	if (s->choice_due && !s->rc && !s->patience.blocked)
		abl_ended_choose(s);
	for (size_t i = 0; i < s->run.running && !s->rc && !s->patience.blocked; i++)
		abl_supervisor_failed(s, abl_attempt_flush(&s->run, s->run.jobs[i], &err), &err);
	if (s->rc || s->patience.blocked || abl_clock_now() - s->synced < 1)
		return;
	if (!abl_supervisor_failed(s, abl_supervisor_fatal(s, abl_store_check(s->run.store, &err)),
				   &err))
		abl_supervisor_failed(s, abl_supervisor_fatal(s, make_last(s, &err)), &err);
}

/* Says what is waited for, and ends what it would wait for in vain. */
static void wait_aloud(struct abl_supervisor *s)
{
	char text[600], cause[240] = "";

	if (s->patience.since <= 0)
		return;
	if (!s->patience.blocked)
		(void)abl_room_is_too_full(s); /* then it is waited for all the same */
	if (abl_patience_end(&s->patience, text, sizeof text))
		abl_supervisor_says(s, text);
	if (s->patience.rc == ABL_EBUSY)
		abl_store_holder(s->run.store, cause, sizeof cause);
	if (abl_patience_words(&s->patience, cause, text, sizeof text))
		abl_supervisor_says(s, text);
	if (!s->rc && abl_patience_is_out(&s->patience, s->run.running))
		s->rc = abl_err_set(s->err, (enum abl_code)s->patience.rc,
				    "%s; stopped: %s, then the same command goes on",
				    s->patience.why,
				    s->patience.rc == ABL_EFULL ? "make room" : "mend that");
}

/* What was asked from another terminal. */
static void take_request(struct abl_supervisor *s, int stops)
{
	struct abl_requests *r = &s->requests;
	char text[200];

	if (abl_requests_poll(r, s->run.folder, s->run.plan->study->name)) {
		snprintf(text, sizeof text, "%s has asked this study to stop: running trials %s",
			 r->last.by, r->last.now ? "are killed" : "save their state");
		abl_supervisor_says(s, text);
	}
	for (size_t i = 0; r->last.now && stops && i < s->executor_count; i++)
		s->executors[i].ops->stop(s->executors[i].state, ABL_EVERY_ATTEMPT, ABL_STOP_HARD);
	r->last.now = r->last.now && !stops;
}

static bool take_tick(void *data, int stops)
{
	struct abl_supervisor *s = data;

	if (is_lost(s, 1))
		return false;
	save(s);
	abl_workers_look(s);
	abl_awaited_look(s, false);
	abl_left_look(s);
	abl_held_look(&s->run);
	for (size_t i = 0; i < s->run.running; i++) /* not only when it ends */
		abl_ended_warn(s, abl_attempt_warning(s->run.jobs[i]));
	take_request(s, stops);
	wait_aloud(s);
	for (size_t stage; (stage = abl_copies_take(&s->run)) != ABL_NONE;)
		abl_nodes_queue(s, stage);
	for (size_t stage; (stage = abl_retries_take(s)) != ABL_NONE;)
		abl_nodes_queue(s, stage);
	if (s->events.tick)
		s->events.tick(s->events.data, &s->run, stops);
	abl_running_file_write(&s->running_file, &s->run);
	return !s->rc && !abl_deadline_is_over(s) && !s->requests.asked;
}

static int end_run(struct abl_supervisor *s, struct abl_err *err)
{
	int rc, paused;

	abl_copies_finish(&s->run);
	abl_awaited_look(s, true);
	rc = abl_ended_last(s, err);

	paused = rc ? 0 : abl_breaker_end(s, err);
	if (!rc)
		abl_workers_end(s);
	rc = rc ? rc : abl_store_check(s->run.store, err);
	rc = rc ? rc : make_last(s, err);
	rc = rc ? rc : abl_store_take_turns(s->run.store, false, err);
	abl_store_patience(s->run.store, ABL_CHOICE_WAITS);
	rc = rc ? rc : abl_attempt_tidy(s->run.folder, err);
	return rc ? rc : paused;
}

int abl_supervisor_run(struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_event_loop_hooks hooks = {.data = s,
						   .next = give_next,
						   .later = has_more_later,
						   .started = take_start,
						   .settle = settle,
						   .tick = take_tick};
	struct abl_err first = {0}, stop = {0}, last = {0};
	int rc, ended;

	s->rc = 0, s->lost = false;
	abl_deadline_begin(s);
	s->requests = (struct abl_requests){.asked = false};
	abl_leftovers_remove(s->run.store, s->run.folder);
	rc = abl_keep_look(&s->run, err);
	if (rc)
		return rc;
	s->err = &first;
	abl_store_patience(s->run.store, ABL_LOOP_WAITS);
	rc = abl_store_take_turns(s->run.store, true, &stop);
	rc = rc ? rc : abl_event_loop_run(&hooks, s->executors, s->executor_count, &stop);
	s->err = NULL;
	s->signalled = rc == ABL_ESTOP && !s->deadline.is_over && !s->requests.asked && !s->rc;
	if (!s->lost)
		abl_running_file_remove(&s->run);
	ended = end_run(s, &last);
	if (s->rc || ended)
		return s->rc ? abl_err_set(err, (enum abl_code)s->rc, "%s", first.text)
			     : abl_err_set(err, (enum abl_code)ended, "%s", last.text);
	if (s->requests.asked)
		return abl_err_set(err, ABL_ESTOP, "stopped, as %s has asked", s->requests.last.by);
	return rc && !s->deadline.is_over ? abl_err_set(err, (enum abl_code)rc, "%s", stop.text)
					  : abl_deadline_end(s, err);
}
