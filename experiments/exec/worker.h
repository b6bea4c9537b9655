/* SPDX-License-Identifier: Apache-2.0 */
/* worker.h - what runs attempts for a head elsewhere: it starts them as child processes by the
 * local executor and relays what they say, until the head has no more of them, its machine is taken
 * away, or it has been without a head for a while.
 *
 * A head that stands still stops no stage: what they say waits here, up to a bound; beyond it
 * points and progress are dropped, which their sealed files have. A head that is gone stops none
 * either, for `linger` seconds: what ends by then is sealed in the store, where the next head finds
 * it. What runs on is asked to save its state. SIGTERM and SIGUSR1 say that the machine is taken
 * away: what runs is asked to save its state at once, and nothing more is taken. Other signals that
 * a queue may send to all processes of a job are passed over. */
#ifndef ABL_WORKER_H
#define ABL_WORKER_H

#include "dial.h"
#include "wire.h"
#include "wire_link.h"

#include <stdbool.h>

struct abl_worker_hooks { /* each may be NULL */
	void *data;
	/* Until the machine is taken away; NULL: nobody does. */
	double (*seconds_left)(void *data);
	/* A line for its log. */
	void (*says)(void *data, const char *text);
};

struct abl_worker_setup {
	const char *program;      /* executes stages; NULL: this one */
	const char *store, *data; /* absolute; data may be NULL */
	/* What it says of itself; the store, what runs and is sealed, and
	 * the time left are filled in. */
	struct abl_hello hello;
	/* Seconds, until a head says others; 0: as usual. */
	double beat, grace, linger;
	/* Calls the head, at first and when its link has ended (dial.h). NULL: the link that it is
	 * given is all that there is. */
	struct abl_dial *dial;
	struct abl_worker_hooks hooks;
};

/* Blocks the signals that are passed over or taken later: to be called early. */
void abl_worker_guard(void);
/* Works until the end; the link is taken over, and may be none where there is a dial. 0: nothing is
 * left to do, or its head is gone, or it was told to leave. ABL_ESTOP: the head does not want it,
 * in its words. ABL_EFAIL: it has found none. */
int abl_worker_run(const struct abl_worker_setup *setup, struct abl_link *link,
		   struct abl_err *err) ABL_MUST_USE;

#endif
