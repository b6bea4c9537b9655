/* SPDX-License-Identifier: Apache-2.0 */
/* run_notify.h - what a study's `notify:` commands are told. */
#ifndef ABL_RUN_NOTIFY_H
#define ABL_RUN_NOTIFY_H

#include "study_run.h"

/* At the end of a run of the study; `code` is its exit code, `why` what ended it before its time.
 * `last`: nothing comes after it, so the store is closed, for others that wait for it, and the
 * commands are waited for. */
void abl_run_notify_end(struct abl_study_run *r, int code, const struct abl_err *why, bool last);
/* The run waits for something, which `text` says. */
void abl_run_notify_wait(const struct abl_study_run *r, const char *text);

#endif
