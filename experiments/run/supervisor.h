/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor.h - runs a plan: children, N at a time, each executing one stage; their results go
 * into the store, whose only writer we are.
 *
 * An attempt writes in work/<key>/<attempt>/ and is published by one rename to artifacts/<key>.
 * Killed at any point (children or ourselves), the next run repeats what was not committed and
 * nothing else: the next attempt takes over the folder of a paused or killed one and goes on from
 * its saved state. */
#ifndef ABL_SUPERVISOR_H
#define ABL_SUPERVISOR_H

#include "executor.h"
#include "plan.h"
#include "ready.h"
#include "record.h"
#include "store.h"

struct abl_node { /* how stage i of the plan stands */
	enum abl_state state;
	bool held; /* not to be started in this run: failed before and would again, or paused */
	size_t blocked; /* the failed stage that it cannot do without; ABL_NONE */
	char *artifact; /* folder below the store */
	char *reason;   /* of a failure */
	enum abl_cause cause;
	char *log; /* of the last attempt, below the store */
	int64_t log_id, attempt;
	double seconds; /* of the attempt that is done */
	bool fresh;     /* executed by this run */
};

struct abl_supervisor;

struct abl_job { /* a stage that is running */
	size_t stage;
	int64_t attempt;
	double started;      /* monotonic seconds */
	double share;        /* [0, 1] */
	int64_t step, steps; /* 0 = not told */
	char metric[2][32];  /* names of the last metrics told, "loss" first; "" = none */
	double value[2];
	struct abl_job_data *data;
	struct abl_supervisor *supervisor;
};

struct abl_supervisor_events { /* any may be NULL */
	void *data;
	void (*tick)(void *data, const struct abl_supervisor *s,
		     int stops); /* several times a second */
	void (*finished)(void *data, const struct abl_supervisor *s, size_t stage);
};

struct abl_supervisor {
	struct abl_plan *plan;
	struct abl_record *record;
	struct abl_store *store;
	int workers, threads;
	int64_t run; /* row of this start of the program */
	struct abl_provenance made_by;
	struct abl_supervisor_events events;
	const struct abl_executor *executors; /* [executor_count]: where attempts run */
	size_t executor_count;
	struct abl_node *nodes; /* [plan->stage_count] */
	size_t node_count, node_capacity;
	struct abl_job **jobs; /* [running] */
	size_t running;
	size_t done, failed; /* trials */
	struct abl_ready ready;
	char **unsynced; /* artefacts that a power cut could still take */
	size_t unsynced_count, unsynced_capacity;
	double synced;   /* monotonic seconds */
	char *folder;    /* of the store, absolute */
	double deadline; /* monotonic seconds; 0 = none */
	bool out_of_time;
	struct abl_err *err; /* the first failure of our own: ends the run */
	const char *argv[3]; /* what the child is called with */
};

/* Fills the rest of a supervisor whose plan, record, store, workers, threads, run, made_by and
 * events are set, and reads from the store how each stage stands. What failed waits again, except
 * what diverged. To look only: record NULL, a store opened for reading, or none. Ends with
 * abl_supervisor_finish(). */
int abl_supervisor_init(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;
void abl_supervisor_finish(struct abl_supervisor *s); /* null-safe */

/* Runs until nothing is left that can run. ABL_ESTOP: stopped by a signal or out of `limits.hours`;
 * failed trials are no error. */
int abl_supervisor_run(struct abl_supervisor *s, struct abl_err *err) ABL_MUST_USE;

/* A trial's state, from its stages; *stage (may be NULL) gets the one that failed or runs. */
enum abl_state abl_supervisor_trial(const struct abl_supervisor *s, size_t trial, size_t *stage);

#endif
