/* SPDX-License-Identifier: Apache-2.0 */
/* key_levels.h - the variants of a grid by what they have of each key that varies. */
#ifndef ABL_KEY_LEVELS_H
#define ABL_KEY_LEVELS_H

#include "run_values.h"

struct abl_key_level {
	char *value;   /* canonical; "-": the variant has no such key */
	double number; /* NaN: it is no number */
};

struct abl_key {
	char *name;
	bool numeric;
	struct abl_key_level *level; /* numbers in order, others as they come */
	size_t levels, capacity;
	size_t *of; /* [arms] index into level */
};

struct abl_key_levels {
	struct abl_key *key;
	size_t keys, capacity, arms;
	bool *in; /* [arms] is the arm one of the grid? Not the placebo, nor a baseline beside it */
};

/* Of the arms of v. Keys that no two variants tell apart become one. */
int abl_key_levels_read(struct abl_key_levels *out, const struct abl_run_values *v,
			struct abl_store *store, int64_t study, struct abl_err *err) ABL_MUST_USE;
void abl_key_levels_finish(struct abl_key_levels *k); /* null-safe */

#endif
