/* SPDX-License-Identifier: Apache-2.0 */
/* status_watch.h - `ablate status --watch`: the page of status_page.h, again and again. */
#ifndef ABL_STATUS_WATCH_H
#define ABL_STATUS_WATCH_H

#include "errors.h"

struct abl_args;

/* On a terminal a full screen until q or Ctrl-C, which leaves it as it was; elsewhere, and with
 * TERM=dumb, a block every few seconds until the reader goes. `name` NULL: all studies. */
int abl_status_watch(const struct abl_args *args, const char *name, struct abl_err *err);

#endif
