/* SPDX-License-Identifier: Apache-2.0 */
/* chart_layout.h - where everything in a picture goes. */
#ifndef ABL_CHART_LAYOUT_H
#define ABL_CHART_LAYOUT_H

#include "chart.h"

struct abl_frame { /* shares of the picture, as gnuplot's "screen" coordinates */
	double left, right, top, bottom;
	char *title, *more; /* of the panel: one line or two */
};

struct abl_layout {
	int width, height; /* pixels */
	struct abl_frame *panel;
	struct abl_str titles, captions; /* a line each, "\n" between */
	int title_lines, caption_lines;
};

/* Of a chart that fits. */
void abl_layout_make(struct abl_layout *l, const struct abl_chart *c);
void abl_layout_finish(struct abl_layout *l, const struct abl_chart *c);

#endif
