/* SPDX-License-Identifier: Apache-2.0 */
/* fill.h - which pieces a masked language model puts at each [MASK] of a text. */
#ifndef ABL_FILL_H
#define ABL_FILL_H

#include "saved.h"
#include "str.h"
#include "task.h"

#define ABL_FILL_BEST 5 /* pieces told for each [MASK] */

/* Appends, for each [MASK] of a text or of two, a line with its number and the likeliest pieces
 * with their probabilities, a line each. ABL_EINPUT: another number of texts, no [MASK] within the
 * length limit, bad UTF-8, weights that are not there. */
int abl_fill_masks(const struct abl_saved *saved, const struct abl_task_tools *tools,
		   const char *const *texts, size_t count, struct abl_str *out,
		   struct abl_err *err) ABL_MUST_USE;

#endif
