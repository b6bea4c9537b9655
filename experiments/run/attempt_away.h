/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_away.h - where attempts of workers write; for attempt.c. A worker that is lost may go on
 * writing for a while. So its folder is never taken over: the next attempt gets a copy of what is
 * saved there, and until the worker's lease is over nothing of the old one is removed. What a
 * user's program writes lies in work/<key>/<attempt>.out, not beside the attempts. `store` is the
 * store's folder. */
#ifndef ABL_ATTEMPT_AWAY_H
#define ABL_ATTEMPT_AWAY_H

#include "attempt_place.h"

/* As abl_attempt_folder(), where it is a worker's, or the last one was. Work that is saved is there
 * whole, or not there. */
int abl_attempt_folder_away(const struct abl_attempt_place *p, bool *resume,
			    struct abl_err *err) ABL_MUST_USE;
/* As abl_attempt_leave(), but for what is held. */
int abl_attempt_leave_away(const struct abl_run *run, const char *key,
			   struct abl_err *err) ABL_MUST_USE;

/* Lets go of those whose time is over, and removes what is of no use any more. */
void abl_held_look(struct abl_run *run);

#endif
