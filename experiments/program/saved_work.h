/* SPDX-License-Identifier: Apache-2.0 */
/* saved_work.h - does a program go on from what an earlier attempt has saved in {out}? After a stop
 * and a kill it does. After a crash it does, too, but what it saved may be why it crashed: the next
 * attempt begins anew where this one had gone on and saved nothing more, or after many crashes. */
#ifndef ABL_SAVED_WORK_H
#define ABL_SAVED_WORK_H

#include "order.h"

#include <stdbool.h>

/* Beside {out}: how often the program has crashed since it began anew. */
#define ABL_ORDER_CRASHES "crashes"

/* Is there something to go on from? */
int abl_saved_work_is_there(const struct abl_order *o, bool *is_there,
			    struct abl_err *err) ABL_MUST_USE;
/* It has crashed after so many seconds: may the next attempt go on from what is there? `resumed`:
 * this one did. `crashes`: the path of that file. */
bool abl_saved_work_crashed(const struct abl_order *o, bool resumed, const char *crashes,
			    double seconds);

#endif
