/* SPDX-License-Identifier: Apache-2.0 */
#include "breaker.h"

#include "progress.h"
#include "store_retry.h"
#include "str.h"
#include "supervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 10.0 /* seconds from a stage's start to its failure */
enum { PROBES = 3 }; /* where others of the kind have succeeded */

static size_t class_of(const struct abl_supervisor *s, size_t stage)
{
	return abl_plan_class(&s->run.plan->stages[stage]);
}

static const char *name_of(const struct abl_supervisor *s, size_t class)
{
	const struct abl_plan *plan = s->run.plan;

	for (size_t i = 0; i < plan->stage_count; i++)
		if (class_of(s, i) == class)
			return abl_plan_stage_name(plan->study, &plan->stages[i]);
	return "";
}

int abl_breaker_init(struct abl_supervisor *s, struct abl_err *err)
{
	struct abl_breaker *b = &s->breaker;
	const struct abl_plan *plan = s->run.plan;
	struct abl_str stage = {0}, reason = {0}, text = {0};
	int rc = abl_store_paused(s->run.store, s->record->study, &stage, &reason, err);

	b->stored = rc > 0;
	for (size_t i = 0; i < plan->stage_count && rc > 0 && plan->study->retry.breaker; i++) {
		if (strcmp(abl_plan_stage_name(plan->study, &plan->stages[i]), stage.text) != 0)
			continue;
		b->class = class_of(s, i);
		b->state = ABL_BREAKER_PROBES;
		b->probes = 1;
		snprintf(b->why, sizeof b->why, "%.600s", reason.text);
		abl_str_printf(&text, "the last run paused (%s): one stage is tried first", b->why);
		abl_supervisor_says(s, text.text);
		break;
	}
	abl_str_finish(&stage);
	abl_str_finish(&reason);
	abl_str_finish(&text);
	return rc < 0 ? rc : 0;
}

void abl_breaker_finish(struct abl_breaker *b)
{
	for (size_t i = 0; i < ABL_KINDS_MAX; i++)
		free(b->streaks[i].stages);
	*b = (struct abl_breaker){0};
}

/* Causes that a whole machine or program can have. What was killed, lost or short of memory is told
 * apart from that, and what diverged is a result. */
static bool is_everyones(enum abl_cause cause)
{
	static const enum abl_cause causes[] = {ABL_CAUSE_CRASH, ABL_CAUSE_NOT_STARTED,
						ABL_CAUSE_DATA, ABL_CAUSE_DISK};

	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (causes[i] == cause)
			return true;
	return false;
}

static bool has(const struct abl_streak *k, size_t stage)
{
	for (size_t i = 0; i < k->count; i++)
		if (k->stages[i] == stage)
			return true;
	return false;
}

/* Of several variants, or of the baseline. */
static bool is_wide(const struct abl_supervisor *s, const struct abl_streak *k)
{
	const struct abl_plan_stage *stages = s->run.plan->stages;

	for (size_t i = 0; i < k->count; i++)
		if (!stages[k->stages[i]].variant ||
		    stages[k->stages[i]].variant != stages[k->stages[0]].variant)
			return true;
	return false;
}

static void close_it(struct abl_supervisor *s, size_t stage)
{
	struct abl_breaker *b = &s->breaker;
	struct abl_str text = {0};

	if (b->state == ABL_BREAKER_CLOSED || class_of(s, stage) != b->class)
		return;
	b->state = ABL_BREAKER_CLOSED;
	abl_progress_name(s->run.plan, stage, &text);
	abl_str_puts(&text, " did not fail at once: going on");
	abl_supervisor_says(s, text.text);
	abl_str_finish(&text);
}

static void tell_trip(struct abl_supervisor *s, bool is_probe)
{
	const struct abl_breaker *b = &s->breaker;
	struct abl_str text = {0};

	if (is_probe || (b->state == ABL_BREAKER_OPEN && !s->run.running))
		return; /* the run ends and says so */
	abl_str_printf(&text, "%s: %s", b->why,
		       b->state == ABL_BREAKER_OPEN ? "nothing more is started"
						    : "others wait while one at a time is tried");
	abl_supervisor_says(s, text.text);
	abl_str_finish(&text);
}

