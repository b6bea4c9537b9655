/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_trial.h - the trial file of an attempt; for attempt.c. */
#ifndef ABL_ATTEMPT_TRIAL_H
#define ABL_ATTEMPT_TRIAL_H

#include "run_state.h"

/* Writes it to `path`: what the job's stage is to do, in `folder`. */
int abl_attempt_trial(const struct abl_run *run, const struct abl_job *job, const char *folder,
		      const char *path, bool resume, struct abl_err *err) ABL_MUST_USE;

/* "ABLATE_SECRET_name=value" of each variable whose value is in no file; NULL-terminated and the
 * caller's, or NULL. */
char **abl_attempt_secrets(const struct abl_run *run);

/* What is expected of an attempt at the stage that begins now. */
void abl_attempt_expects(const struct abl_run *run, size_t stage, struct abl_attempt_row *row);

#endif
