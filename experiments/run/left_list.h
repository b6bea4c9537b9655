/* SPDX-License-Identifier: Apache-2.0 */
/* left_list.h - the stages whose attempts were left to workers (left_attempts.h). */
#ifndef ABL_LEFT_LIST_H
#define ABL_LEFT_LIST_H

#include <stdbool.h>
#include <stddef.h>

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
void abl_left_add(struct abl_lefts *l, size_t stage, double until);
void abl_left_forget(struct abl_lefts *l, size_t at);
void abl_left_finish(struct abl_lefts *l);

#endif
