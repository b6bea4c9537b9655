/* SPDX-License-Identifier: Apache-2.0 */
/* args_trial.h - the TRIAL word of commands: its number, or STUDY/VARIANT/TASK/SEED; where a stage
 * will do, the beginning of its key. */
#ifndef ABL_ARGS_TRIAL_H
#define ABL_ARGS_TRIAL_H

#include "args.h"
#include "hash.h"
#include "store.h"

struct abl_trial_arg {
	int64_t trial;           /* 0: a stage is meant */
	char key[ABL_HASH_TEXT]; /* of that stage; "" else */
};

/* Opens the store of the command line for reading and finds what the word names; on success *store
 * is the caller's. */
int abl_trial_arg_open(const struct abl_args *args, const char *word, struct abl_store **store,
		       struct abl_trial_arg *out, struct abl_err *err) ABL_MUST_USE;

#endif
