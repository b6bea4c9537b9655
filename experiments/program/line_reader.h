/* SPDX-License-Identifier: Apache-2.0 */
/* line_reader.h - what readers of printed lines have in common: a text put together into lines, and
 * a search in each. */
#ifndef ABL_LINE_READER_H
#define ABL_LINE_READER_H

#include "line_search.h"
#include "metric_reader.h"
#include "text_lines.h"

struct abl_line_reader {
	const struct abl_reading *r;
	struct abl_line_search *search;
	struct abl_text_lines lines;
	bool found; /* the number, in some line: `take` says so */
};

/* abl_metric_reader.begin: `take` gets each line, cut at `limit` bytes, and the reader as its data.
 */
int abl_line_reader_begin(void **out, const struct abl_reading *r, size_t limit,
			  void (*take)(void *data, char *line, size_t length, bool cut),
			  struct abl_err *err) ABL_MUST_USE;
/* abl_metric_reader.feed and .end */
void abl_line_reader_feed(void *state, char *bytes, size_t length, bool last);
void abl_line_reader_end(void *state);

#endif
