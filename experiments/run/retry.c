/* SPDX-License-Identifier: Apache-2.0 */
#include "retry.h"

#include "hash.h"
#include "machine.h"
#include "rng.h"
#include "store_retry.h"
#include "supervisor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 300.0 /* seconds */

static const struct rule {
	bool is;
	size_t tries; /* where they are in struct abl_study_retry */
	double pause, growth;
} rules[ABL_CAUSES] = {
#define RETRY(key, cause, tries, pause, growth, help) \
	[ABL_CAUSE_##cause] = {true, offsetof(struct abl_study_retry, key), pause, growth},
#include "retries.def"
#undef RETRY
};

void abl_retries_finish(struct abl_retries *r)
{
	free(r->list);
	*r = (struct abl_retries){0};
}

/* What an earlier program failed of is not known: as if it had given up. */
static enum abl_cause known(enum abl_cause cause)
{
	return cause == ABL_CAUSE_NONE ? ABL_CAUSE_CRASH : cause;
}

static int64_t tries_of(const struct abl_supervisor *s, enum abl_cause cause)
{
	const struct rule *r = &rules[cause];

	return r->is ? *(const int64_t *)((const char *)&s->run.plan->study->retry + r->tries) : 0;
}

static bool may_again(const struct abl_supervisor *s, const struct abl_node *n,
		      enum abl_cause cause)
{
	return n->failures[cause] <= tries_of(s, cause);
}

/* Seconds until the next try. Those that failed together do not come back together: their keys
 * shift them. */
static double pause_of(const char *key, enum abl_cause cause, int failures)
{
	const struct rule *r = &rules[cause];
	const double shift = abl_rng_uniform(abl_hash64(key, strlen(key)), 0, (uint64_t)failures);

	return fmin(r->pause * pow(r->growth, failures - 1), LONGEST) * (.75 + .5 * shift);
}

/* The words of --retry. */

static unsigned bit_of(const char *word)
{
	static const struct {
		const char *word;
		unsigned causes;
	} several[] = {{"failed", ABL_RETRY_FAILED},
		       {"timed-out", ABL_RETRY_CAUSE(ABL_CAUSE_TIME)},
		       {"not-started", ABL_RETRY_CAUSE(ABL_CAUSE_NOT_STARTED)},
		       {"all", ABL_RETRY_ALL}};
	const enum abl_cause cause = abl_cause_find(word);

	for (size_t i = 0; i < sizeof several / sizeof *several; i++)
		if (!strcmp(several[i].word, word))
			return several[i].causes;
	return cause == ABL_CAUSE_NONE ? 0 : ABL_RETRY_CAUSE(cause);
}

int abl_retry_parse(const char *words, unsigned *causes, struct abl_err *err)
{
	char word[32];

	*causes = 0;
	for (const char *at = words;; at++) {
		const size_t n = strcspn(at, ",");
		unsigned bits;

		snprintf(word, sizeof word, "%.*s", (int)(n < 31 ? n : 31), at);
		bits = bit_of(word);
		if (!bits)
			return abl_err_set(
				err, ABL_EINPUT,
				"--retry '%s': it takes failed, timed-out or all, or causes: "
				"crash, memory, time, disk, killed, data, lost, not-started, "
				"damaged",
				word);
		if (bits == ABL_RETRY_CAUSE(ABL_CAUSE_DIVERGED))
			return abl_err_set(err, ABL_EINPUT,
					   "--retry diverged: a run that diverged would diverge "
					   "again, bit for bit: it is a result");
		*causes |= bits;
		at += n;
		if (!*at)
			return 0;
	}
}

/* When we come. */

int abl_retry_load(struct abl_supervisor *s, size_t stage, struct abl_err *err)
{
	struct abl_node *n = &s->run.nodes[stage];
	const enum abl_cause cause = known(n->cause);
	int64_t counts[ABL_CAUSES];
	int rc;

	if (n->state == ABL_DONE)
		return 0;
	rc = abl_store_stage_failures(s->run.store, s->run.plan->stages[stage].key, counts, err);
	if (rc)
		return rc;
	counts[ABL_CAUSE_CRASH] += counts[ABL_CAUSE_NONE];
	for (int i = 0; i < ABL_CAUSES; i++)
		n->failures[i] = (unsigned short)(counts[i] < 60000 ? counts[i] : 60000);
	n->alone = n->failures[ABL_CAUSE_MEMORY];
	if (n->state != ABL_FAILED && n->state != ABL_TIMED_OUT)
		n->state = ABL_WAITING;
	else if (cause != ABL_CAUSE_DIVERGED && may_again(s, n, cause))
		n->state = ABL_WAITING;
	else
		n->held = true;
	return 0;
}

static bool stays(const struct abl_node *n)
{
	return n->held && (n->state == ABL_FAILED || n->state == ABL_TIMED_OUT) &&
	       n->cause != ABL_CAUSE_DIVERGED;
}

int abl_retry_forgive(struct abl_supervisor *s, size_t first, const bool *wanted,
		      struct abl_err *err)
{
	int rc = 0;

	for (size_t i = first; i < s->run.node_count && s->retry && !rc; i++) {
		struct abl_node *n = &s->run.nodes[i];

		if (!stays(n) || (wanted && !wanted[i]) ||
		    !(s->retry & ABL_RETRY_CAUSE(known(n->cause))))
			continue;
		if (s->record)
			rc = abl_store_stage_forgive(s->run.store, s->run.plan->stages[i].key, err);
		memset(n->failures, 0, sizeof n->failures);
		n->state = ABL_WAITING;
		n->held = n->alone = false;
	}
	return rc;
}

/* The trials that stay; `causes`: of what. */
static size_t staying(const struct abl_run *run, unsigned *causes)
{
	size_t n = 0;

	*causes = 0;
	for (size_t i = 0; i < run->plan->trial_count; i++) {
		size_t stage = ABL_NONE;

		if (abl_run_wants(run, i))
			(void)abl_run_trial(run, i, &stage);
		if (stage == ABL_NONE || !stays(&run->nodes[stage]))
			continue;
		n++;
		*causes |= ABL_RETRY_CAUSE(known(run->nodes[stage].cause));
	}
	return n;
}

size_t abl_retry_staying(const struct abl_run *run)
{
	unsigned causes;

	return staying(run, &causes);
}

const char *abl_retry_word(const struct abl_run *run)
{
	unsigned causes;

	if (!staying(run, &causes))
		return NULL;
	if (!(causes & ABL_RETRY_CAUSE(ABL_CAUSE_TIME)))
		return "failed";
	return causes == ABL_RETRY_CAUSE(ABL_CAUSE_TIME) ? "timed-out" : "all";
}

/* While we run. */

bool abl_retry_count(struct abl_supervisor *s, size_t stage, enum abl_cause cause, bool anew)
{
	struct abl_node *n = &s->run.nodes[stage];
	/* what it had gone on from may be why: that is no try of its own */
	const bool is_extra = anew && known(cause) == ABL_CAUSE_CRASH && tries_of(s, known(cause));

	n->failures[known(cause)] += n->failures[known(cause)] < 60000;
	return is_extra || may_again(s, n, known(cause));
}

void abl_retry_later(struct abl_supervisor *s, size_t stage)
{
	struct abl_node *n = &s->run.nodes[stage];
	struct abl_retries *r = &s->retries;
	const enum abl_cause cause = known(n->cause);
	const double pause = pause_of(s->run.plan->stages[stage].key, cause, n->failures[cause]);

	n->waits = true;
	n->alone |= cause == ABL_CAUSE_MEMORY;
	abl_grow(&r->list, &r->capacity, r->count + 1, sizeof *r->list);
	r->list[r->count++] = (struct abl_retry){stage, abl_clock_now() + pause};
}

size_t abl_retries_take(struct abl_supervisor *s)
{
	struct abl_retries *r = &s->retries;

	for (size_t i = 0; i < r->count; i++) {
		const size_t stage = r->list[i].stage;

		if (abl_clock_now() < r->list[i].at)
			continue;
		r->list[i] = r->list[--r->count];
		s->run.nodes[stage].state = ABL_WAITING;
		s->run.nodes[stage].held = s->run.nodes[stage].waits = false;
		return stage;
	}
	return ABL_NONE;
}
