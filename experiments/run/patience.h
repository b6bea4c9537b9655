/* SPDX-License-Identifier: Apache-2.0 */
/* patience.h - a run that cannot go on for a while: another program holds the results database, or
 * the disk is full. It says so once, again with the likely cause after minutes, and when it is
 * over; for supervisor.c. */
#ifndef ABL_PATIENCE_H
#define ABL_PATIENCE_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_patience {
	bool blocked;              /* the last try failed: nothing new starts */
	double since, tried, told; /* seconds of abl_clock_now(); since 0: nothing is waited for */
	int times;                 /* that it was told */
	int rc;                    /* of what failed */
	char why[400];
};

/* It did not work again: by the code ABL_EBUSY or ABL_EFULL, and in words. */
void abl_patience_begin(struct abl_patience *p, int rc, const char *why);
/* A full disk is waited for a short while only: what can be done is to stop. */
bool abl_patience_is_out(const struct abl_patience *p);
/* Whether it is time to try again, which unblocks; always, where nothing is waited for. */
bool abl_patience_due(struct abl_patience *p);
/* What is to be said now, in `text`; false: nothing. `cause`: the likely one, "" where unknown. */
bool abl_patience_words(struct abl_patience *p, const char *cause, char *text, size_t size);
/* Forgets what was waited for, unless it is still so. Fills `text`; false: nobody had been told of
 * it. */
bool abl_patience_end(struct abl_patience *p, char *text, size_t size);

#endif
