/* SPDX-License-Identifier: Apache-2.0 */
/* order_reason.h - why a program did not do what it was to do, from how it ended and from the last
 * lines that it printed. */
#ifndef ABL_ORDER_REASON_H
#define ABL_ORDER_REASON_H

#include "order.h"
#include "process.h"
#include "str.h"

/* Appends the line that says most: the last exception of Python with a message, else the last line
 * with letters. False: there is none. */
bool abl_order_last_words(const char *tail, struct abl_str *out);
/* Of one that ended with a code that is not 0, or by a signal. `starved`: the system has killed
 * processes for want of memory meanwhile. ABL_ENOMEM, ABL_EFULL (also where the disk of {out} is
 * full, whatever it says), ABL_EIO, ABL_EKILLED, ABL_EFAIL. */
int abl_order_reason(const struct abl_order *o, const struct abl_process_end *end, bool starved,
		     struct abl_err *err);

#endif
