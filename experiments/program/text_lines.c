/* SPDX-License-Identifier: Apache-2.0 */
#include "text_lines.h"

#include <string.h>

static char *find_end(const struct abl_text_lines *l, char *text, size_t length)
{
	char *end = memchr(text, '\n', length);
	char *back = l->returns ? memchr(text, '\r', end ? (size_t)(end - text) : length) : NULL;

	return back ? back : end;
}

static void keep(struct abl_text_lines *l, const char *text, size_t length)
{
	size_t room = l->limit + 1 - l->line.length; /* one more: it was cut */

	abl_str_add(&l->line, text, length < room ? length : room);
}

static void give(struct abl_text_lines *l, char *text, size_t length)
{
	bool cut = length > l->limit;

	l->take(l->data, text, cut ? l->limit : length, cut);
}

void abl_text_lines_feed(struct abl_text_lines *l, char *bytes, size_t length, bool last)
{
	char *end;

	while (length && (end = find_end(l, bytes, length))) {
		size_t n = (size_t)(end - bytes);

		if (l->line.length) {
			keep(l, bytes, n);
			give(l, l->line.text, l->line.length);
			abl_str_clear(&l->line);
		} else {
			give(l, bytes, n);
		}
		bytes += n + 1;
		length -= n + 1;
	}
	if (length)
		keep(l, bytes, length);
	if (last && l->line.length) {
		give(l, l->line.text, l->line.length);
		abl_str_clear(&l->line);
	}
}

void abl_text_lines_finish(struct abl_text_lines *l)
{
	abl_str_finish(&l->line);
}
