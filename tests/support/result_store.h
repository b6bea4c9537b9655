/* SPDX-License-Identifier: Apache-2.0 */
/* result_store.h - stores with known results, for the tests of comparisons and of the commands. */
#ifndef ABL_RESULT_STORE_H
#define ABL_RESULT_STORE_H

#include "store.h"

#include <jansson.h>

/* What a trial can be instead of a number. */
#define RUN_DIVERGED (-1.0)
#define RUN_CRASHED (-2.0)
#define RUN_WAITING (-3.0)

struct result_arm {
	struct abl_variant_row variant;
	const double *values;    /* [seeds] of the task's main metric, or a RUN_... */
	bool own_pretraining;    /* else the baseline's */
	double seconds;          /* of a fine-tuning */
	int64_t hidden;          /* the option that varies, in place of the label's; 0 = none */
	double parameters, bare; /* with embeddings and without, as fine-tunings tell; 0 = untold */
};

struct result_study {
	const char *name, *task, *metric;
	bool lower_is_better;
	double examples, majority; /* majority NaN = not reported */
	const struct result_arm *arms;
	size_t count;
	int seeds;
	int seeds_per_pretraining; /* 0 = there is none */
};

/* Plans and "runs" the study. Ends the program with a message when anything fails. */
void result_store_fill(struct abl_store *s, const struct result_study *study);

/* A store anew in the folder, with the study 'first': task rte, three seeds; the baseline .5, .6,
 * .7, 'no x' .4, .5, .75; of 'no y' one trial diverged, one crashed and one waits. Returns the
 * study. */
int64_t result_store_begin_first(struct abl_store **out, const char *folder);

/* The study 'special-tokens' of reference/statistics.json (the object "comparison"). */
void result_store_fill_reference(struct abl_store *s, const json_t *comparison);

#endif
