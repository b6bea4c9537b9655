/* SPDX-License-Identifier: Apache-2.0 */
/* order_keep.h - what stays of {out} when a step is done. */
#ifndef ABL_ORDER_KEEP_H
#define ABL_ORDER_KEEP_H

#include "events.h"
#include "order.h"

/* Puts files of {out} into `output`, under the same names, and on the list of what was made
 * (made.h): those of `used` (count), those that `keep` names, or all with `keep_all`. {out} keeps
 * its own names for them where the file system has links, until it is removed: an attempt that is
 * killed between leaves all of it to the next. Links are not followed and not kept; events->message
 * says so. */
int abl_order_keep(const struct abl_order *o, const char *output, const char *const *used,
		   size_t count, const struct abl_events *events, struct abl_err *err) ABL_MUST_USE;

#endif
