/* SPDX-License-Identifier: Apache-2.0 */
/* run_files.h - `ablate run A.yaml B.yaml` and `--wait`: what is looked at before anything starts,
 * and the wait for a store that another run uses. */
#ifndef ABL_RUN_FILES_H
#define ABL_RUN_FILES_H

#include "command.h"
#include "store.h"

/* Reads all study files of the command line; grows[i]: more seeds of it are added by what the store
 * has. ABL_EINPUT: one is not as it should be, or two are of one study. */
int abl_run_check_files(const struct abl_args *args, bool *grows, struct abl_err *err) ABL_MUST_USE;
/* Opens the store for writing as soon as no other program does, and says whom it waits for. A
 * signal ends the wait, and the program. */
int abl_run_wait(struct abl_store **out, const char *folder, struct abl_err *err) ABL_MUST_USE;

/* Where what went wrong is that another program uses the store: says which command waits for it. */
void abl_run_tell_busy(const struct abl_args *args, struct abl_err *err);

#endif
