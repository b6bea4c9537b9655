/* SPDX-License-Identifier: Apache-2.0 */
/* compare_pairs.h - which values of two arms belong together: the same seed in both. */
#ifndef ABL_COMPARE_PAIRS_H
#define ABL_COMPARE_PAIRS_H

#include "compare_load.h"

struct abl_paired_value {
	int64_t seed;
	int64_t block; /* of seeds that share a pre-training; 0: a block of its own */
	double x, y;   /* variant, base */
	bool clean;    /* both are done: none stands in for a diverged run */
	bool shared;   /* both have the same pre-training, or none */
	double x_seconds, y_seconds;
};

struct abl_paired {
	struct abl_paired_value *pair;
	size_t count, capacity;
};

/* How values of a task enter a mean over tasks: x scale. */
struct abl_task_values {
	const struct abl_loaded_arm *arm, *base; /* arm NULL: the variant has no trial there */
	double majority, scale;
};

/* What a run counts as: its value; the majority predictor where it diverged, or predicts so little
 * that the metric has no value; or NaN, nothing. */
double abl_run_value(const struct abl_loaded_run *r, double majority);

/* The pairs over these tasks: the mean of their values for each seed that has one in both arms on
 * every task. Ends with abl_paired_finish(). */
void abl_paired_collect(struct abl_paired *out, const struct abl_task_values *tasks, size_t count);
void abl_paired_finish(struct abl_paired *p);

/* Averages the pairs of each block, in place, in the order of first members. Returns whether there
 * was something to do. */
bool abl_paired_average(struct abl_paired *p);

#endif
