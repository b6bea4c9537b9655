/* SPDX-License-Identifier: Apache-2.0 */
/* compare_load.h - what a comparison reads from the store: a task's variants and their trials. */
#ifndef ABL_COMPARE_LOAD_H
#define ABL_COMPARE_LOAD_H

#include "compare.h"

struct abl_loaded_run { /* one trial */
	int64_t seed;
	int64_t pretraining; /* the row of its stage; 0 = none */
	bool done, diverged;
	bool one_class; /* predicts nothing else */
	bool classes_known;
	bool undefined;     /* done, but the metric has no value: a constant has no correlation */
	double value;       /* of the main metric; NaN unless done, or undefined */
	double seconds;     /* of training; of the processor where c->cpu_time */
	double cpu_seconds; /* NaN: not known */
	bool over;          /* done or failed: nothing more will come */
	bool stands_in;     /* `value` is a mean with the majority predictor's in it */
	bool collapsed;     /* done, but at the majority rate; set once the task's rate is known */
};

struct abl_loaded_arm {     /* one variant */
	struct abl_arm arm; /* counted as far as states go; without means */
	struct abl_loaded_run *runs;
	size_t count, capacity;
};

struct abl_loaded {                  /* one task */
	struct abl_loaded_arm *arms; /* in the order of the listings */
	size_t count, capacity;
	struct abl_loaded_arm *spare; /* further arms of the baseline, once they are merged */
	size_t spares, spare_capacity;
};

struct abl_compared_task { /* a task: its table in the making, and what was loaded for it */
	struct abl_comparison *table;
	struct abl_loaded loaded;
	const struct abl_loaded_arm *base;
};

/* Fills the arms, and of *c what is about the task. `metric` NULL: the task's main one. 1 = the
 * task has no such metric, or no score of that kind: it is to be left out. */
int abl_compare_load(struct abl_loaded *out, struct abl_comparison *c, struct abl_store *store,
		     int64_t study, const char *task, const char *metric, bool tests,
		     struct abl_err *err) ABL_MUST_USE;
/* The second arm of the baseline, where there is one, goes into the first: averaged per seed.
 * Returns how many arms there were. */
int abl_compare_merge_baselines(struct abl_loaded *l, const struct abl_comparison *c);
/* The arm of that label; NULL: the baseline. NULL where there is none. */
const struct abl_loaded_arm *abl_loaded_find(const struct abl_loaded *l, const char *label);
void abl_loaded_finish(struct abl_loaded *l);
void abl_arm_finish(struct abl_arm *a);

/* Why no task of the study could be loaded. */
int abl_compare_nothing(struct abl_store *store, int64_t study,
			const struct abl_compare_request *request, struct abl_err *err);
/* "the study has no variant 'x'; did you mean 'y'?" The same of a task. */
int abl_compare_no_variant(struct abl_store *store, int64_t study, const char *label,
			   struct abl_err *err);

int abl_compare_no_task(const struct abl_analysis *a, const char *task, struct abl_err *err);

#endif
