/* SPDX-License-Identifier: Apache-2.0 */
/* cause.h - why an attempt at a stage did not get to its end, in one word that programs may read;
 * the `reason` beside it is for people. */
#ifndef ABL_CAUSE_H
#define ABL_CAUSE_H

#include "errors.h"

enum abl_cause {
	ABL_CAUSE_NONE,     /* done or paused; or a store of before there were causes cannot tell */
	ABL_CAUSE_DIVERGED, /* the loss or the gradient became no number */
	ABL_CAUSE_MEMORY,   /* more was wanted than there is */
	ABL_CAUSE_TIME,     /* the time that it was given is up */
	ABL_CAUSE_CRASH,    /* the program's own fault: it gave up, or ended without a result */
	ABL_CAUSE_DISK,     /* the system refused to read or write a file */
	ABL_CAUSE_KILLED,   /* from outside, by a signal that asks or forces a program to end */
	ABL_CAUSE_DATA,     /* a file of the user's is not as it should be */
	ABL_CAUSE_LOST,     /* nobody knows how it ended */
	ABL_CAUSE_NOT_STARTED, /* no process of it has ever run */
	ABL_CAUSE_DAMAGED,     /* what an earlier stage had made is gone, or not what was written */
	ABL_CAUSES,
};

/* "diverged" ... "not started", as the store and the protocol have them; NULL for none. */
const char *abl_cause_name(enum abl_cause cause);
/* enum abl_cause; ABL_CAUSE_NONE for NULL and for what is no cause's name. */
enum abl_cause abl_cause_find(const char *name);

/* Appends " (crash)" where the state and the reason beside it do not say so already. Either may be
 * NULL. */
struct abl_str;
void abl_cause_words(const char *cause, const char *state, struct abl_str *out);

/* What a stage that failed with that code died of. */
enum abl_cause abl_cause_of_code(int code);
/* The same of a process that `signal` ended. */
enum abl_cause abl_cause_of_signal(int signal);

#endif
