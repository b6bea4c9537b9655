/* SPDX-License-Identifier: Apache-2.0 */
/* record.h - a plan, written into the results database. */
#ifndef ABL_RECORD_H
#define ABL_RECORD_H

#include "plan.h"
#include "store.h"

struct abl_record {
	struct abl_store *store;
	const struct abl_plan *plan;
	int64_t study;     /* its row */
	int64_t *variants; /* their rows */
	int64_t *trials;   /* [trials of the plan] the same */
};

/* Puts the study, its tasks, variants, options, data files, trials and stages. One transaction.
 * Ends with abl_record_finish(). */
int abl_record_plan(struct abl_record *out, struct abl_store *store, const struct abl_plan *plan,
		    struct abl_err *err) ABL_MUST_USE;
void abl_record_finish(struct abl_record *r); /* null-safe */
/* Adds what abl_plan_choose() added: the tuned value as an option, the stages and their links. */
int abl_record_choice(const struct abl_record *r, size_t tune, struct abl_err *err) ABL_MUST_USE;

/* The trial failed with a stage that is not its own: the tuning run that should have given its
 * value. */
int abl_record_failure(const struct abl_record *r, size_t trial, size_t stage,
		       struct abl_err *err) ABL_MUST_USE;

/* Puts the stages that score test files, for the trials that the study's last run has as this plan
 * has them and whose training is done, and links them there as `test`; nothing else of the record
 * changes. */
struct abl_tests_put {
	size_t put;              /* trials */
	size_t waiting;          /* are not trained yet, or otherwise than this plan says */
	struct abl_str replaced; /* lines: whose scores, of which file, these take the place of */
};
int abl_record_tests(struct abl_store *store, const struct abl_plan *plan, int64_t study,
		     struct abl_tests_put *out, struct abl_err *err) ABL_MUST_USE;

#endif
