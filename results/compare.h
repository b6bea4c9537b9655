/* SPDX-License-Identifier: Apache-2.0 */
/* compare.h - the effects of one study: variant - baseline, paired by seed, with interval,
 * corrected p, and a verdict. What `run`, `compare`, the report and the figures show.
 *
 * Two families. Primary rows: one per variant, the unweighted mean over tasks of its differences,
 * Holm's correction over the variants. Task rows: a variant on one task; Holm over all of them
 * where they are at most 12, else Benjamini and Hochberg's. Placebos are a family of their own,
 * judged on their primary rows. Exploratory designs (grid, zip, random) are corrected by Benjamini
 * and Hochberg.
 *
 * The unit is the pre-training: differences of the seeds that share one are averaged first; without
 * pre-training, or with one for each seed, the unit is the seed. With fewer pre-trainings than a
 * verdict needs, what changes fine-tuning alone is tested within them ("for these 3
 * pre-trainings").
 *
 * A diverged run counts as the majority predictor; the mean without it stands beside. A crashed run
 * is no run. A run at the majority rate is counted (`collapsed`) and stays; so does one whose
 * metric is NaN since it always says the same (a constant has no correlation), as the majority
 * predictor that it is. That arms fail or collapse more often is tested by itself. While planned
 * trials are missing every row is "interim": an interval, no p, no words. */
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

struct abl_example_effect; /* example_effect.h */
struct abl_store;

#define ABL_TASK_ALL "all" /* the task of primary rows in exports */

struct abl_rate { /* how many units of an arm something befell */
	int64_t hits, units;
	double low, high; /* Wilson's 95 % interval; NaN without units */
};

struct abl_arm {               /* one variant on one task, or on all */
	char *label, *subject; /* as in schema.sql, table variant */
	enum abl_variant_kind kind;
	int planned; /* trials */
	int done;    /* and the metric told, if only as NaN */
	int pending; /* waiting or running */
	int failed;  /* failed, timed out, stopped; diverged ones are not among them */
	int diverged;
	int collapsed;       /* done, but predicting one class, or at the majority rate */
	int undefined;       /* of these: the metric has no value (NaN), counted as majority */
	size_t n;            /* values: done, and diverged as majority */
	double mean, sd;     /* of these; over all tasks: of the means over them, seed by seed */
	double mean_without; /* of the done ones only */
	struct abl_rate fails,
		collapses; /* units with a failed or diverged run; with a collapsed one */
};

enum abl_family {
	ABL_FAMILY_NONE,
	ABL_FAMILY_PRIMARY,
	ABL_FAMILY_TASK,
	ABL_FAMILY_PLACEBO,
	ABL_FAMILY_EXPLORATORY, /* of either kind of rows */
	ABL_FAMILY_INTERACTION,
};
const char *abl_family_name(enum abl_family f); /* "primary", "task" ...; "" for none */

enum abl_effect_scope { ABL_FOR_ANY, ABL_FOR_PRETRAININGS, ABL_FOR_CHECKPOINT };

/* What became of a row. */
enum abl_decision {
	ABL_DECISION_VALUES,     /* fewer units than a verdict needs: values only */
	ABL_DECISION_CANNOT_SAY, /* `reason` says why */
	ABL_DECISION_INTERIM,    /* planned trials are missing */
	ABL_DECISION_UNJUDGED,   /* a placebo outside the primary rows */
	ABL_DECISION_UNRESOLVED,
	ABL_DECISION_HURTS,
	ABL_DECISION_HELPS,
};

struct abl_effect { /* a row: a variant on a task, or its mean over tasks */
	struct abl_arm arm;
	char *tasks; /* of a primary row that the study file names, with one of several tasks:
			"conjnli"; else NULL */
	size_t n;    /* units */
	double mean, base_mean;         /* of variant and baseline over these units */
	double *difference;             /* [n] variant - baseline */
	int64_t *unit;                  /* [n] the seed of each, the first one of several */
	struct abl_t_test t;            /* on them; 95 % interval */
	double narrow_low, narrow_high; /* 90 % interval: that of equivalence */
	double p;                       /* of the t test; NaN: not tested */
	double p_adjusted;              /* over the family; NaN: not tested */
	double p_sign_flip;             /* a check beside the t test */
	enum abl_family family;
	size_t family_size;  /* hypotheses that were corrected for */
	double could_see;    /* the effect that is found with power .8 in four of five such studies,
				under the rule that decides; NaN for no spread */
	double correlation;  /* of the arms over seeds */
	double without;      /* the effect without diverged runs; NaN if there are none */
	double time;         /* training time, relative: -.004 = 0.4 % less; NaN if not known */
	bool by_pretraining; /* a unit is several seeds on one pre-training */
	size_t pretrainings; /* of ABL_FOR_PRETRAININGS */
	enum abl_effect_scope scope;
	enum abl_decision decision;
	bool equivalent;     /* surely within the margin: may be true of a row that differs */
	double p_equivalent; /* corrected; NaN: no margin */
	const char *reason;  /* of ABL_DECISION_CANNOT_SAY */
	struct abl_rate base_fails, base_collapses; /* of the baseline on the row's tasks */
	double p_fails_alone;                       /* the same test, not corrected */
	double p_fails;  /* failures or collapses against the baseline, the smaller, corrected;
			    NaN: none, or not tested */
	bool fails_more; /* than the baseline, by that test */
	bool collapses;  /* the smaller p is that of collapses */
	/* With other examples, once abl_compare_examples() has read the predictions; else NULL. */
	struct abl_example_effect *examples;
};

