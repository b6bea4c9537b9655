/* SPDX-License-Identifier: Apache-2.0 */
/* compare.h - the effects of one study on one task: variant - baseline, paired by seed, with
 * interval, corrected p, and a verdict. What `run`, `compare`, the report and the figures show.
 *
 * A pair is the same seed in both arms. Where a variant has other pre-trainings than the baseline
 * and a pre-training serves several seeds, the differences are averaged within it first:
 * pre-trainings are then what is counted. A diverged run counts as the majority predictor; the mean
 * without it stands beside. A crashed run is no run. A run at the majority rate is counted
 * (`collapsed`) and stays; so does one whose metric is NaN since it always says the same (a
 * constant has no correlation), as the majority predictor that it is. */
#ifndef ABL_COMPARE_H
#define ABL_COMPARE_H

#include "errors.h"
#include "stats.h"
#include "str.h"
#include "table.h"
#include "variant_kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

struct abl_arm {               /* one variant on one task */
	char *label, *subject; /* as in schema.sql, table variant */
	enum abl_variant_kind kind;
	int planned; /* trials */
	int done;    /* and the metric told, if only as NaN */
	int pending; /* waiting or running */
	int failed;  /* failed, timed out, stopped; diverged ones are not among them */
	int diverged;
	int collapsed;       /* done, but at the majority rate */
	int undefined;       /* of these: the metric has no value (NaN), counted as majority */
	size_t n;            /* values: done, and diverged as majority */
	double mean, sd;     /* of these */
	double mean_without; /* of the done ones only */
};

struct abl_effect {
	struct abl_arm arm;
	size_t n;               /* pairs */
	double mean, base_mean; /* of variant and baseline over these pairs */
	double *difference;     /* [n] variant - baseline */
	struct abl_t_test t;    /* on them; 95 % interval */
	double p;      /* of the t test; where the differences are all the same (no t): sign-flip */
	double p_holm; /* corrected; NaN for a placebo, which is no member of the family */
	double p_sign_flip;
	double could_see;    /* effect that n pairs detect with power .8; NaN for n < 2 */
	double correlation;  /* of the arms over seeds */
	double without;      /* the effect without diverged runs; NaN if there are none */
	double time;         /* training time, relative: -.004 = 0.4 % less; NaN if not known */
	bool by_pretraining; /* n counts pre-trainings, not seeds */
	enum abl_verdict verdict;
};

struct abl_comparison {
	char *study, *task, *metric, *split, *label; /* label: "selected on dev", or NULL */
	bool lower_is_better;
	double examples; /* that were scored; NaN if not known */
	double majority; /* score of the majority predictor; NaN if not known */
	double noise;    /* binomial standard error of the baseline's mean; NaN if it is no share */
	double margin;   /* given by the user; 0 = none */
	struct abl_arm baseline;
	struct abl_effect *effect; /* in the order of the variants */
	size_t count, family;      /* effects; members of Holm's family */
	int64_t other_code;        /* trials whose results are of other code */
	struct abl_str guards;     /* lines on what makes the numbers mean less; may be empty */
	char *mixed; /* what the arms did not have in common: "kernels: haswell, skx"; NULL if
			nothing */
};

struct abl_compare_request {
	const char *task;    /* needed */
	const char *variant; /* only this one, corrected like all; NULL: all */
	const char *base;    /* compared with this one; NULL: the baseline */
	bool tests;          /* the scores on the test file ('ablate test'), not on dev */
	double margin;       /* of equivalence, in the metric's unit; 0 = none */
};

/* Errors: ABL_EINPUT for an unknown task or variant, with the nearest name. */
int abl_compare(struct abl_comparison **out, struct abl_store *store, int64_t study,
		const struct abl_compare_request *request, struct abl_err *err) ABL_MUST_USE;
void abl_comparison_destroy(struct abl_comparison *c); /* null-safe */

/* The verdict's words: "removal hurts", "removal helps", "equivalent within +-.01", "not resolved,
 * could see .021"; "swap", "addition", "change" where the variant is not a removal; a placebo: "as
 * it should be". "-" without a verdict. Appends. */
void abl_verdict_text(const struct abl_comparison *c, const struct abl_effect *e,
		      struct abl_str *out);

/* Is the variant that, beside the one it is compared with? Only against the baseline is it a
 * removal, say. */
bool abl_compare_is(const struct abl_comparison *c, const struct abl_effect *e,
		    enum abl_variant_kind kind);
/* Is every row a removal under its own name, or the placebo? */
bool abl_compare_only_removals(const struct abl_comparison *c);
/* With how many decimals the effect and its interval, or the baseline's mean, are printed. */
struct abl_digits abl_effect_digits(const struct abl_comparison *c, const struct abl_effect *e);
struct abl_digits abl_baseline_digits(const struct abl_comparison *c);
/* What its row is called: the part, where every row is a removal under its own name; else the
 * variant's label. */
const char *abl_compare_name(const struct abl_comparison *c, const struct abl_effect *e);

/* For people, 80 columns: one or more lines above, the table, and notes below (failures, scope).
 * They end with a line end. compare_table.c, compare_notes.c. */
void abl_compare_heading(const struct abl_comparison *c, struct abl_str *out);
struct abl_table *abl_compare_table(const struct abl_comparison *c); /* caller's */
void abl_compare_notes(const struct abl_comparison *c, struct abl_str *out);
/* For papers: with n, the mean, a caption and the notes. */
struct abl_table *abl_compare_paper_table(const struct abl_comparison *c); /* caller's */
/* For machines: all numbers; the rows of many comparisons may go into one table. compare_wide.c. */
struct abl_table *abl_compare_wide_table(void); /* caller's: columns, no rows yet */
void abl_compare_add_rows(const struct abl_comparison *c, struct abl_table *wide);

#endif
