/* SPDX-License-Identifier: Apache-2.0 */
/* text_lines.h - pieces of a text put together into lines, within bounded memory. */
#ifndef ABL_TEXT_LINES_H
#define ABL_TEXT_LINES_H

#include "str.h"

#include <stdbool.h>
#include <stddef.h>

struct abl_text_lines {
	struct abl_str line; /* begun */
	bool returns;        /* "\r" ends a line, too: progress bars */
	size_t limit;        /* bytes of a line; what is behind is cut off */
	void *data;
	void (*take)(void *data, char *line, size_t length, bool cut);
};

/* `last`: what is there is the last line, if there is anything. */
void abl_text_lines_feed(struct abl_text_lines *l, char *bytes, size_t length, bool last);
void abl_text_lines_finish(struct abl_text_lines *l);

#endif
