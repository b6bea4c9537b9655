/* SPDX-License-Identifier: Apache-2.0 */
/* rerun.h - a trial once more, from what the store has of it: its study file as it was recorded,
 * its copies of code, its threads. In a folder of its own, beside the store, which stays as it is.
 */
#ifndef ABL_RERUN_H
#define ABL_RERUN_H

#include "rerun_stages.h"
#include "study_run.h"

struct abl_rerun {
	struct abl_store *store; /* that has it, open to read; the caller's */
	int64_t trial;
	struct abl_study_run run;       /* of the trial alone, in the scratch store */
	char *scratch;                  /* folder of that */
	struct abl_again_stages stages; /* as the store has them */
	/* of the trial */
	char *study, *variant, *task, *metric;
	int64_t study_id, seed;
	bool from_file; /* the study file still says what was run: values of secrets are its */
};

/* Makes the scratch store with the trial's plan, ready to run. ABL_EINPUT: it was loaded, is not
 * done, is not to be trusted, or cannot be made as it was: a file, its code or the program is
 * another one. On success and on failure the caller ends it with abl_rerun_finish(). */
int abl_rerun_prepare(struct abl_rerun *r, struct abl_store *store, int64_t trial,
		      struct abl_err *err) ABL_MUST_USE;
/* `kept` not NULL: the scratch folder stays, and is named there. */
void abl_rerun_finish(struct abl_rerun *r, struct abl_str *kept);

struct abl_rerun_found {
	bool equal;        /* to the bit, or within the tolerance */
	bool exact;        /* to the bit */
	bool same_machine; /* CPU, kernels and engine are those of then */
	size_t results, points, files;
	struct abl_str differs; /* lines for people: what differs, the first of its kind; empty */
	struct abl_str machine; /* what of it is another; empty */
};
/* Once its stages have run. */
int abl_rerun_compare(struct abl_rerun *r, struct abl_rerun_found *out,
		      struct abl_err *err) ABL_MUST_USE;
void abl_rerun_found_finish(struct abl_rerun_found *f); /* null-safe */

#endif
