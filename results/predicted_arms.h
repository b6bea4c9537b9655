/* SPDX-License-Identifier: Apache-2.0 */
/* predicted_arms.h - what the variants of one task have predicted, as values of single examples. */
#ifndef ABL_PREDICTED_ARMS_H
#define ABL_PREDICTED_ARMS_H

#include "example_values.h"

#include "example_effect.h"

struct abl_predicted_trial {
	int64_t seed, pretraining;
	bool counts;   /* has a score, or diverged: is part of what a comparison is about */
	bool diverged; /* counts as the majority predictor */
	char *file;    /* NULL: none */
	double told;   /* the metric; NaN: it has no value */
	float *values; /* [examples] while its arm is loaded; NULL: `fault` says why */
	char *fault;
};

struct abl_predicted_arm {
	char *label;
	bool is_baseline, is_spare, loaded; /* spare: a further arm of the baseline */
	struct abl_predicted_trial *trial;
	size_t count, room;
};

struct abl_predicted {
	char *task, *metric;
	struct abl_predicted_arm *arm;
	size_t count, room;
	struct abl_example_list examples;
	struct abl_example_scorer scorer;
	struct abl_predicted_file file; /* the last one read */
	struct abl_predicted_arm *base; /* that stays loaded; NULL: none yet */
	bool resample;
	bool marks; /* each value is right or wrong */
	char *folder;
};

/* NULL: there is none. `label` NULL: the baseline. */
struct abl_predicted_arm *abl_predicted_arm_find(struct abl_predicted *x, const char *label);
/* Reads the files of an arm, the base first. */
void abl_predicted_arm_load(struct abl_predicted *x, struct abl_predicted_arm *a);
void abl_predicted_arm_load_base(struct abl_predicted *x, struct abl_predicted_arm *a);
void abl_predicted_arm_unload(struct abl_predicted_arm *a);

#endif
