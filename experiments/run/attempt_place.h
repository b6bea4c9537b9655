/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_place.h - where an attempt goes on from, and whether that may still be written to; for
 * attempt.c, attempt_away.c and attempt_copy.c. */
#ifndef ABL_ATTEMPT_PLACE_H
#define ABL_ATTEMPT_PLACE_H

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
	const struct abl_run *run; /* its attempts that are held, and what it has copied */
};

/* The last attempt that has a folder in work/<key>, or 0. */
int abl_attempt_last(const char *store, const char *key, int64_t *last,
		     struct abl_err *err) ABL_MUST_USE;
/* Where attempt `attempt` of a stage of the run is to write, and what it goes on from. Texts and
 * run stay the caller's. */
int abl_attempt_place(const struct abl_run *run, size_t stage, int64_t attempt, bool away,
		      struct abl_attempt_place *out, struct abl_err *err) ABL_MUST_USE;
/* Whether it gets a folder beside the last one, and a copy of what that has saved. */
bool abl_attempt_is_beside(const struct abl_attempt_place *p);

/* An attempt of a lost worker: nothing of it is removed for as long as a lease. */
struct abl_held {
	size_t stage;
	int64_t attempt;
	double until; /* seconds of abl_clock_now() */
};
void abl_held_add(struct abl_run *run, size_t stage, int64_t attempt, double seconds);
/* Whether one of the stage's attempts is. */
bool abl_held_any(const struct abl_run *run, const char *key);

#endif
