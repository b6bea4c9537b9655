/* SPDX-License-Identifier: Apache-2.0 */
/* trials.h - the trials of a study on one task: what effects are computed from. */
#ifndef ABL_TRIALS_H
#define ABL_TRIALS_H

#include "store.h"

struct abl_read_task { /* texts last for the call */
	const char *study, *name, *metric, *split, *label;
	bool lower_is_better;
};
/* Case, hyphens and underscores do not matter in the task's name where no task has exactly that
 * one. 1 = heard, 0 = the study has no such task. */
int abl_read_task(struct abl_store *store, int64_t study, const char *task,
		  void (*hear)(void *data, const struct abl_read_task *task), void *data,
		  struct abl_err *err) ABL_MUST_USE;

struct abl_read_trial { /* texts last for the call */
	const char *variant, *subject;
	enum abl_variant_kind kind;
	enum abl_state state;
	bool diverged;
	bool told; /* the metric, if only as NaN */
	int64_t seed;
	int64_t pretraining;       /* the row of its stage; 0 = none */
	int64_t predicted_classes; /* 0 = not told */
	double value;              /* of the task's main metric; NaN: none */
	double majority, examples; /* NaN: not told */
	double seconds;            /* of training; NaN: none */
	double cpu_seconds;        /* the same of the processor; NaN: not known */
};
enum abl_scored_by {
	ABL_SCORED_ALWAYS,      /* what every trial is scored on */
	ABL_SCORED_TESTS,       /* by 'ablate test' */
	ABL_SCORED_PRETRAINING, /* its pre-training, on the held-out texts */
};
/* Variant by variant, in the order of listings. */
int abl_read_task_trials(struct abl_store *store, int64_t study, const char *task,
			 const char *metric, enum abl_scored_by by,
			 void (*hear)(void *data, const struct abl_read_trial *trial), void *data,
			 struct abl_err *err) ABL_MUST_USE;

struct abl_metric_place {
	bool told;        /* some trial of the task has it */
	bool pretraining; /* by its pre-training alone */
	bool lower_is_better;
};
/* Where a metric other than the main one is told. */
int abl_read_metric_place(struct abl_store *store, int64_t study, const char *task,
			  const char *metric, struct abl_metric_place *out,
			  struct abl_err *err) ABL_MUST_USE;
/* Names of the metrics that trials and their pre-trainings have told, in the order of the
 * alphabet. */
int abl_read_metric_names(struct abl_store *store, int64_t study,
			  void (*hear)(void *data, const char *name), void *data,
			  struct abl_err *err) ABL_MUST_USE;

/* Names of the tasks that have trials and are scored, and labels of the variants, in the order of
 * listings; NULL-terminated, caller's, end with abl_names_destroy(). */
int abl_read_tasks(char ***out, struct abl_store *store, int64_t study,
		   struct abl_err *err) ABL_MUST_USE;
/* Those that have a score on a test file. */
int abl_read_tested_tasks(char ***out, struct abl_store *store, int64_t study,
			  struct abl_err *err) ABL_MUST_USE;
int abl_read_variants(char ***out, struct abl_store *store, int64_t study,
		      struct abl_err *err) ABL_MUST_USE;
void abl_names_destroy(char **names); /* null-safe */

/* What the done stages of the task's trials were not all run with: `hear` gets "kernels" and
 * "haswell,skx". */
int abl_read_mixed(struct abl_store *store, int64_t study, const char *task,
		   void (*hear)(void *data, const char *what, const char *values), void *data,
		   struct abl_err *err) ABL_MUST_USE;

#endif
