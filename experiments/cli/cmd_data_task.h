/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_data_task.h - `ablate data` where it is about tasks: of a study, by name, or files. */
#ifndef ABL_CMD_DATA_TASK_H
#define ABL_CMD_DATA_TASK_H

#include "command.h"

/* Is the command line about tasks, not about texts for pre-training? */
bool abl_data_is_task(const struct abl_args *a);
/* Prints rows, labels, groups and lengths. */
int abl_data_task(const struct abl_args *a, struct abl_err *err) ABL_MUST_USE;

/* Prints a split of a task of the built-in world as a file of its format. Returns an enum
 * abl_exit. */
int abl_data_write(const struct abl_args *a, const char *name, const char *split,
		   struct abl_err *err);

#endif
