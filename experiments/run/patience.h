/* SPDX-License-Identifier: Apache-2.0 */
/* patience.h - a run that cannot write to its store for a while: another program holds the results
 * database, the disk is full, or the system refuses for another reason. What runs goes on, and what
 * it makes is kept in its own files. It says so once, again with the likely cause after minutes,
 * and when it is over; for supervisor.c. */
#ifndef ABL_PATIENCE_H
#define ABL_PATIENCE_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_patience {
	bool blocked;              /* the last try failed: nothing new starts */
	double since, tried, told; /* seconds of abl_clock_now(); since 0: nothing is waited for */
	double idle;               /* since when nothing runs any more; 0: something does */
	int times;                 /* that it was told */
	int rc;                    /* of what failed */
	char why[400];
};

/* It did not work again: by the code ABL_EBUSY, ABL_EFULL or ABL_EIO, and in words. */
void abl_patience_begin(struct abl_patience *p, int rc, const char *why);
/* Is it worth waiting for? */
bool abl_patience_is_for(int rc);
/* Another program's lock is waited for as long as it takes; anything else as long as something
 * runs, and then a short while only: what can be done is to stop. */
bool abl_patience_is_out(struct abl_patience *p, bool runs);
/* Whether it is time to try again, which unblocks; always, where nothing is waited for. */
bool abl_patience_due(struct abl_patience *p);
/* What is to be said now, in `text`; false: nothing. `cause`: the likely one, "" where unknown. */
bool abl_patience_words(struct abl_patience *p, const char *cause, char *text, size_t size);
/* Forgets what was waited for, unless it is still so. Fills `text`; false: nobody had been told of
 * it. */
bool abl_patience_end(struct abl_patience *p, char *text, size_t size);

#endif
