/* SPDX-License-Identifier: Apache-2.0 */
/* example_effect.h - what an effect is worth with another dev set and another seed: from the
 * predictions that the trials of two variants have stored, example by example.
 *
 * D[s, e] is the difference variant - base of seed s on example e, in the metric's unit: of a mean
 * over examples (accuracy, exact match, squared error) the difference itself, of any other metric
 * (F1, Matthews, correlations) that of its pseudo-values, which leave out an example at a time.
 * Where a pre-training serves several seeds, its pairs are averaged first. The pairs of which a
 * file cannot be used, and those of runs that did not finish, are left out with a word. */
#ifndef ABL_EXAMPLE_EFFECT_H
#define ABL_EXAMPLE_EFFECT_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;
struct abl_predicted; /* one task's predictions; those of a base are kept between calls */

struct abl_example_effect {
	char *reason;   /* why there are no numbers, in words; NULL: there are */
	char *left_out; /* "2 of 5 pairs: FILE: ..."; NULL: every pair with a score is counted */
	bool by_pretraining; /* n counts pre-trainings, not seeds */
	size_t within;       /* pre-trainings that the units were centred within; 0: they are not */
	size_t n, examples;  /* units, and examples of each */
	double estimate;     /* mean difference */
	/* Standard error of it from the examples alone: with these runs, on another dev set. */
	double error;
	/* 95 % for another dev set and another seed; of one unit for another dev set and these two
	 * checkpoints, by the paired bootstrap, as p is. */
	double low, high, df, p; /* df NaN: by resampling, `replicates` times */
	size_t replicates;
	double total; /* standard error of both; NaN with one unit */
	/* One unit: examples on which only the variant, only the base is right, and McNemar's exact
	 * p of them; -1 and NaN where values are not right or wrong. */
	int64_t gained, lost;
	double mcnemar;
	int64_t *unit;      /* [n] ascending: seeds, or the first seed of a pre-training */
	double *difference; /* [n] theirs */
	double ms_units, ms_examples, ms_rest; /* of the two-way table D; NaN with one unit */
};

/* Reads which files there are, and no file yet. `metric`: one that the task's trials tell; NULL:
 * the main one. `tests`: the predictions for the test file. Unknown task: ABL_EINPUT. */
int abl_predicted_open(struct abl_predicted **out, struct abl_store *store, int64_t study,
		       const char *task, const char *metric, bool tests,
		       struct abl_err *err) ABL_MUST_USE;
void abl_predicted_close(struct abl_predicted *x); /* null-safe */

struct abl_example_effect abl_example_effect_none(void); /* no number, no reason */

struct abl_example_request {
	const char *variant, *base; /* labels; base NULL: the baseline, the mean of its arms */
	bool within; /* for these pre-trainings: what they differ in is taken out first */
};
/* What is wrong with files is no error: out->reason or out->left_out says it. End with
 * abl_example_effect_finish(). */
void abl_example_effect(struct abl_predicted *x, const struct abl_example_request *request,
			struct abl_example_effect *out);
/* The mean over tasks, each times its scale, with the units that all of them have: `task` [tasks]
 * are the same variant's. Each task has a dev set of its own. */
void abl_example_effect_over_tasks(const struct abl_example_effect *const *task,
				   const double *scale, size_t tasks,
				   struct abl_example_effect *out);
void abl_example_effect_finish(struct abl_example_effect *e); /* null-safe */

/* From now on the interval of a single pair of runs, and that of ABL_RESAMPLE_UNITS units or more,
 * comes from resampling seeds and examples, where that takes seconds for all variants together. */
#define ABL_RESAMPLE_UNITS 20
void abl_predicted_resample(struct abl_predicted *x);

/* Below the table of one task, for people: per row the interval for another dev set and another
 * seed, in words. example_notes.c. Appends; whole lines. */
struct abl_example_effect_row {
	const char *name; /* as the table has it */
	const struct abl_example_effect *effect;
	bool found; /* over seeds alone, once p is corrected */
};
void abl_example_effect_notes(const struct abl_example_effect_row *rows, size_t count,
			      const char *split, struct abl_str *out);

#endif
