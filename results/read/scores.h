/* SPDX-License-Identifier: Apache-2.0 */
/* scores.h - what trials reached: seed by seed, and over seeds. */
#ifndef ABL_SCORES_H
#define ABL_SCORES_H

#include "errors.h"

#include <stdbool.h>

#include <stdint.h>

struct abl_store;

struct abl_score { /* one number of a variant */
	int64_t variant;
	int64_t seed; /* 0: over all seeds */
	double value; /* NaN: told, but without a value */
};
typedef void abl_hear_score(void *data, const struct abl_score *score);

/* `metric` of the done trials on a task. */
int abl_read_scores(struct abl_store *store, int64_t study, const char *task, const char *metric,
		    abl_hear_score *hear, void *data, struct abl_err *err) ABL_MUST_USE;
/* The same of their pre-training; tasks share one. */
int abl_read_pretraining_scores(struct abl_store *store, int64_t study, const char *metric,
				abl_hear_score *hear, void *data, struct abl_err *err) ABL_MUST_USE;
/* What pre-training is judged by: the loss of its first objective. Caller's; NULL: there is none.
 */
int abl_read_objective(struct abl_store *store, int64_t study, char **metric,
		       struct abl_err *err) ABL_MUST_USE;
/* Parameters of the model that is fine-tuned; tasks differ a little in their heads. */
int abl_read_parameters(struct abl_store *store, int64_t study, abl_hear_score *hear, void *data,
			struct abl_err *err) ABL_MUST_USE;

/* The final metric of a done stage; where it has no value (NaN), what a constant gets. 1 = there is
 * one, 0 = none. */
int abl_read_stage_score(struct abl_store *store, const char *key, const char *metric, double *out,
			 struct abl_err *err) ABL_MUST_USE;

struct abl_score_summary { /* variant on task, each task's main metric over seeds */
	const char *task, *variant, *metric;
	int64_t trials, done, failed;
	/* Of what trials count as (counted_sql.h): as in comparisons. NaN: none counts. */
	double mean, sd, min, max;
	int64_t as_majority; /* trials that count as the majority predictor */
};
/* `tests`: of the scores on test files, whose metrics are called test_accuracy and so on. */
int abl_read_summaries(struct abl_store *store, int64_t study, bool tests,
		       void (*hear)(void *data, const struct abl_score_summary *row), void *data,
		       struct abl_err *err) ABL_MUST_USE;

struct abl_pretraining_summary { /* a metric of a variant's pre-trainings over seeds */
	const char *variant, *metric;
	int64_t n;
	double mean;
};
/* Variant by variant. */
int abl_read_pretrainings(struct abl_store *store, int64_t study,
			  void (*hear)(void *data, const struct abl_pretraining_summary *row),
			  void *data, struct abl_err *err) ABL_MUST_USE;

#endif
