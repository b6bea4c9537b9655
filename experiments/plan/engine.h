/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h - who does the work of a study: the built-in engine, or a program of the user's. What
 * the plan and the record have to ask of either is a row here; a plan knows its own as p->engine.
 */
#ifndef ABL_ENGINE_H
#define ABL_ENGINE_H

#include "plan.h"
#include "store.h"

/* What the stages of one trial, or of a tuning run for it, have in common. */
struct abl_trial_plan {
	const struct abl_values *config; /* of the trial, with the tuned value; the plan's */
	const struct abl_values *first;  /* of the first part of its pre-training, or NULL */
	size_t order;                    /* of the trial */
	size_t tuned;                    /* the value that a tuning run tries; ABL_NONE: a trial */
	const char *split;               /* what is scored */
};

struct abl_tuned_by {
	const char *role, *metric;
	bool lower_is_better;
};

struct abl_engine {
	/* Reads and hashes what the study's stages read. `store`: a folder with hashes that are
	 * known already, or NULL. */
	int (*open)(struct abl_plan *p, const char *store, struct abl_err *err);
	void (*close)(struct abl_plan *p); /* also after an open() that failed */
	/* The configuration of the first part of a pre-training; *out NULL: it has one part. */
	int (*first)(const struct abl_values *config, struct abl_values **out, struct abl_err *err);
	/* Adds the stages of a trial to the plan and sets its roles. */
	void (*stages)(struct abl_plan *p, struct abl_plan_trial *trial,
		       const struct abl_trial_plan *how);
	/* The text whose hash is the stage's key. */
	void (*canonical)(const struct abl_plan *p, const struct abl_plan_stage *stage,
			  struct abl_str *out);
	const char *last; /* role of a stage that every trial has once it is planned whole */
	/* Of a task: what trials are compared by, on what, and what must be said beside it. */
	const char *(*metric)(const struct abl_study *s, size_t task);
	bool (*lower_is_better)(const struct abl_study *s, size_t task);
	/* Metric i of those that it can be measured by; NULL: no more. */
	const char *(*metric_at)(const struct abl_study *s, size_t task, size_t i);
	const char *(*split)(const struct abl_study *s, size_t task); /* NULL: nothing is scored */
	const char *(*label)(const struct abl_study *s, size_t task); /* or NULL */
	/* By which result of which stage of a tuning run values are chosen. */
	struct abl_tuned_by (*tuned_by)(const struct abl_plan *p, size_t task);
	/* Records which files the study reads. */
	int (*put_files)(struct abl_store *store, const struct abl_plan *p, int64_t study,
			 struct abl_err *err);
};

extern const struct abl_engine abl_native_engine, abl_program_engine;
const struct abl_engine *abl_engine_of(const struct abl_study *s);

/* What trials of the task are scored on, or NULL; and by which metric. */
const char *abl_plan_split(const struct abl_study *s, size_t task);
const char *abl_plan_metric(const struct abl_study *s, size_t task);

#endif
