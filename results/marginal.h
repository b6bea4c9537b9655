/* SPDX-License-Identifier: Apache-2.0 */
/* marginal.h - which key mattered: the mean of each level of each key that a grid varies, over the
 * combinations of the others.
 *
 * Per unit (run_values.h), a level's mean is that over the combinations of the other keys for which
 * every level of the key has a value in this unit: levels are compared over the same ones. What is
 * left out is named. Intervals are t over units. All of it is exploratory: no verdict. */
#ifndef ABL_MARGINAL_H
#define ABL_MARGINAL_H

#include "errors.h"
#include "stats.h"
#include "str.h"
#include "table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

struct abl_marginal_level {
	char *value;                  /* canonical; of keys that go together: "64, .1" */
	double number;                /* NaN: it is no number */
	struct abl_t_test mean;       /* estimate, low, high: 95 % */
	struct abl_t_test difference; /* to the key's best level, paired by unit; NaN there */
	size_t n;                     /* units */
	bool best;
};

struct abl_marginal_key {
	char *name; /* "learning_rate"; of keys that no variant tells apart: "layers, hidden" */
	bool numeric;
	struct abl_marginal_level *level; /* numbers in order, else as they come */
	size_t levels;
	size_t combinations; /* of the other keys, that every level has */
	size_t holes;        /* that some level has no variant for */
	size_t missing; /* combinations x units left out, since some level has no value there */
	bool by_draws;  /* of a random design: n counts draws, Welch's t between levels */
	double range;   /* between the best and the worst mean */
	/* Of the sum of squares of all values about their units' means: what the key explains by
	 * itself, beside the others (type II); NaN: not known. */
	double share;
	const char *reason; /* why there are no means; NULL: there are */
};

struct abl_marginal_best {
	char *label;
	struct abl_t_test mean; /* over units */
	size_t n;
};

#define ABL_MARGINAL_BEST 5
struct abl_marginal {
	char *study, *task, *metric, *split;
	bool lower_is_better, by_pretraining;
	struct abl_marginal_key *key; /* that which explains most comes first */
	size_t keys;
	size_t variants, units; /* that have values; the most of one variant */
	struct abl_marginal_best best[ABL_MARGINAL_BEST];
	size_t bests;
	double error; /* standard error of a variant's mean, pooled over variants; NaN: not known */
	double luck;  /* by how many of these the best of as many equal variants beats the truth */
	struct abl_str lacking; /* variants without all their values, "layers=4 (3 of 5)" */
};

/* The task's main metric. Errors: ABL_EINPUT where nothing varies, or for an unknown task. */
int abl_marginal(struct abl_marginal **out, struct abl_store *store, int64_t study,
		 const char *task, struct abl_err *err) ABL_MUST_USE;
void abl_marginal_destroy(struct abl_marginal *m); /* null-safe */

/* marginal_table.c: a row per level, key by key; the caller's. The text above it, and below; they
 * end with a line end. */
struct abl_table *abl_marginal_table(const struct abl_marginal *m);
void abl_marginal_heading(const struct abl_marginal *m, struct abl_str *out);
void abl_marginal_notes(const struct abl_marginal *m, struct abl_str *out);
/* For machines; rows of several tasks may go into one. */
struct abl_table *abl_marginal_wide_table(void);
void abl_marginal_add_rows(const struct abl_marginal *m, struct abl_table *wide);

#endif
