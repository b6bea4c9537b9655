/* SPDX-License-Identifier: Apache-2.0 */
/* saved_work.h - does a program go on from what an earlier attempt has saved in {out}? After a stop
 * and a kill it does. After it has crashed it does once: what it saved may be why it crashed. So
 * the next attempt begins anew where it had gone on and saved nothing, and after its second crash,
 * unless it had got on well in between. */
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
