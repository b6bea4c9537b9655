/* SPDX-License-Identifier: Apache-2.0 */
/* past.h - what a new plan may learn from the store's past. */
#ifndef ABL_PAST_H
#define ABL_PAST_H

#include "errors.h"
#include "str.h"

#include <stdint.h>

struct abl_store;

/* What done stages took, those that are alike together. */
struct abl_past_cost {
	const char *kind;            /* "pretrain", or the step of a program */
	const char *variant, *task;  /* of a study; task NULL: the trials of all; or both NULL */
	double rated;                /* of each, by the rate of the machine; NaN: not of all */
	double cost;                 /* of each, as it was planned */
	double seconds, cpu_seconds; /* mean */
	double memory, disk;         /* bytes, the most, and the mean; NaN: not measured */
	int64_t threads, count;      /* threads 0: not known */
};
typedef void abl_past_hear(void *data, const struct abl_past_cost *cost);
/* Of the built-in engine, of all studies: by kind, cost and threads. */
int abl_read_past_costs(struct abl_store *store, abl_past_hear *hear, void *data,
			struct abl_err *err) ABL_MUST_USE;
/* Of the study of that name, and, in others, of steps with one of these codes ("\nCODE\nCODE\n", or
 * NULL): by kind, variant, task and threads; `cost` is the mean. */
int abl_read_study_costs(struct abl_store *store, const char *study, const char *codes,
			 abl_past_hear *hear, void *data, struct abl_err *err) ABL_MUST_USE;

struct abl_past_task {
	const char *name, *metric;
	bool lower_is_better;
};
/* The spread over units (seeds, or pre-trainings with several fine-tunings each) of past
 * differences, their mean over these tasks, in this study or the one that has most of it, whose
 * name *from gets. Variants without any spread do not count. 1 = there is one, 0 = none. */
int abl_read_past_spread(struct abl_store *store, const char *study,
			 const struct abl_past_task *tasks, size_t count, double *sd,
			 struct abl_str *from, struct abl_err *err) ABL_MUST_USE;

/* Names of the studies, other than `study`, that have one of these stages in their last plan, too.
 * Key by key, each name once a key; `key` is the key's place. */
int abl_read_sharing(struct abl_store *store, const char *study, const char *const *keys,
		     size_t count, void (*hear)(void *data, size_t key, const char *name),
		     void *data, struct abl_err *err) ABL_MUST_USE;

struct abl_stored_trial { /* texts last for the call */
	const char *variant, *task;
	int64_t seed;
	const char *scored; /* the key of the stage that scored it; NULL: it is not done */
};
/* The trials of the study of that name as last planned, variant by variant; none where there is no
 * such study. */
int abl_read_stored_trials(struct abl_store *store, const char *study,
			   void (*hear)(void *data, const struct abl_stored_trial *trial),
			   void *data, struct abl_err *err) ABL_MUST_USE;

#endif
