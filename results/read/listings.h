/* SPDX-License-Identifier: Apache-2.0 */
/* listings.h - what is shown row by row: of status, results and the report. */
#ifndef ABL_LISTINGS_H
#define ABL_LISTINGS_H

#include "answer.h"

enum abl_listing {
	ABL_LISTING_STUDIES,  /* of the store (the study's id is not asked for): trials by state */
	ABL_LISTING_VARIANTS, /* variant and task: trials by state */
	ABL_LISTING_STAGES,   /* kind of stage: stages by state */
	ABL_LISTING_SCORES, /* task and variant: each task's main metric over seeds, as comparisons
			       count it */
	ABL_LISTING_FAILURES, /* trial and stage that failed */
	ABL_LISTING_CHANGES,  /* variant: what it has other than the baseline */
	ABL_LISTING_BASELINE, /* option of the baseline */
	ABL_LISTING_STARTS,   /* start of the program */
	ABL_LISTING_WORKERS,  /* worker that joined some start */
	ABL_LISTING_DATA,     /* data file */
	ABL_LISTING_CODE,     /* start and step of a user's program: its code and environment */
	ABL_LISTINGS,
};
int abl_read_listing(struct abl_store *store, enum abl_listing what, int64_t study,
		     const struct abl_listener *to, struct abl_err *err) ABL_MUST_USE;

/* A row per trial: the columns of the view `trials` that say something in this study. */
int abl_read_trials(struct abl_store *store, int64_t study, const struct abl_listener *to,
		    struct abl_err *err) ABL_MUST_USE;

/* Task and variant: what training reached, and how long it took, on average over the done trials.
 */
int abl_read_training(struct abl_store *store, int64_t study, const struct abl_listener *to,
		      struct abl_err *err) ABL_MUST_USE;

#endif