/* It has failed at once, as others before it. */
static void count(struct abl_supervisor *s, size_t stage, const char *reason)
{
	const int64_t limit = s->run.plan->study->retry.breaker;
	struct abl_breaker *b = &s->breaker;
	struct abl_streak *k = &b->streaks[class_of(s, stage)];
	const bool is_probe = b->state == ABL_BREAKER_PROBES && b->class == class_of(s, stage);
	struct abl_str name = {0}, log = {0};
	char row[80];

	if (!has(k, stage)) {
		abl_grow(&k->stages, &k->capacity, k->count + 1, sizeof *k->stages);
		k->stages[k->count++] = stage;
	}
	if (is_probe ? --b->probes > 0
		     : b->state != ABL_BREAKER_CLOSED || k->count < (size_t)limit || !is_wide(s, k))
		return;
	abl_progress_name(s->run.plan, stage, &name);
	if (k->count > 1)
		snprintf(row, sizeof row, "%zu stages in a row failed within %g s of their start",
			 k->count, AT_ONCE);
	else
		snprintf(row, sizeof row, "one stage was tried, and failed as those before");
	abl_progress_logs(&s->run, stage, &log);
	snprintf(b->why, sizeof b->why, "%s; last error: %.120s: %.300s ('ablate %.40s')", row,
		 name.text, reason, log.text);
	abl_str_finish(&log);
	abl_str_finish(&name);
	b->class = class_of(s, stage);
	b->state = !is_probe && k->worked ? ABL_BREAKER_PROBES : ABL_BREAKER_OPEN;
	b->probes = PROBES;
	b->probed = 0;
	tell_trip(s, is_probe);
}

/* Nothing is started then anyway, until there is room again: that is no reason to give up. */
static bool has_no_room(const struct abl_supervisor *s)
{
	return (s->patience.since > 0 && s->patience.rc == ABL_EFULL) || abl_room_disk_is_full(s);
}

void abl_breaker_hear(struct abl_supervisor *s, size_t stage, const struct abl_verdict *verdict,
		      const char *reason, double seconds)
{
	struct abl_streak *k = &s->breaker.streaks[class_of(s, stage)];

	if (!s->record || !s->run.plan->study->retry.breaker || verdict->state == ABL_WAITING)
		return;
	if (verdict->state == ABL_DONE || (is_everyones(verdict->cause) && seconds > AT_ONCE) ||
	    verdict->cause == ABL_CAUSE_DIVERGED || verdict->cause == ABL_CAUSE_TIME) {
		k->worked |= verdict->state == ABL_DONE;
		k->count = 0;
		close_it(s, stage);
	} else if (is_everyones(verdict->cause) && !has_no_room(s)) {
		count(s, stage, reason);
	}
}

bool abl_breaker_lets(const struct abl_supervisor *s)
{
	const struct abl_breaker *b = &s->breaker;

	return b->state == ABL_BREAKER_CLOSED ||
	       (b->state == ABL_BREAKER_PROBES && !s->run.running && !s->ended_count);
}

/* Among the ready stages of the class that have not been tried, the last one, then one in the
 * middle: they are likely to be of other variants than those that failed. What prepares others goes
 * before. */
static size_t choose_probe(const struct abl_supervisor *s)
{
	const struct abl_breaker *b = &s->breaker;
	const struct abl_ready *r = &s->ready;
	size_t first = ABL_NONE, last = ABL_NONE;

	for (size_t i = 0; i < r->count; i++) {
		const size_t stage = r->heap[i];

		if (class_of(s, stage) != b->class || s->run.nodes[stage].attempt)
			continue;
		if (first == ABL_NONE || stage < r->heap[first])
			first = i;
		if (last == ABL_NONE || stage > r->heap[last])
			last = i;
	}
	if (last == ABL_NONE || b->probed != 1)
		return last;
	for (size_t i = 0, middle = (r->heap[first] + r->heap[last]) / 2; i < r->count; i++)
		if (class_of(s, r->heap[i]) == b->class && !s->run.nodes[r->heap[i]].attempt &&
		    r->heap[i] <= middle && r->heap[i] > r->heap[first])
			first = i;
	return first;
}

size_t abl_breaker_choose(const struct abl_supervisor *s)
{
	const size_t at = s->breaker.state == ABL_BREAKER_CLOSED ? ABL_NONE : choose_probe(s);

	return at == ABL_NONE ? 0 : at;
}

void abl_breaker_take(struct abl_supervisor *s, size_t stage)
{
	struct abl_breaker *b = &s->breaker;

	b->probed += b->state == ABL_BREAKER_PROBES && class_of(s, stage) == b->class;
}

/* Trials that have neither an end nor a stage that has failed. */
static size_t waiting(const struct abl_supervisor *s)
{
	return abl_run_total(&s->run) - s->run.done - s->run.failed;
}

int abl_breaker_end(struct abl_supervisor *s, struct abl_err *err)
{
	struct abl_breaker *b = &s->breaker;
	const size_t left = waiting(s);
	const bool paused = s->record && b->state != ABL_BREAKER_CLOSED && left;
	int rc = 0;

	if (paused || b->stored)
		rc = abl_store_pause(s->run.store, s->record->study,
				     paused ? name_of(s, b->class) : NULL, b->why, err);
	if (rc || !paused || b->state != ABL_BREAKER_OPEN)
		return rc;
	return abl_err_set(err, ABL_EFAIL, "paused: %s; %zu trial%s wait%s", b->why, left,
			   left == 1 ? "" : "s", left == 1 ? "s" : "");
}
