/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_trial.h - the trial file of an attempt; for attempt.c. */
#ifndef ABL_ATTEMPT_TRIAL_H
#define ABL_ATTEMPT_TRIAL_H

#include "run_state.h"

/* Writes it to `path`: what the job's stage is to do, in `folder`. */
int abl_attempt_trial(const struct abl_run *run, const struct abl_job *job, const char *folder,
		      const char *path, bool resume, struct abl_err *err) ABL_MUST_USE;

#endif
