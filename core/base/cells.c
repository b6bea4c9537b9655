/* SPDX-License-Identifier: Apache-2.0 */
/* cells.c - columns that texts take on a terminal and in a figure: letters of Chinese, Japanese and
 * Korean and most emoji take two, marks that stand on another letter none. */
#include "utf8.h"

#include <utf8proc.h>

/* The character at `text`: its bytes; *cells gets its columns. */
static size_t step(const char *text, size_t *cells)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);

	*cells = n > 0 ? (size_t)utf8proc_charwidth(c) : 1;
	return n > 0 ? (size_t)n : 1;
}

size_t abl_utf8_cells(const char *text)
{
	size_t sum = 0, cells;

	for (; *text; sum += cells)
		text += step(text, &cells);
	return sum;
}

size_t abl_utf8_head(const char *text, size_t room)
{
	size_t at = 0, used = 0, cells;

	while (text[at]) {
		size_t bytes = step(text + at, &cells);

		if (used + cells > room)
			break;
		used += cells, at += bytes;
	}
	return at;
}

char *abl_utf8_cut(const char *text, size_t room)
{
	size_t cells = abl_utf8_cells(text), tail = room / 2, from, skipped;
	struct abl_str out = {0};

	if (cells <= room)
		return abl_strdup(text);
	abl_str_add(&out, text, abl_utf8_head(text, room - tail - 1));
	abl_str_puts(&out, "…");
	for (from = 0; text[from] && cells > tail; cells -= skipped)
		from += step(text + from, &skipped);
	abl_str_puts(&out, text + from);
	return out.text;
}
