/* SPDX-License-Identifier: Apache-2.0 */
/* chart_text.h - a chart as text, for a terminal without pictures: series are told apart by their
 * marks, never by colour, so nothing is lost in a pipe. */
#ifndef ABL_CHART_TEXT_H
#define ABL_CHART_TEXT_H

#include "chart.h"

/* Appends the chart in lines of at most `columns`. */
void abl_chart_text(const struct abl_chart *c, size_t columns, struct abl_str *out);
/* The same text in ASCII: signs by those that look most like them, other letters by "?". */
void abl_chart_text_ascii(const char *text, struct abl_str *out);

#endif
