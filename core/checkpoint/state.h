/* SPDX-License-Identifier: Apache-2.0 */
/* state.h - what a stage goes on from: weights, moments, the best weights so far, the place in the
 * data and all points told so far. The last two states are kept in the stage's folder, each with a
 * hash of all it holds: one that is damaged, or half of whose disk is gone, leaves the one before.
 */
#ifndef ABL_STATE_H
#define ABL_STATE_H

#include "best.h"
#include "errors.h"
#include "model.h"
#include "str.h"

#include <stdbool.h>
#include <stdint.h>

/* Sums of the gradient noise scale over its samples (train/noise.h); zero to begin with. */
struct abl_noise {
	double square; /* estimates of |G|^2 */
	double trace;  /* estimates of tr(Sigma) */
	int64_t samples;
};

struct abl_point { /* of a curve */
	int64_t step;
	const char *name; /* without blanks; interned */
	double value;
};
struct abl_points {
	struct abl_point *items;
	size_t count, capacity;
};
void abl_points_add(struct abl_points *p, int64_t step, const char *name, double value);

/* Of a loss, since its last point. */
struct abl_open_sum {
	double sum;
	int64_t count;
};

/* Where a stage stands between two steps. Zero to begin with. */
struct abl_place {
	int64_t step; /* steps done */
	uint64_t epoch;
	uint64_t position; /* items of this epoch that are used */
	struct abl_noise noise;
	struct abl_open_sum loss;
	struct abl_open_sum head[ABL_HEADS_MAX]; /* over the batches that had targets for it */
	bool due;    /* the evaluation after the last step is yet to come */
	bool enough; /* the last evaluation said that no further step is wanted */
	struct abl_best best;
	struct abl_points told; /* in their order */
	int slot; /* 0 or 1: where the next state goes, in the place of the older one */
};

void abl_place_finish(struct abl_place *p); /* null-safe */

size_t abl_state_bytes(struct abl_model *m, const struct abl_place *place); /* of its file, about */
/* Writes a state beside the one before it, and makes it last: file, rename, folder, in that order.
 * ABL_EIO: nothing is lost but itself. On success the next one goes to the other slot. */
int abl_state_save(struct abl_model *m, const char *folder, struct abl_place *place,
		   struct abl_err *err) ABL_MUST_USE;
/* Loads the newest state that is whole. Returns the steps it was saved after, or -1: there is none,
 * and model and place are as they were. Why one could not be taken is appended to `why`, in words
 * for people. `best`: one that does not know of the best weights, as earlier programs wrote, cannot
 * be taken. */
int64_t abl_state_load(struct abl_model *m, const char *folder, bool best, struct abl_place *place,
		       struct abl_str *why);

#endif
