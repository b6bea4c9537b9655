/* SPDX-License-Identifier: Apache-2.0 */
/* run_values.h - a task's main metric, variant by variant and unit by unit, as every table of
 * means counts it.
 *
 * There is one definition: what is done counts as it is; a diverged run, and one whose metric has
 * no value since it always says the same, count as the majority predictor; a crash, and what is not
 * over, count nothing. A unit is a seed; where each pre-training has several fine-tunings, it is
 * the pre-training, with the mean over its fine-tunings. */
#ifndef ABL_RUN_VALUES_H
#define ABL_RUN_VALUES_H

#include "errors.h"
#include "variant_kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_store;

struct abl_value_arm { /* a variant */
	char *label;
	enum abl_variant_kind kind;
	int planned, done, pending, failed,
		diverged;     /* trials; failed: not counting the diverged */
	double *value;        /* [units]; NaN: none */
	int64_t *pretraining; /* [units] the row of its stage, of one of them; 0: none */
};

enum abl_run_units {
	ABL_UNITS_INDEPENDENT, /* as above */
	ABL_UNITS_SEEDS,       /* every trial by itself */
};

struct abl_run_values {
	char *study, *task, *metric, *split;
	bool lower_is_better;
	bool crossed;              /* units are pre-trainings */
	double majority;           /* NaN: not known */
	int64_t *unit;             /* in order: seeds, or pre-trainings */
	struct abl_value_arm *arm; /* in the order of listings */
	size_t units, unit_capacity, arms, arm_capacity;
};

/* `task`: a name, of which only the letters matter. Unknown: ABL_EINPUT with the nearest. */
int abl_run_values_read(struct abl_run_values *out, struct abl_store *store, int64_t study,
			const char *task, enum abl_run_units units,
			struct abl_err *err) ABL_MUST_USE;
void abl_run_values_finish(struct abl_run_values *v); /* null-safe */

/* "the study has no task 'x'; did you mean 'y'?" */
int abl_no_task(struct abl_store *store, int64_t study, const char *task, struct abl_err *err);

/* Is the arm none of the configurations that are tried: a placebo, or the baseline once more? */
bool abl_run_values_aside(const struct abl_run_values *v, size_t arm);
/* Values of an arm that there are, in out[units]; returns how many. */
size_t abl_run_values_of(const struct abl_run_values *v, size_t arm, double *out);

#endif
