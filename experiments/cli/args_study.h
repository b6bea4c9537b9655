/* SPDX-License-Identifier: Apache-2.0 */
/* args_study.h - the STUDY word of commands that read the store: a study's name, or its file. */
#ifndef ABL_ARGS_STUDY_H
#define ABL_ARGS_STUDY_H

#include "args.h"
#include "store.h"
#include "str.h"

/* Opens the store of the command line for reading and finds the study. On success *store is the
 * caller's. */
int abl_study_arg_open(const struct abl_args *args, const char *word, struct abl_store **store,
		       int64_t *study, struct abl_err *err) ABL_MUST_USE;

#endif
