/* SPDX-License-Identifier: Apache-2.0 */
/* left_attempts.h - attempts that workers were given by a program that has died since: they may go
 * on, and nobody else begins their stages for the time of a lease; for supervisor.c. Whoever comes
 * back meanwhile keeps what it runs; what is sealed by then is taken; the rest waits again. */
#ifndef ABL_LEFT_ATTEMPTS_H
#define ABL_LEFT_ATTEMPTS_H

#include "executor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_supervisor;

struct abl_left_attempt { /* one of them */
	size_t stage;
	double until; /* seconds of abl_clock_now() */
};

struct abl_lefts {
	struct abl_left_attempt *list; /* [count] */
	size_t count, capacity;
	double looked;   /* when it was last looked for what they have sealed */
	bool all_looked; /* those of other studies, too, have been given up */
	double since;    /* when we came; 0: we look for nothing yet */
};

/* The stage is running in the store of which we are the only writer. */
void abl_left_add(struct abl_supervisor *s, size_t stage);
/* A worker runs the attempt. True: it is current, and goes on with `sink`. */
bool abl_left_keep(struct abl_supervisor *s, int64_t worker, const char *key, int64_t attempt,
		   struct abl_attempt_spec *sink);
/* A worker has sealed it: it is looked for, for two minutes. */
void abl_left_sealed(struct abl_supervisor *s, const char *key, int64_t attempt);
/* Several times a second: takes what is sealed, gives up what nobody has come back with. */
void abl_left_look(struct abl_supervisor *s);
void abl_left_finish(struct abl_lefts *l);

#endif
