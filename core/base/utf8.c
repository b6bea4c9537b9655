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
