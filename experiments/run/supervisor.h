/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor.h - runs a plan: children, N at a time, each executing one stage; their results go
 * into the store, whose only writer we are.
 *
 * An attempt writes in work/<key>/<attempt>/ and is published by one rename to artifacts/<key>.
 * What cannot be written now, because another program holds the database's lock or the disk is
 * full, is kept and written later; until then nothing new starts (patience.h). Killed at any point
 * (children or ourselves), the next run repeats what was not committed and nothing else: the next
 * attempt takes over the folder of a paused or killed one and goes on from its saved state. */
#ifndef ABL_SUPERVISOR_H
#define ABL_SUPERVISOR_H

#include "awaited.h"
#include "breaker.h"
#include "deadline.h"
#include "executor.h"
#include "left_attempts.h"
#include "patience.h"
#include "ready.h"
#include "record.h"
#include "request.h"
#include "retry.h"
#include "room.h"
#include "run_state.h"
#include "running_file.h"
#include "workers.h"

struct abl_supervisor_events { /* any may be NULL */
	void *data;
	void (*tick)(void *data, const struct abl_run *run, int stops); /* several times a second */
	void (*finished)(void *data, const struct abl_run *run, size_t stage);
	/* A sentence on what the run waits for, or that it goes on. */
	void (*says)(void *data, const struct abl_run *run, const char *text);
};

struct abl_supervisor {
	struct abl_run run;
	struct abl_record *record;
	struct abl_supervisor_events events;
	const struct abl_executor *executors; /* [executor_count]: where attempts run */
	size_t executor_count;
	unsigned retry; /* causes (retry.h): stages that failed of them begin anew */
	double awaits;  /* seconds that workers' folders are looked for (awaited.h); 0: as usual;
			   below 0: they are not, and need not be there */
	double began;   /* by abl_clock_now(): since when 'limits' count; 0 = since it runs */
	/* its own */
	struct abl_ready ready;
	double synced;  /* seconds of abl_clock_now() */
	double claimed; /* when the store was last seen to be ours; */
	bool lost;      /* and that it is not */
	struct abl_deadline deadline;
	struct abl_job **ended; /* [ended_count]: that the store has not been told of */
	size_t ended_count, ended_capacity;
	struct abl_workers workers;
	struct abl_lefts left;
	struct abl_awaits awaited;
	struct abl_retries retries;
	struct abl_breaker breaker;
	struct abl_patience patience;
	bool unsettled;  /* attempts have numbers that are to last first */
	bool choice_due; /* the last one could not be made */
	bool signalled;  /* a signal has ended the run */
	struct abl_room room;
	struct abl_requests requests;
	struct abl_running_file running_file;
	char *warned[8]; /* what was said already; more is not said */
	size_t warned_count;
	int rc;              /* of the first failure of our own: ends the run */
	struct abl_err *err; /* its words */
};

/* Fills the rest of a supervisor of which the first part of `run`, record, events and executors are
 * set, and reads from the store how each stage stands. What failed waits again
 * as often as the study allows. To look only: record NULL, a store opened for reading, or none.
 * Ends with abl_supervisor_finish(). */
int abl_supervisor_init(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;
void abl_supervisor_finish(struct abl_supervisor *s); /* null-safe */

/* Runs until nothing is left that can run. ABL_ESTOP: stopped by a signal or out of time;
 * ABL_EFAIL: paused, since everything fails at once (breaker.h). Failed trials are no error. */
int abl_supervisor_run(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;

/* For its parts (awaited.h, ended.h, left_attempts.h). */

/* An attempt has ended, and what it made can be seen. */
void abl_supervisor_ended(struct abl_supervisor *s, struct abl_job *job, const struct abl_end *end);
/* The stage is done, and in the store. */
void abl_supervisor_done(struct abl_supervisor *s, size_t stage);
/* An attempt that it has not begun is its own now; `sink` gets `ended`. */
void abl_supervisor_keeps(struct abl_supervisor *s, struct abl_job *job,
			  struct abl_attempt_spec *sink);
/* Takes note of a failure of our own: true, if it is one. */
bool abl_supervisor_failed(struct abl_supervisor *s, int rc, const struct abl_err *err);
/* What could not be made to last may be gone from memory, too, and another try would seem to
 * succeed: the code then ends the run, unless it was for want of room. */
static inline int abl_supervisor_fatal(const struct abl_supervisor *s, int rc)
{
	return rc == ABL_EIO && !abl_room_disk_is_full(s) ? ABL_EFAIL : rc;
}

/* Tells whoever looks on; for its parts (nodes.h, retry.h, room.h). */
static inline void abl_supervisor_says(struct abl_supervisor *s, const char *text)
{
	abl_running_file_says(&s->running_file, text);
	if (s->events.says)
		s->events.says(s->events.data, &s->run, text);
}

#endif
