/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_data_export.h - `ablate data --export world DIR`: the built-in tasks as files. */
#ifndef ABL_CMD_DATA_EXPORT_H
#define ABL_CMD_DATA_EXPORT_H

#include "command.h"

/* Writes train, dev and test of each task, all or those named, and lists them. Returns an enum
 * abl_exit. */
int abl_data_export(const struct abl_args *a, struct abl_err *err);

#endif
