/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_data_task.h - `ablate data --task NAME [--split SPLIT]`. */
#ifndef ABL_CMD_DATA_TASK_H
#define ABL_CMD_DATA_TASK_H

#include "command.h"

/* Prints rows, labels and groups of a well-known task's splits. Returns an enum abl_exit. */
int abl_data_task(const struct abl_args *a, const char *name, struct abl_err *err);

/* Prints a split of a task of the built-in world as a file of its format. Returns an enum
 * abl_exit. */
int abl_data_write(const struct abl_args *a, const char *name, const char *split,
		   struct abl_err *err);

#endif
