/* SPDX-License-Identifier: Apache-2.0 */
/* sweep.h - metric against a number of the variant: what `scaling` and `sensitivity` have in
 * common. Variants that differ in nothing but that number (and what follows from it) make one line;
 * a line needs two different values. */
#ifndef ABL_SWEEP_H
#define ABL_SWEEP_H

#include "chart.h"
#include "facts.h"

struct abl_sweep {
	const char *x_title;
	double *x;          /* [variants] NaN = has none */
	char **group;       /* [variants] what else varies, as "dropout=0.1"; "" = nothing */
	const char *option; /* that x is, whose marginal means are drawn where there are several
			       lines; NULL: none are */
	void (*tic)(double x, char out[32]); /* the text of a mark on the x axis */
	bool measured;        /* x is no option: only numbers can move along with it (rates) */
	struct abl_str along; /* options that move along with x: "heads, ffn_size" */
};

void abl_sweep_finish(struct abl_sweep *s, const struct abl_facts *f); /* null-safe */
/* Fills `group` from the options that vary in the study, leaving out those in `without` (words with
 * a space on both sides: " layers hidden ") and those that move along with x
 * (these get into `along`). Wants x; the x of variants that belong on no line becomes NaN. */
int abl_sweep_group(struct abl_sweep *s, struct abl_store *store, const struct abl_facts *f,
		    const char *without, struct abl_err *err) ABL_MUST_USE;
/* Is there a line at all, finished or not? Wants the groups. */
bool abl_sweep_has_lines(const struct abl_sweep *s, const struct abl_facts *f);
/* One panel per task, and one for the loss of pre-training where that changes with x; one series
 * per group: a row per seed with its value and the mean and interval at its x. Adds the caption's
 * words on n and interval. No panel when no line has two points. */
int abl_sweep_chart(struct abl_chart *chart, struct abl_store *store, const struct abl_facts *f,
		    const struct abl_sweep *s, struct abl_err *err) ABL_MUST_USE;

#endif
