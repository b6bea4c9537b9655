/* SPDX-License-Identifier: Apache-2.0 */
/* expected.h - the main metric that the best of n configurations is expected to reach, against the
 * budget n, from the draws of a random search.
 *
 * Only for designs that draw at random: of a grid, a zip or a list nothing follows for another
 * budget. A configuration counts with its mean over seeds. */
#ifndef ABL_EXPECTED_H
#define ABL_EXPECTED_H

#include "errors.h"
#include "str.h"
#include "table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

struct abl_expected_point {
	size_t budget;   /* configurations */
	double expected; /* as if drawn with replacement (Dodge et al. 2019): a little low */
	double unbiased; /* without replacement (Tang et al. 2020) */
	/* Where 95 of 100 budgets of that size end: the best of n draws, from the draws there are.
	 * It is no confidence interval. */
	double low, high;
};

struct abl_expected {
	char *study, *task, *metric, *split;
	bool lower_is_better;
	size_t draws;   /* configurations that have a value */
	size_t missing; /* that have none yet, or crashed */
	size_t shown;   /* points up to half the draws, for which the first estimate is meant */
	size_t seeds;   /* the most of one */
	struct abl_expected_point *point; /* budgets 1 to draws */
	size_t count;
};

/* ABL_EINPUT, with the reason, for any design but `random`. */
int abl_expected(struct abl_expected **out, struct abl_store *store, int64_t study,
		 const char *task, struct abl_err *err) ABL_MUST_USE;
void abl_expected_destroy(struct abl_expected *e); /* null-safe */

/* expected_table.c: a row per budget, some of them, up to half the draws; the caller's. The text
 * above it, and below; they end with a line end. */
struct abl_table *abl_expected_table(const struct abl_expected *e);
void abl_expected_heading(const struct abl_expected *e, struct abl_str *out);
void abl_expected_notes(const struct abl_expected *e, struct abl_str *out);
/* For machines, every budget up to all draws; rows of several tasks may go into one. */
struct abl_table *abl_expected_wide_table(void);
void abl_expected_add_rows(const struct abl_expected *e, struct abl_table *wide);

#endif
