/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <stdbool.h>
#include <stdint.h>

static bool begins_point(char byte)
{
	return ((unsigned char)byte & 0xC0) != 0x80;
}

size_t abl_utf8_points(const char *text, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += begins_point(text[i]);
	return n;
}

size_t abl_utf8_byte(const char *text, size_t length, size_t point)
{
	for (size_t i = 0; i < length; i++)
		if (begins_point(text[i]) && !point--)
			return i;
	return point ? SIZE_MAX : length;
}

long abl_utf8_bad(const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < length;) {
		unsigned c = s[i];
		unsigned n = c < 0x80                ? 0
			     : c >= 0xC2 && c < 0xE0 ? 1
			     : c >= 0xE0 && c < 0xF0 ? 2
			     : c >= 0xF0 && c < 0xF5 ? 3
						     : 4;

		if (n == 4 || i + n >= length + !n)
			return (long)i;
		for (unsigned k = 1; k <= n; k++)
			if ((s[i + k] & 0xC0) != 0x80)
				return (long)i;
		if ((c == 0xE0 && s[i + 1] < 0xA0) || (c == 0xED && s[i + 1] > 0x9F) ||
		    (c == 0xF0 && s[i + 1] < 0x90) || (c == 0xF4 && s[i + 1] > 0x8F))
			return (long)i;
		i += n + 1;
	}
	return -1;
}
