/* SPDX-License-Identifier: Apache-2.0 */
/* store_arg.h - the store of a command that changes it. */
#ifndef ABL_STORE_ARG_H
#define ABL_STORE_ARG_H

#include "command.h"
#include "store.h"

/* Opens the store of the command line for writing. Makes none: ABL_EINPUT where there is none.
 * ABL_EFAIL: a run holds it, which is named. */
int abl_store_arg_change(const struct abl_args *args, struct abl_store **store,
			 struct abl_err *err) ABL_MUST_USE;

#endif
