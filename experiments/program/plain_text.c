/* SPDX-License-Identifier: Apache-2.0 */
#include "plain_text.h"

#include <string.h>

/* The bytes of an escape sequence (ECMA-48): "ESC [ ... letter", "ESC ] ... BEL", "ESC letter". */
static size_t sequence(const char *text, size_t length)
{
	size_t n = 2;

	if (length < 2)
		return length;
	if (text[1] == '[') {
		while (n < length && (unsigned char)text[n] >= 0x20 &&
		       (unsigned char)text[n] < 0x40)
			n++;
		return n < length ? n + 1 : length;
	}
	if (text[1] == ']') {
		while (n < length && text[n] != '\a' &&
		       !(text[n] == '\x1b' && n + 1 < length && text[n + 1] == '\\'))
			n++;
		n += n < length && text[n] == '\x1b';
		return n < length ? n + 1 : length;
	}
	return 2;
}

size_t abl_plain_text(char *line, size_t length)
{
	char *at = memchr(line, '\x1b', length), *out = at;

	if (!at)
		return length;
	for (char *end = line + length; at < end;)
		if (*at == '\x1b')
			at += sequence(at, (size_t)(end - at));
		else
			*out++ = *at++;
	return (size_t)(out - line);
}
