/* SPDX-License-Identifier: Apache-2.0 */
/* bench_steps.h - a few training steps, as quickly as they can be timed: what a plan's hours are
 * reckoned from where the store has no past. */
#ifndef ABL_BENCH_STEPS_H
#define ABL_BENCH_STEPS_H

#include "config.h"
#include "model.h"

struct abl_bench_steps {
	const struct abl_config *config; /* resolved */
	bool pretrain;                   /* MLM + NSP, else a classification into two classes */
	int64_t batch, length;           /* sequences in a step, and tokens of each */
	int64_t steps;                   /* that are timed, after one that is not */
	int threads;
};
/* Processor seconds of one step, of all threads. */
int abl_bench_steps(const struct abl_bench_steps *r, double *cpu_seconds,
		    struct abl_err *err) ABL_MUST_USE;

/* A model to train so. The caller's. */
int abl_bench_model(struct abl_model **m, const struct abl_compute *compute,
		    const struct abl_config *c, bool pretrain, struct abl_err *err) ABL_MUST_USE;

#endif
