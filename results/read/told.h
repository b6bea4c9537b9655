/* SPDX-License-Identifier: Apache-2.0 */
/* told.h - what stages told of a variant's size and work. */
#ifndef ABL_TOLD_H
#define ABL_TOLD_H

#include "errors.h"

#include <stdint.h>

struct abl_store;

struct abl_told { /* a mean over the variant's trials; texts last for the call */
	int64_t variant;
	const char *role; /* of the stage in its trials: 'tokenize', 'pretrain', 'step 1' */
	const char *type; /* of the task; NULL: of a program of the user's */
	const char *name; /* of the result; "seconds", "cpu": what the stage took */
	double value;
};
/* The results of done stages, but for tests of a trial; `task` NULL: of all tasks. */
int abl_read_told(struct abl_store *store, int64_t study, const char *task,
		  void (*hear)(void *data, const struct abl_told *told), void *data,
		  struct abl_err *err) ABL_MUST_USE;

#endif
