/* SPDX-License-Identifier: Apache-2.0 */
/* breaker.h - pauses a study where everything fails at once (a module that is missing, a full
 * /tmp): after `retry: {breaker: 5}` stages of a kind that failed within seconds, one after
 * another, nothing more is started, and what has not been tried waits. Stages of one variant alone
 * do not trip it: that variant may be impossible; nor do those that fail while the store's own disk
 * is full, which the run waits for. Where others of the kind had succeeded in this run, a few
 * stages from other ends of the plan are tried first, one at a time; the next run tries one. A
 * success goes on with all. */
#ifndef ABL_BREAKER_H
#define ABL_BREAKER_H

#include "kind.h"
#include "verdict.h"

struct abl_supervisor;

struct abl_streak {     /* of a class of stages: abl_plan_class() */
	size_t *stages; /* [count] that failed, one after another */
	size_t count, capacity;
	bool worked; /* one has succeeded in this run */
};

enum abl_breaker_state { ABL_BREAKER_CLOSED, ABL_BREAKER_PROBES, ABL_BREAKER_OPEN };

struct abl_breaker {
	enum abl_breaker_state state;
	struct abl_streak streaks[ABL_KINDS_MAX];
	size_t class;  /* that it is paused for */
	int probes;    /* that may still fail before it opens */
	size_t probed; /* so far: each looks at another part of the plan */
	bool stored;   /* the store has it as paused */
	char why[640]; /* and what failed last */
};

/* Goes on with what the last run left paused. */
int abl_breaker_init(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;
void abl_breaker_finish(struct abl_breaker *b); /* null-safe */

/* The stage has ended. */
void abl_breaker_hear(struct abl_supervisor *s, size_t stage, const struct abl_verdict *verdict,
		      const char *reason, double seconds);
/* Whether anything may start now, and where among the ready stages the one to begin with is. */
bool abl_breaker_lets(const struct abl_supervisor *s);
size_t abl_breaker_choose(const struct abl_supervisor *s);
/* It is started. */
void abl_breaker_take(struct abl_supervisor *s, size_t stage);
/* At the end of a run. ABL_EFAIL: it is paused, and why; stages wait. */
int abl_breaker_end(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;

#endif
