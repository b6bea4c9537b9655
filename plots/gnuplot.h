/* SPDX-License-Identifier: Apache-2.0 */
/* gnuplot.h - runs gnuplot on a script, without a shell. */
#ifndef ABL_GNUPLOT_H
#define ABL_GNUPLOT_H

#include "errors.h"

/* Runs `gnuplot -d script` inside `folder` (-d: without the user's own settings). Errors: it is not
 * installed; it fails: its own last message is then part of the text. */
int abl_gnuplot_run(const char *folder, const char *script, struct abl_err *err) ABL_MUST_USE;

#endif
