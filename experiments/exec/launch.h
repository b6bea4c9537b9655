/* SPDX-License-Identifier: Apache-2.0 */
/* launch.h - the words that start a worker at a place, and when a place is tried again. */
#ifndef ABL_LAUNCH_H
#define ABL_LAUNCH_H

#include "places.h"
#include "str.h"

/* What all workers of a run are started with. */
struct abl_launch_setup {
	const char *program;    /* of ours: an absolute path */
	const char *store;      /* absolute */
	const char *data;       /* absolute; NULL: the study has none */
	const char *ssh_config; /* for `ssh -F`; NULL: the user's own */
};

/* Appends the words that start its worker: of `ssh` itself, or the place's own. ABL_EINPUT: a path
 * has characters that no shell keeps. */
int abl_launch_words(const struct abl_place *place, const struct abl_launch_setup *setup,
		     struct abl_word_list *out, struct abl_err *err) ABL_MUST_USE;

/* Appends a word as each shell that people log in with (sh, csh, zsh, fish) reads it back. False:
 * it has a character that not all of them keep. */
bool abl_remote_word(struct abl_str *out, const char *word);

/* When a place is tried, which cannot be reached or whose worker was lost. Times are seconds of
 * abl_clock_now(). */
struct abl_backoff {
	double first;   /* seconds of the first wait; 0: ABL_BACKOFF_FIRST */
	int failures;   /* since it last worked */
	double again;   /* when it is tried again; 0: now */
	double since;   /* when it last began */
	double reached; /* when a worker joined; 0: not since it began */
};

#define ABL_BACKOFF_FIRST 15.0 /* seconds; each wait is twice the one before, */
#define ABL_BACKOFF_MOST 600.0 /* but no longer */

void abl_backoff_began(struct abl_backoff *b, double now);
/* Its worker has said hello. */
void abl_backoff_joined(struct abl_backoff *b, double now);
/* It has ended, or never began. Returns the seconds until it is tried again. */
double abl_backoff_ended(struct abl_backoff *b, double now);

#endif
