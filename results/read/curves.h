/* SPDX-License-Identifier: Apache-2.0 */
/* curves.h - what stages told while they ran. */
#ifndef ABL_CURVES_H
#define ABL_CURVES_H

#include "errors.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_store;

struct abl_curve_request {
	int64_t study;
	const char *role; /* of the stages: "pretrain", "finetune" */
	const char *task; /* NULL: all */
};

/* Names of the series that there are, in the order of the alphabet. */
int abl_read_curve_names(struct abl_store *store, const struct abl_curve_request *r,
			 void (*hear)(void *data, const char *name), void *data,
			 struct abl_err *err) ABL_MUST_USE;

struct abl_curve_point {
	int64_t variant, seed, step;
	double value;  /* NaN: no number */
	bool diverged; /* how its stage ended */
};
/* Points of one series. A stage that several variants share (the pre-training of those that change
 * nothing in it) is the first one's; a step that two attempts reached is the later one's. */
int abl_read_curve(struct abl_store *store, const struct abl_curve_request *r, const char *name,
		   void (*hear)(void *data, const struct abl_curve_point *point), void *data,
		   struct abl_err *err) ABL_MUST_USE;

#endif
