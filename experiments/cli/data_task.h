/* SPDX-License-Identifier: Apache-2.0 */
/* data_task.h - `ablate data --task NAME`. */
#ifndef ABL_DATA_TASK_H
#define ABL_DATA_TASK_H

#include "command.h"

/* Prints rows, labels and groups of a well-known task's splits. Returns an enum abl_exit. */
int abl_data_task(const struct abl_args *a, const char *name, struct abl_err *err);

#endif
