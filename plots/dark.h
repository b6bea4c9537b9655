/* SPDX-License-Identifier: Apache-2.0 */
/* dark.h - the finish of an SVG that gnuplot wrote: its colours on dark ground, and its words for
 * those who do not see it. */
#ifndef ABL_DARK_H
#define ABL_DARK_H

#include "str.h"

/* Adds a style that gives every colour of style.gp its twin where the reader prefers dark ground
 * (on a screen; paper stays white), and the title and description of the picture. A text that is no
 * SVG of gnuplot stays as it is. */
void abl_dark_finish_svg(struct abl_str *svg, const char *title, const char *description);

#endif
