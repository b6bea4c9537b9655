/* SPDX-License-Identifier: Apache-2.0 */
/* args_checkpoint.h - the CHECKPOINT word: a folder, STUDY/VARIANT/TASK/SEED, or the first letters
 * of a stage's key. The store is only read. */
#ifndef ABL_ARGS_CHECKPOINT_H
#define ABL_ARGS_CHECKPOINT_H

#include "args.h"

#define ABL_CHECKPOINT_HELP                                                                \
	"CHECKPOINT is a folder, STUDY/VARIANT/TASK/SEED of the store (TASK may be\n"      \
	"'pretraining': what fine-tuning began with), or the first letters of a stage's\n" \
	"key.\n"

/* The folder that the word names; the caller's. NULL with an error: there is none, it could be
 * several, its stage is not done, its folder is gone. */
char *abl_checkpoint_arg(const struct abl_args *args, const char *word, struct abl_err *err);

#endif
