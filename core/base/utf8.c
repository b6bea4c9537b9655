/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

/* U+202A to U+202E and U+2066 to U+2069. */
static bool turns(const unsigned char *s, size_t length)
{
	return length > 2 && s[0] == 0xe2 &&
	       ((s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae) ||
		(s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

/* Bytes of the character at `text` if a terminal acts upon it and shows nothing; else 0. */
static size_t hidden(const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *)text;

	if (!length)
		return 0;
	if (s[0] < 0x20 || s[0] == 0x7f)
		return 1;
	if (length > 1 && s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0)
		return 2;
	return turns(s, length) ? 3 : 0;
}

bool abl_utf8_turns(const char *text)
{
	for (size_t n = strlen(text); n; text++, n--)
		if (turns((const unsigned char *)text, n))
			return true;
	return false;
}

static void add_hidden(struct abl_str *out, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	if (n == 1 && (*text == '\n' || *text == '\t'))
		abl_str_add(out, text, 1);
	else if (n == 3)
		abl_str_printf(out, "\\u%04x",
			       (unsigned)((s[0] & 15) << 12 | (s[1] & 63) << 6 | (s[2] & 63)));
	else
		abl_str_printf(out, "\\x%02x", s[n - 1]);
}

void abl_utf8_visible(struct abl_str *out, const char *text, size_t length)
{
	size_t plain;

	abl_str_puts(out, "");
	for (size_t i = 0; i < length;) {
		const long bad = abl_utf8_bad(text + i, length - i);
		const size_t end = bad < 0 ? length : i + (size_t)bad;

		while (i < end) {
			size_t n = 0;

			for (plain = i; i < end && !(n = hidden(text + i, end - i)); i++)
				;
			abl_str_add(out, text + plain, i - plain);
			if (n)
				add_hidden(out, text + i, n);
			i += n;
		}
		if (bad >= 0)
			abl_str_printf(out, "\\x%02x", (unsigned char)text[i++]);
	}
}

void abl_utf8_visible_in(char *out, size_t size, const char *text)
{
	struct abl_str shown = {0};
	size_t n;

	abl_str_puts(&shown, "");
	abl_utf8_visible(&shown, text, strlen(text));
	n = shown.length < size ? shown.length : size - 1;
	while (n < shown.length && n && ((unsigned char)shown.text[n] & 0xc0) == 0x80)
		n--;
	memcpy(out, shown.text, n);
	out[n] = '\0';
	abl_str_finish(&shown);
}
