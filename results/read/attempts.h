/* SPDX-License-Identifier: Apache-2.0 */
/* attempts.h - the stages of a trial and every attempt at them, in the order of the work. */
#ifndef ABL_ATTEMPTS_H
#define ABL_ATTEMPTS_H

#include "hash.h"
#include "store.h"

struct abl_trial_attempt {              /* texts last for the call; NULL: not known */
	const char *key, *stage, *role; /* role: what the stage is to the trial */
	enum abl_state stage_state;
	int64_t number;        /* from 1 within the stage; 0: it has none yet */
	int64_t of;            /* the number of its last attempt */
	double started, ended; /* seconds since 1970; NaN: not yet */
	double seconds;
	const char *state, *cause, *reason; /* how it ended; "waiting" = paused */
	const char *log;                    /* below the store */
};
typedef void abl_hear_attempt(void *data, const struct abl_trial_attempt *attempt);

/* Of every stage that serves the trial. A stage without an attempt is heard once. */
int abl_read_attempts(struct abl_store *store, int64_t trial, abl_hear_attempt *hear, void *data,
		      struct abl_err *err) ABL_MUST_USE;
/* Of one stage; its role is its name. */
int abl_read_stage_attempts(struct abl_store *store, const char *key, abl_hear_attempt *hear,
			    void *data, struct abl_err *err) ABL_MUST_USE;

/* The stage whose key begins so: 8 characters at least. 1 = found, 0 = there is none or `text` is
 * none; ABL_EINPUT: there are several. */
int abl_read_stage_key(struct abl_store *store, const char *text, char key[ABL_HASH_TEXT],
		       struct abl_err *err) ABL_MUST_USE;

#endif
