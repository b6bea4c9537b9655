/* SPDX-License-Identifier: Apache-2.0 */
/* again.h - what running a trial again needs to know: the stages that it is made of, and what they
 * came to. */
#ifndef ABL_AGAIN_H
#define ABL_AGAIN_H

#include "errors.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_store;

struct abl_again_stage { /* texts last for the call, here and below */
	const char *role, *key, *kind, *canonical, *state;
	const char *artifact, *seal, *code, *dropped, *predictions; /* may be NULL */
	const char *cpu, *kernels, *engine; /* of its last attempt; may be NULL */
	int64_t threads;                    /* of it; 0: not known */
	bool same; /* the work of other code stands for it ('run --code same') */
};
/* In the order in which they were planned; not those that score a test file, nor repetitions. */
int abl_read_again_stages(struct abl_store *store, int64_t trial,
			  void (*hear)(void *data, const struct abl_again_stage *s), void *data,
			  struct abl_err *err) ABL_MUST_USE;

struct abl_again_number {
	const char *name;
	int64_t step; /* of a curve; -1: a result */
	double value; /* NaN: none */
};
/* Its results by name, then its last attempts' curves by name and step: of each step the point of
 * the newest attempt. */
int abl_read_again_numbers(struct abl_store *store, const char *key,
			   void (*hear)(void *data, const struct abl_again_number *n), void *data,
			   struct abl_err *err) ABL_MUST_USE;

/* How a metric varies over the seeds of the trial's variant, on its task: the standard deviation,
 * of `count` trials. NaN: of fewer than two. */
int abl_read_again_spread(struct abl_store *store, int64_t trial, const char *metric, double *sd,
			  int64_t *count, struct abl_err *err) ABL_MUST_USE;

#endif
