/* SPDX-License-Identifier: Apache-2.0 */
/* predicted_store.h - studies whose trials have stored predictions. */
#ifndef ABL_PREDICTED_STORE_H
#define ABL_PREDICTED_STORE_H

#include "str.h"
#include "store.h"

#define PREDICTED_DIVERGED (-1e9) /* told by a trial that diverged, and has stored nothing */

struct predicted_study {
	const char *name, *task, *type, *metric; /* type "": a program's */
	int arms, seeds;                         /* arm 0 is the baseline, arm i "no part<i>" */
	int seeds_per_pretraining;               /* shared by all arms; 0 = there is none */
	double examples;
	/* What trial (arm, seed from 0) has stored, and the metric that it told. */
	void (*predict)(void *data, int arm, int seed, struct abl_str *file, double *told);
	void *data;
};

/* Plans and "runs" the study, in one transaction. Ends the program with a message when anything
 * fails. */
void predicted_store_fill(struct abl_store *s, const struct predicted_study *y);
/* Where the predictions of a trial lie; the caller frees. */
char *predicted_store_file(const struct abl_store *s, const struct predicted_study *y, int arm,
			   int seed);

#endif
