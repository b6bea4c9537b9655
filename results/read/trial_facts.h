/* SPDX-License-Identifier: Apache-2.0 */
/* trial_facts.h - all that the store has of one trial, part by part. */
#ifndef ABL_TRIAL_FACTS_H
#define ABL_TRIAL_FACTS_H

#include "answer.h"

enum abl_trial_part {
	ABL_TRIAL_ITSELF,   /* one row */
	ABL_TRIAL_RESULTS,  /* metric, value */
	ABL_TRIAL_OPTIONS,  /* name, value, set_by: "design", "task" or "" */
	ABL_TRIAL_STAGES,   /* in the order of the work */
	ABL_TRIAL_ATTEMPTS, /* of those, each with the `key` of its stage */
	ABL_TRIAL_DATA,     /* files that its task reads */
	ABL_TRIAL_RUNS,     /* starts of the program that its attempts belong to */
	ABL_TRIAL_RERUNS,
	ABL_TRIAL_PARTS,
};
/* Rows with the database's own names; times are seconds since 1970, memory is bytes. */
int abl_read_trial_part(struct abl_store *store, enum abl_trial_part part, int64_t trial,
			const struct abl_listener *to, struct abl_err *err) ABL_MUST_USE;

#endif
