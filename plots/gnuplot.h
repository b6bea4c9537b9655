/* SPDX-License-Identifier: Apache-2.0 */
/* gnuplot.h - runs gnuplot on a script, without a shell. */
#ifndef ABL_GNUPLOT_H
#define ABL_GNUPLOT_H

#include "errors.h"
#include "str.h"

#include <stdbool.h>

/* Runs `gnuplot -d script` inside `folder` (-d: without the user's own settings). Errors: it is not
 * installed; it fails: its own last message is then part of the text. */
int abl_gnuplot_run(const char *folder, const char *script, struct abl_err *err) ABL_MUST_USE;

/* The characters that each installed font has, as fontconfig prints them: "20-7e a0 ...". False:
 * it cannot be asked. */
bool abl_gnuplot_charsets(struct abl_str *out);

#endif
