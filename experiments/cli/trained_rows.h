/* SPDX-License-Identifier: Apache-2.0 */
/* trained_rows.h - whether a checkpoint was trained on the rows that a command is about. */
#ifndef ABL_TRAINED_ROWS_H
#define ABL_TRAINED_ROWS_H

#include "saved.h"
#include "task_spec.h"

/* *split: the part of the task that the checkpoint was trained on, or with `dev` one that it was
 * not: "train", "train-rest", "dev" or "held-back". The spec divides the train file as the
 * checkpoint says it was; where it says nothing, as `run` would, and standard error has that.
 * ABL_EINPUT: `dev` rows that it was trained on, or may have been. */
int abl_trained_split(const struct abl_saved *saved, struct abl_task_spec *spec, bool dev,
		      const char **split, struct abl_err *err) ABL_MUST_USE;
/* Says on standard error where the spec's test file is what the checkpoint was trained on. */
int abl_trained_warn(const char *folder, const struct abl_task_spec *spec,
		     struct abl_err *err) ABL_MUST_USE;

#endif
