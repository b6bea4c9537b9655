/* SPDX-License-Identifier: Apache-2.0 */
/* spending.h - the time that a study's plan expected and what it took. */
#ifndef ABL_SPENDING_H
#define ABL_SPENDING_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

struct abl_spending { /* stages of one kind; texts last for the call */
	const char *stage;
	int64_t stages, done;
	int64_t earlier; /* of these: run by another study, nothing was spent on them here */
	double taken;    /* seconds of those that were run here and are done; NaN: none */
	/* of these, where the plan expected something: what, and what they took; NaN: nowhere */
	double expected, expected_took;
	double lost; /* of attempts that failed */
	double left; /* expected of those that are not over; NaN: not known */
};
/* Kind by kind, in the order of their work. */
int abl_read_spending(struct abl_store *store, int64_t study,
		      void (*hear)(void *data, const struct abl_spending *row), void *data,
		      struct abl_err *err) ABL_MUST_USE;

/* Seconds by the clock over all starts of the study that have ended; NaN: none has. */
int abl_read_clock(struct abl_store *store, int64_t study, double *seconds, int64_t *starts,
		   struct abl_err *err) ABL_MUST_USE;

#endif
