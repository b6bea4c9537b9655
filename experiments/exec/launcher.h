/* SPDX-License-Identifier: Apache-2.0 */
/* launcher.h - starts the workers of a run's places, and starts them again when they are gone: soon
 * at first, then more and more seldom. What cannot be reached is said once; the run goes on with
 * the others, and waits where none is left.
 *
 * A place is given up only where waiting mends nothing: its worker was refused (another version,
 * another store), or has never begun since its words or its paths are wrong. */
#ifndef ABL_LAUNCHER_H
#define ABL_LAUNCHER_H

#include "launch.h"
#include "remote.h"

struct abl_launcher;

struct abl_launcher_setup {              /* texts and places are the caller's, and stay */
	const struct abl_places *places; /* of ssh and of commands; others are passed over */
	struct abl_launch_setup words;
	const char *logs; /* folder of what launchers say: worker-NAME.log */
	double wait;      /* seconds until a place is tried again, at first; 0: as usual */
	void *data;
	/* Takes the link over. */
	void (*add)(void *data, struct abl_link *link, const char *name);
	void (*says)(void *data, const char *text); /* a sentence for whoever looks on */
	/* No worker was ever there, and none will come: it could not even say hello. May be NULL.
	 */
	void (*left_out)(void *data, const char *name, const char *why);
	double (*now)(void); /* a clock for tests; NULL: abl_clock_now() */
};

struct abl_launcher *abl_launcher_create(const struct abl_launcher_setup *setup);
void abl_launcher_destroy(struct abl_launcher *l); /* null-safe */

/* Starts what is due; to be called several times a second. */
void abl_launcher_tick(struct abl_launcher *l);
/* The worker of the place of that name has joined, or its link is gone (remote.h); other names are
 * passed over. */
void abl_launcher_joined(struct abl_launcher *l, const char *name);
void abl_launcher_gone(struct abl_launcher *l, const char *name, enum abl_remote_how how,
		       const char *why);
/* Whether a worker is there, or may come. */
bool abl_launcher_has_more(const struct abl_launcher *l);
/* Why no worker will come any more: what was wrong with each. Appends nothing where one may. */
void abl_launcher_why_none(const struct abl_launcher *l, struct abl_str *out);

#endif
