/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_away.h - where attempts of workers write; for attempt.c. A worker that is lost may go on
 * writing for a while. So its folder is never taken over: the next attempt gets a copy of what is
 * saved there, and until the worker's lease is over nothing of the old one is removed. What a
 * user's program writes lies in work/<key>/<attempt>.out, not beside the attempts. `store` is the
 * store's folder. */
#ifndef ABL_ATTEMPT_AWAY_H
#define ABL_ATTEMPT_AWAY_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_run;

struct abl_attempt_place {
	const char *store, *key;
	int64_t attempt;
	bool away;                 /* a worker gets it */
	int64_t last;              /* the last one that left a folder; 0: none */
	bool last_away;            /* a worker had that */
	const struct abl_run *run; /* its attempts that are held */
};

/* The last attempt that has a folder in work/<key>, or 0. */
int abl_attempt_last(const char *store, const char *key, int64_t *last,
		     struct abl_err *err) ABL_MUST_USE;
/* As abl_attempt_folder(), where it is a worker's, or the last one was. Work that is saved is there
 * whole, or not there. */
int abl_attempt_folder_away(const struct abl_attempt_place *p, bool *resume,
			    struct abl_err *err) ABL_MUST_USE;
/* As abl_attempt_leave(), but for what is held. */
int abl_attempt_leave_away(const struct abl_run *run, const char *key,
			   struct abl_err *err) ABL_MUST_USE;

/* An attempt of a lost worker: nothing of it is removed for as long as a lease. */
struct abl_held {
	size_t stage;
	int64_t attempt;
	double until; /* seconds of abl_clock_now() */
};
void abl_held_add(struct abl_run *run, size_t stage, int64_t attempt, double seconds);
/* Whether one of the stage's attempts is. */
bool abl_held_any(const struct abl_run *run, const char *key);
/* Lets go of those whose time is over, and removes what is of no use any more. */
void abl_held_look(struct abl_run *run);

#endif
