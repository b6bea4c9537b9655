/* SPDX-License-Identifier: Apache-2.0 */
/* attempt.h - one execution of a stage: its folder, its trial file, what it reports; for
 * supervisor.c. */
#ifndef ABL_ATTEMPT_H
#define ABL_ATTEMPT_H

#include "executor.h"
#include "run_state.h"

/* Begins an attempt: a row in the store, its folder, its trial file. `out` is for an executor; its
 * sink's `ended` is the caller's to set, its data the struct abl_job, which abl_attempt_end()
 * frees.
 */
int abl_attempt_begin(struct abl_run *run, size_t stage, struct abl_attempt_spec *out,
		      struct abl_err *err) ABL_MUST_USE;
/* Writes to the store what came since the last call. */
int abl_attempt_flush(struct abl_run *run, struct abl_job *job, struct abl_err *err) ABL_MUST_USE;
/* Publishes or keeps what it made, ends the attempt in the store, updates the node, frees the job.
 */
int abl_attempt_end(struct abl_run *run, struct abl_job *job, const struct abl_end *end,
		    struct abl_err *err) ABL_MUST_USE;

#endif
