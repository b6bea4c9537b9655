/* SPDX-License-Identifier: Apache-2.0 */
/* costs.h - what trials took. */
#ifndef ABL_READ_COSTS_H
#define ABL_READ_COSTS_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

/* Of a trial that is done. Its stages are those that train (of a program: all but tests); one that
 * several trials share counts whole for each: what the trial would take alone. NaN: not known. */
struct abl_trial_cost { /* texts last for the call */
	const char *variant, *task;
	int64_t seed;
	/* Measured, or as told under these names where nothing was. */
	double seconds, cpu_seconds;
	double peak_memory; /* bytes, of the largest process of any stage */
	double parameters;  /* of the model that is scored, as told */
	/* Floating-point operations of training: as a program told them (`flops`); else 6 N T for
	 * each stage of the built-in engine, N its parameters without embeddings, T the tokens that
	 * its steps went through. An example of a task counts as min(max_length, 32) tokens: the
	 * store does not know how long it is. */
	double flops;
};
/* Variant by variant in the order of listings. `task` NULL: all. */
int abl_read_costs(struct abl_store *store, int64_t study, const char *task,
		   void (*hear)(void *data, const struct abl_trial_cost *cost), void *data,
		   struct abl_err *err) ABL_MUST_USE;

#endif