struct abl_interaction {  /* of two changes, per unit (y_ab - y_b) - (y_a - y_1) */
	char *task;       /* or "all" */
	char *label;      /* "segments x positions" */
	char *a, *b;      /* of the variants; b NULL: the effect of a factor over all cells, no
			     interaction */
	size_t n;         /* units */
	size_t contexts;  /* of other factors, that it is a mean over */
	double *contrast; /* [n] */
	struct abl_t_test t;
	double p, p_adjusted, could_see;
	size_t family_size;
	double cell[4];                   /* means over units: neither, a, b, both */
	bool interim, at_least, by_scale; /* by_scale: another sign on the logit scale */
	const char *reason;               /* cannot say */
	bool found;
	bool by_rate;  /* corrected by Benjamini and Hochberg, not Holm */
	bool single;   /* the effect of one factor over all cells, no interaction */
	bool removals; /* both */
	bool singles;  /* one of the two alone makes a difference, too */
	bool together; /* both together are worse than neither */
	bool lower_is_better;
};

struct abl_comparison {     /* one table */
	char *study, *task; /* task: "all" where the rows are means over tasks */
	char *only;         /* of primary rows: the study's task, where it has but one; else NULL */
	char *metric;       /* "points" where metrics of tasks differ: x 100, higher is better */
	char *split, *label; /* label: "selected on dev", or NULL */
	bool primary;        /* the rows are primary rows */
	bool pretraining;    /* the metric is one of pre-training */
	size_t tasks;        /* that the rows are means over, 1 for a task */
	/* Of every table of a study: its rows by task say more than the primary ones, since there
	 * are several tasks, or variants without a primary row. */
	bool by_task;
	bool lower_is_better;
	bool cpu_time; /* times are of the processor, not of the clock */
	bool exploratory, interim;
	double examples;     /* that were scored; NaN if not known */
	double majority;     /* score of the majority predictor; NaN if not known, or of several */
	bool majority_known; /* on every task: diverged runs count */
	bool examples_shown; /* people are told what holds with others, row by row */
	double margin;       /* 0 = none */
	bool margin_late;    /* given after the run, not in the study file */
	int verdict_from;    /* units that a verdict needs */
	int pretrainings;    /* where seeds are crossed, else 0 */
	int seeds_from, seeds_to; /* seeds were raised by hand after results; 0: not */
	struct abl_arm baseline;  /* of several arms, the mean per seed */
	int baseline_arms;
	int seeds;                 /* planned, of the baseline on one task */
	struct abl_effect *effect; /* in the order of the variants */
	size_t count;
	size_t family;         /* members of the family but placebos */
	bool by_rate;          /* corrected by Benjamini and Hochberg, not Holm */
	int64_t other_code;    /* trials whose results are of other code */
	struct abl_str guards; /* lines on what makes the numbers mean less; may be empty */
	char *mixed; /* what the arms did not have in common: "kernels: haswell, skx"; NULL if
			nothing */
};

struct abl_analysis { /* all of a study, on one metric of each task */
	char *study;
	char *metric;                 /* that was asked for; NULL: each task's main one */
	struct abl_comparison *all;   /* primary rows; never NULL */
	struct abl_comparison **task; /* [tasks] in the order of the study */
	size_t tasks;
	struct abl_interaction *interaction; /* over all tasks, then by task */
	size_t interactions;
	bool interim, exploratory;
};

struct abl_compare_request {
	const char *metric;  /* NULL: each task's main one; else that, on the tasks that have it */
	const char *variant; /* only this one, corrected like all; NULL: all */
	const char *base;    /* compared with this one; NULL: the baseline */
	bool tests;          /* the scores on the test file ('ablate test'), not on dev */
	double margin;       /* of equivalence, in the metric's unit; 0 = the study file's */
};

