/* SPDX-License-Identifier: Apache-2.0 */
/* tune.h - picks the tuned values once their runs are over. */
#ifndef ABL_TUNE_H
#define ABL_TUNE_H

#include "plan.h"
#include "store.h"

struct abl_tuning {
	void *data;
	bool (*over)(void *data, size_t stage); /* done, or will never be */
	int (*chosen)(void *data, size_t tune, struct abl_err *err);
	int (*gave_up)(void *data, size_t tune, struct abl_err *err); /* told once */
};

/* Fixes the value of each tune whose runs are all over and that has none yet: the best mean over
 * seeds (and over tasks, where they share it) of the main metric, the earlier value on a tie. A
 * value that lacks a run (it failed) counts only if every value lacks one. A tune with no result at
 * all stays without a value. Returns how many were fixed or given up, or a negative code. */
int abl_tune_choose(struct abl_plan *plan, struct abl_store *store, const struct abl_tuning *t,
		    struct abl_err *err) ABL_MUST_USE;

#endif
