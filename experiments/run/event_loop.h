/* SPDX-License-Identifier: Apache-2.0 */
/* event_loop.h - the one place that waits: for executors, for signals, and for the time to redraw.
 * In the shape of git's run_processes_parallel(): callbacks say what comes next; what an attempt
 * tells goes to its own sink (executor.h). */
#ifndef ABL_EVENT_LOOP_H
#define ABL_EVENT_LOOP_H

#include "executor.h"

struct abl_event_loop_hooks {
	void *data;
	/* Fills spec and returns true, or false when nothing can start there now. Asked for every
	 * offer, so again after each end. */
	bool (*next)(void *data, const struct abl_offer *offer, struct abl_attempt_spec *spec);
	/* `next` has nothing now, but will have in a while, though nothing runs. May be NULL. */
	bool (*later)(void *data);
	/* The one that `next` gave has started. May be NULL. */
	void (*started)(void *data, void *sink_data, int64_t number);
	/* Some have started since the last call, and what they are told has not left an executor
	 * that waits for advance() with that. May be NULL. */
	void (*settle)(void *data);
	/* Several times a second: redraw, save. `stops` counts the times we were asked to stop;
	 * false stops the loop as a signal would. May be NULL. */
	bool (*tick)(void *data, int stops);
};

/* Runs until nothing is running, `next` has nothing and nothing comes later. The first of
 * `count` executors is filled first. SIGINT, SIGTERM, SIGHUP and SIGUSR1, by which queues warn, but
 * for those that we were started with ignored, stop it: nothing starts any more and all attempts
 * are asked to stop; the second kills them. ABL_ESTOP when it was stopped. Takes over these signals
 * while it runs, and puts back what was before. What cannot start ends as ABL_END_NOT_STARTED. */
int abl_event_loop_run(const struct abl_event_loop_hooks *hooks,
		       const struct abl_executor *executors, size_t count,
		       struct abl_err *err) ABL_MUST_USE;

#endif
