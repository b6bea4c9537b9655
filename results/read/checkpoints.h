/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoints.h - where the models of a study's trials lie. */
#ifndef ABL_READ_CHECKPOINTS_H
#define ABL_READ_CHECKPOINTS_H

#include "errors.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_store;

struct abl_read_checkpoint { /* texts last for the call */
	const char *variant, *task;
	int64_t seed;
	bool pretraining;     /* the one that fine-tuning began with; else the fine-tuned one */
	const char *state;    /* of its stage: "done", "waiting", ... */
	const char *artifact; /* its folder below the store; NULL: there is none yet */
};
/* Of the study's last plan, variant by variant, each with its tasks and seeds in order. */
int abl_read_checkpoints(struct abl_store *store, int64_t study,
			 void (*hear)(void *data, const struct abl_read_checkpoint *checkpoint),
			 void *data, struct abl_err *err) ABL_MUST_USE;

#endif
