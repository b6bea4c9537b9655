/* SPDX-License-Identifier: Apache-2.0 */
/* time_left.h - how long what is left of a study takes, as its store knows it. */
#ifndef ABL_TIME_LEFT_H
#define ABL_TIME_LEFT_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

/* Seconds, on as many workers as at last; 0: nothing is left. A stage takes what its plan expected,
 * corrected by what stages of its kind took; where none is done, what the rate of this machine
 * says. A trial that waits for a value of `tune` takes as long as one run that tries a value. */
int abl_read_time_left(struct abl_store *store, int64_t study, double *left,
		       struct abl_err *err) ABL_MUST_USE;

#endif
