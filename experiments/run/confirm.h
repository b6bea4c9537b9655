/* SPDX-License-Identifier: Apache-2.0 */
/* confirm.h - the study that confirms what another one has found: its best variant and its
 * baseline, with seeds that it has not used, on the test files where there are any. */
#ifndef ABL_CONFIRM_H
#define ABL_CONFIRM_H

#include "errors.h"
#include "store.h"
#include "str.h"
#include "study.h"

struct abl_confirm_request {
	const char *of;      /* the study's name */
	const char *variant; /* label; NULL: the one with the best mean */
	int64_t seeds; /* of each; pre-trainings where they are crossed; 0: as many as before */
};

struct abl_confirm {
	struct abl_study *study; /* what is to be run; its name ends in "-confirm" */
	char *of, *variant;      /* the name of the study; the label */
	bool chosen;      /* the variant is the best one by its mean, and no name was given */
	double effect;    /* there; NaN: none */
	size_t among;     /* variants that it is the best of */
	bool from_record; /* the study file is gone or says something else by now */
	size_t tested;    /* tasks that have a test file */
};

/* Errors: the study was loaded, is itself such a study, or has trials that are not over. Ends with
 * abl_confirm_finish(). */
int abl_confirm_make(struct abl_confirm *out, struct abl_store *store, int64_t study,
		     const struct abl_confirm_request *request, struct abl_err *err) ABL_MUST_USE;
void abl_confirm_finish(struct abl_confirm *c); /* not the study: whoever runs it takes it */

#endif
