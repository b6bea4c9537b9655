/* SPDX-License-Identifier: Apache-2.0 */
#include "line_splitter.h"

#include <string.h>

#define LONGEST_LINE (1 << 20) /* bytes; longer lines are strange ones */
#define MOST_STRANGE 1000      /* strange lines that are told; all are counted */

static void tell_strange(struct abl_line_splitter *s, const char *line, size_t length)
{
	if (s->strange_count++ < MOST_STRANGE)
		s->strange(s->data, line, length);
}

static void end_line(struct abl_line_splitter *s)
{
	if (s->too_long)
		tell_strange(s, "(longer than 1 MiB, dropped)", 28);
	else if (s->part.length && !s->line(s->data, s->part.text, s->part.length))
		tell_strange(s, s->part.text, s->part.length);
	s->too_long = false;
	abl_str_clear(&s->part);
}

void abl_line_splitter_feed(struct abl_line_splitter *s, const char *bytes, size_t n)
{
	while (n) {
		const char *end = memchr(bytes, '\n', n);
		size_t part = end ? (size_t)(end - bytes) : n;

		s->too_long |= s->part.length + part > LONGEST_LINE;
		if (!s->too_long)
			abl_str_add(&s->part, bytes, part);
		if (end)
			end_line(s);
		bytes += part + (end != NULL);
		n -= part + (end != NULL);
	}
}

void abl_line_splitter_finish(struct abl_line_splitter *s)
{
	end_line(s);
	abl_str_finish(&s->part);
}
