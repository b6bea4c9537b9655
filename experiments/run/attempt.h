/* SPDX-License-Identifier: Apache-2.0 */
/* attempt.h - one execution of a stage: its folder, its trial file, what it reports; for
 * supervisor.c. */
#ifndef ABL_ATTEMPT_H
#define ABL_ATTEMPT_H

#include "executor.h"
#include "run_state.h"
#include "verdict.h"

struct abl_attempt_room {                     /* what it gets, and of what machine */
	int64_t worker;                       /* that it is for; 0: this machine */
	const struct abl_provenance *made_by; /* the worker's; NULL: the run's own */
	int threads;
	double memory, had_free;              /* as in struct abl_job */
	const char *cards[ABL_CARDS_MAX + 1]; /* names; ends with NULL */
};

/* Begins an attempt: a row in the store, its folder, its trial file. `out` is for an executor; its
 * sink's `ended` is the caller's to set, its data the struct abl_job, which abl_attempt_drop()
 * frees. Above 0, a code without its sign: the row is there, but not the rest; err says why, and
 * the attempt is to be ended as one that was not started. */
int abl_attempt_begin(struct abl_run *run, size_t stage, const struct abl_attempt_room *room,
		      struct abl_attempt_spec *out, struct abl_err *err) ABL_MUST_USE;
/* The last attempt of the stage goes on: its worker has come to us from a program that has died.
 * `sink` gets data and line. */
struct abl_job *abl_attempt_keep(struct abl_run *run, size_t stage, int64_t worker,
				 struct abl_attempt_spec *sink);
/* Writes to the store what came since the last call. */
int abl_attempt_flush(struct abl_run *run, struct abl_job *job, struct abl_err *err) ABL_MUST_USE;
/* What its stage has sealed can be seen from here. */
bool abl_attempt_is_here(const struct abl_run *run, const struct abl_job *job);
/* It has ended: keeps how, and what becomes of the stage (verdict.h). */
void abl_attempt_judge(struct abl_run *run, struct abl_job *job, const struct abl_end *end);
/* What that was, and the reason for people. */
const struct abl_verdict *abl_attempt_verdict(const struct abl_job *job);
const char *abl_attempt_reason(const struct abl_job *job);
/* After that: publishes what it made, ends the attempt in the store, updates the node. May be
 * called again after ABL_EBUSY: what it made and told is kept until then. */
int abl_attempt_commit(struct abl_run *run, struct abl_job *job, struct abl_err *err) ABL_MUST_USE;
/* What its stage has said for all to know (a message that begins with "warning: "), or NULL. */
const char *abl_attempt_warning(const struct abl_job *job);
void abl_attempt_drop(struct abl_job *job); /* null-safe */

/* Whether the last attempt of the stage has sealed its work. */
bool abl_attempt_was_sealed(const struct abl_run *run, size_t stage);
/* Commits the last attempt of a stage that waits, if that attempt had sealed its work when its
 * supervisor was killed. 1 = done now; 0 = there is nothing of the kind. */
int abl_attempt_adopt(struct abl_run *run, size_t stage, struct abl_err *err) ABL_MUST_USE;

#endif
