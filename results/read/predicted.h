/* SPDX-License-Identifier: Apache-2.0 */
/* predicted.h - which trials of a task have stored their predictions, and where. */
#ifndef ABL_READ_PREDICTED_H
#define ABL_READ_PREDICTED_H

#include "store.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_read_predicted {         /* texts last for the call */
	const char *variant, *type; /* type: of the task; "" where a program trains */
	bool is_baseline, is_arm;   /* is_arm: a further one of the baseline */
	enum abl_state state;
	bool diverged;
	bool told; /* the metric, if only as NaN */
	int64_t seed;
	int64_t pretraining; /* the row of its stage; 0 = none */
	double value;        /* of the metric; NaN: none */
	const char *file;    /* below the store's folder; NULL: none */
};
/* Variant by variant, in the order of listings, seeds ascending. `metric` is the name without
 * "test_"; `tests`: of what 'ablate test' has scored. */
int abl_read_predicted(struct abl_store *store, int64_t study, const char *task, const char *metric,
		       bool tests, void (*hear)(void *data, const struct abl_read_predicted *trial),
		       void *data, struct abl_err *err) ABL_MUST_USE;

#endif
