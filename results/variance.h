/* SPDX-License-Identifier: Apache-2.0 */
/* variance.h - where the variance of a task's main metric comes from: of initial weights, of the
 * order of the data, of pre-training, of what else a seed decides.
 *
 * Sources are the keys of seeds that the study varies (init_seed, order_seed, any name that ends in
 * "seed"), the pre-training where each has several fine-tunings, and the seed of the trial where it
 * repeats the same combinations. What else varies is taken out first (configurations are compared
 * with themselves). Variance components by Henderson's method 3 (stats/anova.h). */
#ifndef ABL_VARIANCE_H
#define ABL_VARIANCE_H

#include "errors.h"
#include "str.h"
#include "table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

struct abl_variance_source {
	char *name;    /* "init_seed", "pre-training", "seed"; the last one: "the rest" */
	size_t levels; /* 0: the rest */
	double df;
	double variance; /* NaN: it cannot be told from the others */
	double share;    /* of the sum of all */
};

struct abl_variance {
	char *study, *task, *metric, *split;
	struct abl_variance_source *source;
	size_t count;
	size_t trials;         /* that have values */
	size_t configurations; /* that were taken out; 1: nothing else varies */
	size_t missing;        /* trials without a value */
};

/* ABL_EINPUT, with the reason and what to do, where nothing is crossed. */
int abl_variance(struct abl_variance **out, struct abl_store *store, int64_t study,
		 const char *task, struct abl_err *err) ABL_MUST_USE;
void abl_variance_destroy(struct abl_variance *v); /* null-safe */

/* variance_table.c: a row per source; the caller's. The text above it, and below; they end with a
 * line end. */
struct abl_table *abl_variance_table(const struct abl_variance *v);
void abl_variance_heading(const struct abl_variance *v, struct abl_str *out);
void abl_variance_notes(const struct abl_variance *v, struct abl_str *out);
/* For machines; rows of several tasks may go into one. */
struct abl_table *abl_variance_wide_table(void);
void abl_variance_add_rows(const struct abl_variance *v, struct abl_table *wide);

#endif
