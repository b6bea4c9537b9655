/* SPDX-License-Identifier: Apache-2.0 */
/* retry.h - which stages that have failed are tried again, how often and when
 * (ablations/retries.def); for supervisor.c. */
#ifndef ABL_RETRY_H
#define ABL_RETRY_H

#include "errors.h"
#include "run_state.h"

struct abl_supervisor;

struct abl_retry { /* a stage that waits for its next try */
	size_t stage;
	double at; /* seconds of abl_clock_now() */
};

struct abl_retries {
	struct abl_retry *list; /* [count] */
	size_t count, capacity;
};

void abl_retries_finish(struct abl_retries *r);

/* A set of causes, as bits. */
#define ABL_RETRY_CAUSE(cause) (1u << (cause))
#define ABL_RETRY_FAILED (~(ABL_RETRY_CAUSE(ABL_CAUSE_TIME) | ABL_RETRY_CAUSE(ABL_CAUSE_DIVERGED)))
#define ABL_RETRY_ALL (~ABL_RETRY_CAUSE(ABL_CAUSE_DIVERGED))
/* "failed", "timed-out", "all", a cause, or several of them with commas between. ABL_EINPUT says
 * what there is. */
int abl_retry_parse(const char *words, unsigned *causes, struct abl_err *err) ABL_MUST_USE;

/* How a stage stood when we came: one that has failed more often than it may stays as it is. */
int abl_retry_load(struct abl_supervisor *s, size_t stage, struct abl_err *err) ABL_MUST_USE;
/* Those of s->retry that failed begin anew. `wanted` [stages], or NULL: all. */
int abl_retry_forgive(struct abl_supervisor *s, size_t first, const bool *wanted,
		      struct abl_err *err) ABL_MUST_USE;
/* Trials that stay failed, though they could be tried again on somebody's word. */
size_t abl_retry_staying(const struct abl_run *run);
/* The word of --retry that tries all of them; NULL: there are none. */
const char *abl_retry_word(const struct abl_run *run);

/* The stage has failed once more. True: it is tried again. `anew`: it had gone on from something
 * that is given up now. */
bool abl_retry_count(struct abl_supervisor *s, size_t stage, enum abl_cause cause, bool anew);
/* When that is in the store: puts it into the list. */
void abl_retry_later(struct abl_supervisor *s, size_t stage);
/* Takes one whose time has come from the list, to be queued; ABL_NONE: there is none. */
size_t abl_retries_take(struct abl_supervisor *s);

#endif
