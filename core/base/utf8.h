/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - is a text UTF-8, and places in one that is: from bytes to code points and back. */
#ifndef ABL_UTF8_H
#define ABL_UTF8_H

#include "str.h"

#include <stdbool.h>
#include <stddef.h>

/* Code points that begin in the first `bytes` bytes: the place, in code points, of byte `bytes`. */
size_t abl_utf8_points(const char *text, size_t bytes);
/* The byte at which code point number `point`, from 0, begins; `length` for the place behind the
 * last one; SIZE_MAX when the text has fewer code points. */
size_t abl_utf8_byte(const char *text, size_t length, size_t point);

/* Columns that the text takes on a terminal: 2 for a letter of Chinese. */
size_t abl_utf8_cells(const char *text);
/* The byte after the first characters that fill `room` columns, or do not reach them. */
size_t abl_utf8_head(const char *text, size_t room);
/* The text in at most `room` columns: where it has more, its middle is "…". Caller's. */
char *abl_utf8_cut(const char *text, size_t room);

/* Checks UTF-8 (no surrogates, no overlong forms). Returns the offset of the first bad byte or
 * -1. */
long abl_utf8_bad(const char *text, size_t length);

/* Does the text turn the direction of what follows it, so that it can look like another one? */
bool abl_utf8_turns(const char *text);
/* Appends the text such that a terminal acts upon nothing in it: control characters and those that
 * turn the direction come as "\x1b" and "\u202e"; line ends and tabs stay. Bytes that are no UTF-8
 * are written as the former. */
void abl_utf8_visible(struct abl_str *out, const char *text, size_t length);
/* The same into `size` bytes with their end; what is too long ends behind a whole character. */
void abl_utf8_visible_in(char *out, size_t size, const char *text);

#endif
