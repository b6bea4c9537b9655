/* SPDX-License-Identifier: Apache-2.0 */
/* keep.h - `keep: none` and `keep: last`: what is trained goes as soon as nothing waits for it. The
 * store decides, since other studies may have it, too. For supervisor.c. */
#ifndef ABL_KEEP_H
#define ABL_KEEP_H

#include "run_state.h"

/* The stage has ended: forgets what is needed no more, of it and of what it read. */
int abl_keep_after(struct abl_run *run, size_t stage, struct abl_err *err) ABL_MUST_USE;
/* The same of all stages of the plan: of runs before, when the study said otherwise. */
int abl_keep_look(struct abl_run *run, struct abl_err *err) ABL_MUST_USE;
/* Removes the files, once the database that has forgotten them lasts. */
void abl_keep_remove(struct abl_run *run);

#endif
