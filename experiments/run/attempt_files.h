/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_files.h - which of the user's files an attempt reads: a worker on another machine looks
 * whether they are there, and the same. */
#ifndef ABL_ATTEMPT_FILES_H
#define ABL_ATTEMPT_FILES_H

#include "executor.h"
#include "run_state.h"

/* Of a built-in stage: what its trial file names outside the store. Of a program: its inputs, and
 * code that is used where it lies. The list ends with a path NULL; it ends with
 * abl_attempt_files_destroy(). */
int abl_attempt_files(struct abl_run *run, size_t stage, const char *trial,
		      struct abl_needed_file **out, struct abl_err *err) ABL_MUST_USE;
void abl_attempt_files_destroy(struct abl_needed_file *files); /* null-safe */

#endif
