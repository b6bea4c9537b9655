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
	bool undefined; /* done, but the metric has no value: a constant has no correlation */
	double value;   /* of the main metric; NaN unless done, or undefined */
	double seconds; /* of training */
};

struct abl_loaded_arm {     /* one variant */
	struct abl_arm arm; /* counted as far as states go; without means */
	struct abl_loaded_run *runs;
	size_t count, capacity;
};

struct abl_loaded {
	struct abl_loaded_arm *arms; /* in the order of the listings */
	size_t count, capacity;
};

/* Fills the arms, and of *c what is about the task. Unknown task: ABL_EINPUT with the nearest name.
 */
int abl_compare_load(struct abl_loaded *out, struct abl_comparison *c, struct abl_store *store,
		     int64_t study, const struct abl_compare_request *request,
		     struct abl_err *err) ABL_MUST_USE;
void abl_loaded_finish(struct abl_loaded *l);
void abl_arm_copy(struct abl_arm *out, const struct abl_arm *in);
void abl_arm_finish(struct abl_arm *a);

/* "the study has no variant 'x'; did you mean 'y'?" */
int abl_compare_no_variant(struct abl_store *store, int64_t study, const char *label,
			   struct abl_err *err);

#endif
