/* SPDX-License-Identifier: Apache-2.0 */
/* load_options.h - columns that say what variants are made of. */
#ifndef ABL_LOAD_OPTIONS_H
#define ABL_LOAD_OPTIONS_H

#include "load.h"

/* An option has one value in all runs of a variant on a task. A column that has not is none, and
 * its name goes to `left_out`; ABL_EINPUT where it was asked for. */
int abl_load_check_options(struct abl_load *l, struct abl_err *err) ABL_MUST_USE;
/* Those of the variant whose runs are [begin, end), row `id` of the store. */
int abl_load_put_options(const struct abl_load *l, struct abl_store *store, size_t begin,
			 size_t end, int64_t id, struct abl_err *err) ABL_MUST_USE;

#endif