/* Errors: ABL_EINPUT for an unknown variant or metric, with the nearest name; no task with scores.
 */
int abl_analyse(struct abl_analysis **out, struct abl_store *store, int64_t study,
		const struct abl_compare_request *request, struct abl_err *err) ABL_MUST_USE;
void abl_analysis_destroy(struct abl_analysis *a); /* null-safe */
/* The table of a task, whatever the case of its name; NULL and ABL_EINPUT with the nearest name. */
const struct abl_comparison *abl_analysis_task(const struct abl_analysis *a, const char *task,
					       struct abl_err *err);
/* "segments x positions: -.495 [-.672, -.317], p .0003: either can go, not both". Appends a line
 * without its end. compare_interactions.c. */
void abl_interaction_text(const struct abl_interaction *i, struct abl_str *out);
/* The words alone: "either can go, not both", "not resolved, could see .021", "cannot say (floor)".
 */
void abl_interaction_words(const struct abl_interaction *i, struct abl_str *out);

/* The verdict's words: "removal hurts", "removal helps", "equivalent within ±.01", "not resolved,
 * could see .021"; "swap", "addition", "change" where the variant is not a removal; a placebo: "no
 * difference seen, could see .019"; "cannot say: no spread between seeds"; "interim"; with "fails
 * more often", "for these 3 pre-trainings", "by task" behind where that is so. "-" without a
 * verdict. Appends. */
void abl_verdict_text(const struct abl_comparison *c, const struct abl_effect *e,
		      struct abl_str *out);
/* Is there a verdict, of whatever kind? */
bool abl_has_verdict(const struct abl_effect *e);
/* Was a difference found? */
bool abl_is_decided(const struct abl_effect *e);

/* Is the variant that, beside the one it is compared with? Only against the baseline is it a
 * removal, say. */
bool abl_compare_is(const struct abl_comparison *c, const struct abl_effect *e,
		    enum abl_variant_kind kind);
/* Is every row a removal under its own name, or the placebo? */
bool abl_compare_only_removals(const struct abl_comparison *c);
/* The p that its row shows, corrected; NaN: none. That of a placebo stands in its verdict. */
double abl_effect_p(const struct abl_effect *e);
/* With how many decimals the effect and its interval, or the baseline's mean, are printed. */
struct abl_digits abl_effect_digits(const struct abl_comparison *c, const struct abl_effect *e);
struct abl_digits abl_baseline_digits(const struct abl_comparison *c);
/* What its row is called: the part, where every row is a removal under its own name; else the
 * variant's label. Behind it the task of a row that the study file names with one: "segments on
 * squad". Appends. */
void abl_compare_name(const struct abl_comparison *c, const struct abl_effect *e,
		      struct abl_str *out);
/* The same behind a name that is given: a label as a figure has it. */
void abl_compare_name_as(const char *name, const struct abl_effect *e, struct abl_str *out);
/* Has it rows with a task of their own? */
bool abl_compare_has_named(const struct abl_comparison *c);
/* What the rows of a table are about, as a title: a task, or "mean over tasks", with "or the one
 * named" where rows have a task of their own. Appends. */
void abl_compare_subject(const struct abl_comparison *c, struct abl_str *out);
/* What is said of a table without rows. */
const char *abl_compare_no_rows(const struct abl_comparison *c);
/* Has every variant of that table of a task a row? */
bool abl_compare_covers(const struct abl_comparison *c, const struct abl_comparison *task);

/* For people, 80 columns: one or more lines above, the table, and notes below (failures, scope).
 * They end with a line end. compare_table.c, compare_notes.c. */
void abl_compare_heading(const struct abl_comparison *c, struct abl_str *out);
struct abl_table *abl_compare_table(const struct abl_comparison *c); /* caller's */
/* The same with pairs, spread of the differences, correlation over seeds, effect in deviations. */
struct abl_table *abl_compare_broad_table(const struct abl_comparison *c); /* caller's */
void abl_compare_notes(const struct abl_comparison *c, struct abl_str *out);
/* For papers: the broad table with a caption and the notes. */
struct abl_table *abl_compare_paper_table(const struct abl_comparison *c); /* caller's */
/* For machines: all numbers; the rows of many comparisons may go into one table. compare_wide.c. */
struct abl_table *abl_compare_wide_table(void); /* caller's: columns, no rows yet */
void abl_compare_add_rows(const struct abl_comparison *c, struct abl_table *wide);
/* Primary rows, rows of every task, interactions. */
void abl_compare_add_analysis(const struct abl_analysis *a, struct abl_table *wide);

#endif
