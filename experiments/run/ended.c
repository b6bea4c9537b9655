/* SPDX-License-Identifier: Apache-2.0 */
#include "ended.h"

#include "attempt.h"
#include "keep.h"
#include "nodes.h"
#include "str.h"
#include "supervisor.h"

#include <stdlib.h>
#include <string.h>

/* The same warning of many trials is one. */
void abl_ended_warn(struct abl_supervisor *s, const char *text)
{
	for (size_t i = 0; text && i < s->warned_count; i++)
		if (!strcmp(s->warned[i], text))
			return;
	if (!text || s->warned_count == sizeof s->warned / sizeof *s->warned)
		return;
	s->warned[s->warned_count++] = abl_strdup(text);
	abl_supervisor_says(s, text);
}

/* What was not chosen now is chosen when the store can be written again. */
void abl_ended_choose(struct abl_supervisor *s)
{
	struct abl_err err = {0};

	abl_store_patience(s->run.store, ABL_CHOICE_WAITS);
	s->choice_due = abl_supervisor_failed(s, abl_nodes_choose(s, &err), &err);
	abl_store_patience(s->run.store, ABL_LOOP_WAITS);
}

/* What stood still may have lost its store, and would take the new holder's files away. */
static int commit_own(struct abl_supervisor *s, struct abl_job *job, struct abl_err *err)
{
	int rc = abl_store_is_on_network(s->run.store)
			 ? abl_supervisor_fatal(s, abl_store_check(s->run.store, err))
			 : 0;

	return rc ? rc : abl_attempt_commit(&s->run, job, err);
}

/* What a stage's end means for others. */
static void look_further(struct abl_supervisor *s, size_t stage)
{
	struct abl_err err = {0};

	abl_ended_choose(s);
	abl_store_patience(s->run.store, ABL_CHOICE_WAITS);
	abl_supervisor_failed(s, abl_keep_after(&s->run, stage, &err), &err);
	abl_store_patience(s->run.store, ABL_LOOP_WAITS);
	if (s->events.finished)
		s->events.finished(s->events.data, &s->run, stage);
}

/* Tells the store of one that has ended, and all whom that concerns. */
static bool commit_end(struct abl_supervisor *s, struct abl_job *job)
{
	const size_t stage = job->stage;
	const bool again = job->again;
	struct abl_err err = {0};

	if (abl_supervisor_failed(s, commit_own(s, job, &err), &err))
		return false;
	s->deadline.learned = true;
	abl_ended_warn(s, abl_attempt_warning(job));
	abl_attempt_drop(job);
	if (s->run.nodes[stage].state == ABL_WAITING && s->run.nodes[stage].reason) {
		abl_supervisor_says(s,
				    s->run.nodes[stage].reason); /* what it reads is made again */
		abl_nodes_queue_inputs(s, stage);
		abl_nodes_queue(s, stage);
	} else if (again) {
		abl_retry_later(s, stage);
	} else if (s->run.nodes[stage].state == ABL_WAITING && !s->run.nodes[stage].held) {
		abl_nodes_queue(s, stage); /* given back */
	} else {
		abl_nodes_count(s, stage);
		abl_nodes_tell(s, stage);
	}
	look_further(s, stage);
	return true;
}

void abl_supervisor_done(struct abl_supervisor *s, size_t stage)
{
	abl_nodes_count(s, stage);
	abl_nodes_tell(s, stage);
	look_further(s, stage);
}

/* In the order in which they ended. */
void abl_ended_commit(struct abl_supervisor *s)
{
	size_t done = 0;

	while (done < s->ended_count && !s->rc && commit_end(s, s->ended[done]))
		done++;
	s->ended_count -= done;
	if (done && s->ended_count)
		memmove(s->ended, s->ended + done, s->ended_count * sizeof(struct abl_job *));
}

static void look_at_failure(struct abl_supervisor *s, struct abl_job *job, double seconds)
{
	const struct abl_verdict *v = abl_attempt_verdict(job);

	if (v->state == ABL_FAILED || v->state == ABL_TIMED_OUT)
		job->again = abl_retry_count(s, job->stage, v->cause, job->resumed && !v->goes_on);
	abl_breaker_hear(s, job->stage, v, abl_attempt_reason(job), seconds);
}

void abl_supervisor_ended(struct abl_supervisor *s, struct abl_job *job, const struct abl_end *end)
{
	abl_attempt_judge(&s->run, job, end);
	look_at_failure(s, job, end->seconds);
	abl_grow(&s->ended, &s->ended_capacity, s->ended_count + 1, sizeof(struct abl_job *));
	s->ended[s->ended_count++] = job;
	if (!s->patience.blocked)
		abl_ended_commit(s);
}

/* What could not be committed so far is given a last while. It is not lost: its sealed files are
 * there. */
int abl_ended_last(struct abl_supervisor *s, struct abl_err *err)
{
	struct abl_err why = {0};
	size_t done = 0, all;
	int rc = 0;

	all = s->ended_count;
	abl_store_patience(s->run.store, ABL_LAST_WAITS);
	while (done < all && !(rc = commit_own(s, s->ended[done], &why)))
		abl_attempt_drop(s->ended[done++]);
	for (size_t i = done; i < all; i++)
		abl_attempt_drop(s->ended[i]);
	s->ended_count = 0;
	return rc ? abl_err_set(err, (enum abl_code)rc,
				"%s; what %zu stage%s made is kept, and taken at the next start",
				why.text, all - done, all - done == 1 ? "" : "s")
		  : 0;
}
