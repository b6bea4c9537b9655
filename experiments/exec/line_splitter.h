/* SPDX-License-Identifier: Apache-2.0 */
/* line_splitter.h - makes lines of bytes as they come, whatever they come by; for executors. */
#ifndef ABL_LINE_SPLITTER_H
#define ABL_LINE_SPLITTER_H

#include "str.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_line_splitter {
	void *data;
	bool (*line)(void *data, const char *line, size_t length); /* false: not understood */
	/* Such a line, or a note in place of one longer than 1 MiB: to be kept in the log. Of many
	 * only the first thousand come. */
	void (*strange)(void *data, const char *line, size_t length);
	size_t strange_count;
	struct abl_str part; /* what has come of the next line */
	bool too_long;       /* the rest of an overlong line is being skipped */
};

void abl_line_splitter_feed(struct abl_line_splitter *s, const char *bytes, size_t n);
/* No more comes: what stands there without a newline is a line, too. Frees. */
void abl_line_splitter_finish(struct abl_line_splitter *s);

#endif
