/* SPDX-License-Identifier: Apache-2.0 */
/* run_state.h - how a study stands while it runs, and before: what the supervisor and its attempts
 * write, and what progress, estimate and summary read. */
#ifndef ABL_RUN_STATE_H
#define ABL_RUN_STATE_H

#include "cards.h"
#include "forecast.h"
#include "plan.h"
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
	int64_t worker; /* that was given the last attempt; 0: this machine */
	double seconds; /* of the attempt that is done */
	bool fresh;     /* executed by this run */
	char *seal;     /* hash of its artefact's seal; NULL: none, or not known */
	char *dropped;  /* what of its artefact was removed on purpose; NULL */
	char *lost;     /* why it is made again though its numbers stand; NULL */
	int remade;     /* how often this run has found its artefact gone or damaged */
	bool looked;    /* its artefact was looked at */
	bool queued;    /* is among the ready stages */
	unsigned short failures[ABL_CAUSES]; /* since somebody said --retry */
	bool waits;                          /* failed, for its next try */
	bool alone;                          /* wanted more memory than it got beside others */
};

struct abl_job { /* a stage that is running */
	size_t stage;
	int64_t attempt;
	double started;      /* monotonic seconds */
	double share;        /* [0, 1] */
	int64_t step, steps; /* 0 = not told */
	char metric[2][32];  /* names of the last metrics told, "loss" first; "" = none */
	double value[2];
	int64_t number;  /* by its executor: here the id of its process */
	int64_t worker;  /* that runs it; 0: this machine */
	int threads;     /* that it may compute with */
	double memory;   /* bytes that it is expected to take; 0: not known */
	double had_free; /* bytes that nobody used when it began */
	bool again;      /* it has failed, and is tried again */
	bool resumed;    /* it began with what an earlier attempt had saved */
	struct abl_job_data *data;
	void *owner;                          /* of whoever began it */
	const char *cards[ABL_CARDS_MAX + 1]; /* names of those that it has; ends with NULL */
};

struct abl_run_code {                    /* of a step */
	char *name;                      /* of the copy in the store */
	char *folder;                    /* where it runs: in the copy, or NULL: in place */
	double code_until, inputs_until; /* when each is looked at again, by abl_clock_now() */
};

struct abl_run {
	/* Set by whoever begins. */
	struct abl_plan *plan;
	struct abl_store *store; /* NULL: nothing was ever run */
	const char *place;       /* of the store, or where it would be */
	int workers, threads;
	double lease; /* seconds that a worker's attempts are left alone when it is lost */
	/* Only the stages that score test files run, with the checkpoints that are there; a trial
	 * is done with its own, or where it has none. */
	bool tests_only;
	const int64_t *trials; /* [trials] their numbers; NULL: not in a store */
	double by;             /* seconds since 1970 when it is to be over; 0: whenever it is */
	bool restore;          /* make again, and keep, what was removed on purpose */
	bool *only;            /* [trials] whose stages alone are run; NULL: all. The run's */
	int64_t row;           /* of this start of the program, in the store */
	struct abl_provenance made_by;
	struct abl_run_code *code; /* [steps] of a program: where each runs; NULL: no program */
	const char *changed;       /* lines about other code of what is done, or NULL */
	const char *growth;        /* a line on seeds that are added, or NULL */
	int elsewhere;             /* of `workers`, those that are not of this machine; 0: none */
	const char *where;         /* how many of them are where, in words; NULL: all are here */
	struct abl_forecasts *forecasts; /* they learn from what ends; NULL: costs as planned */
	const char *leaving; /* lines about what the stored study loses by this plan, or NULL */
	/* Kept by the supervisor. */
	struct abl_node *nodes; /* [plan->stage_count] */
	size_t node_count, node_capacity;
	struct abl_job **jobs; /* [running] */
	size_t running, job_capacity;
	size_t done, failed;             /* trials */
	double cpu_seconds, peak_memory; /* of what has ended in this run; of one process */
	size_t lost;                     /* tests_only: checkpoints that are not there any more, */
	size_t unkept;                   /* and those that were removed on purpose */
	char *folder;                    /* of the store, absolute */
	char **unsynced;                 /* artefacts that a power cut could still take */
	size_t unsynced_count, unsynced_capacity;
	char **unneeded; /* artefacts that the store has forgotten on purpose, to be removed */
	size_t unneeded_count, unneeded_capacity;
	struct abl_held *held; /* [held_count] attempts of lost workers (attempt_away.h) */
	size_t held_count, held_capacity;
	struct abl_copies {
		struct abl_copy **list;
		size_t count, capacity;
	} copies;                      /* of what lost or paused attempts saved (attempt_copy.h) */
	struct abl_hash_cache *hashes; /* of a program's inputs; or NULL */
};

/* The stage has failed, and is not tried again in this run. */
bool abl_node_failed(const struct abl_node *node);
/* How many trials are to be run. */
size_t abl_run_total(const struct abl_run *run);
/* Is the trial one of them? */
bool abl_run_wants(const struct abl_run *run, size_t trial);
/* A trial's state, from its stages; *stage (may be NULL) gets the one that failed. */
enum abl_state abl_run_trial(const struct abl_run *run, size_t trial, size_t *stage);
/* The stage by which a trial of a given-up tune failed. */
size_t abl_run_failed_tuning(const struct abl_run *run, size_t trial);
void abl_run_finish(struct abl_run *run); /* what the supervisor keeps; null-safe */

#endif
