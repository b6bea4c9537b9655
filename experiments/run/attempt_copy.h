/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_copy.h - what an attempt has saved, on its way to the next one where that gets a folder
 * of its own (attempt_away.h). It may be gigabytes on a file system over a network: a thread copies
 * it into work/<key>/saved, and the run goes on meanwhile; the next attempt then begins with some
 * renames. */
#ifndef ABL_ATTEMPT_COPY_H
#define ABL_ATTEMPT_COPY_H

#include "attempt_place.h"

/* Whether the next attempt of that stage, with a worker (`away`) or here, can begin at once: it has
 * nothing to copy, or that was done. Else that has begun now, or before. */
bool abl_copies_ready(struct abl_run *run, size_t stage, bool away);
/* A stage whose copy has ended since the last call: it can begin. ABL_NONE: there is none. */
size_t abl_copies_take(struct abl_run *run);
/* Whether some are under way. */
bool abl_copies_any(const struct abl_run *run);
/* Forgets the stage's: it is used, or not wanted. */
void abl_copies_drop(struct abl_run *run, const char *key);
void abl_copies_finish(struct abl_run *run); /* ends what is under way; null-safe */

/* Has all that attempt p->last saved in work/<key>/saved, by its own copying unless that was done
 * before; what went wrong then is told now. */
int abl_saved_make(const struct abl_attempt_place *p, struct abl_err *err) ABL_MUST_USE;
/* Moves it from there to where attempt p->attempt looks for it, the folder `to` last. */
int abl_saved_place(const struct abl_attempt_place *p, const char *to,
		    struct abl_err *err) ABL_MUST_USE;
/* Of the program's own files beside attempts: work/<key>/<name>. */
bool abl_saved_is_of_program(const char *name);

#endif
