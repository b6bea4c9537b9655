/* SPDX-License-Identifier: Apache-2.0 */
#include "clean.h"

#include "unicode.h"

#include <string.h>
#include <utf8proc.h>

void abl_clean_start(struct abl_clean *c, const char *text, size_t length, bool cased)
{
	c->start = c->at = text;
	c->end = text + length;
	c->cased = cased;
	c->length = c->points = c->settled = 0;
	c->places = NULL;
}

/* The next code point of the word comes from c->at, `width` bytes. */
static void place(struct abl_clean *c, size_t width)
{
	size_t at = (size_t)(c->at - c->start);

	if (c->places)
		c->places[c->points < ABL_WORD_MAX ? c->points : ABL_WORD_MAX] =
			(struct abl_clean_place){at, at + width};
}

/* Appends a code point to the word; in uncased text marks that stay (there are few: Mn is dropped)
 * are put in canonical order on the way. */
static void append(struct abl_clean *c, int32_t point)
{
	int order = c->cased || point < 0x300 ? 0 : abl_point_order(point);
	size_t at = c->length, width;
	utf8proc_uint8_t bytes[4];

	if (c->points++ >= ABL_WORD_MAX)
		return;
	width = (size_t)utf8proc_encode_char(point, bytes);
	while (order && at > c->settled) {
		utf8proc_int32_t before;
		size_t back = at - 1;

		while ((c->buffer[back] & 0xC0) == 0x80)
			back--;
		utf8proc_iterate((const utf8proc_uint8_t *)c->buffer + back,
				 (utf8proc_ssize_t)(at - back), &before);
		if (abl_point_order(before) <= order)
			break;
		at = back;
	}
	memmove(c->buffer + at + width, c->buffer + at, c->length - at);
	memcpy(c->buffer + at, bytes, width);
	c->length += width;
	if (!order)
		c->settled = c->length;
}

/* The class of a code point and, in parts[0 .. *n-1], what it becomes before accents and case go.
 * One that decomposes to punctuation is punctuation: U+2260, "not equal", is "=" and a mark. */
static enum abl_point unfold(const struct abl_clean *c, int32_t point,
			     int32_t parts[ABL_DECOMPOSED_MAX], size_t *n)
{
	enum abl_point class = abl_point_class(point);

	parts[0] = point;
	*n = 1;
	if (c->cased || point < 0x80 || class == ABL_POINT_SPACE || class == ABL_POINT_DROP)
		return class;
	*n = abl_point_decompose(point, parts);
	if (parts[0] != point && abl_point_class(parts[0]) == ABL_POINT_PUNCTUATION)
		return ABL_POINT_PUNCTUATION;
	return class;
}

/* What a code point of `width` bytes became. */
static void append_parts(struct abl_clean *c, const int32_t *parts, size_t n, size_t width)
{
	for (size_t i = 0; i < n; i++) {
		if (c->cased || abl_point_class(parts[i]) != ABL_POINT_MARK) {
			place(c, width);
			append(c, c->cased ? parts[i] : abl_point_lower(parts[i]));
		} else if (!abl_point_order(parts[i])) {
			c->settled = c->length;
		}
	}
}

/* Takes the run of ASCII letters and digits at c->at. */
static void append_ascii(struct abl_clean *c)
{
	const char *at = c->at;
	char *out = c->buffer + c->length;
	size_t room = ABL_WORD_MAX - (c->points < ABL_WORD_MAX ? c->points : ABL_WORD_MAX);

	for (; at < c->end; at++) {
		unsigned char b = (unsigned char)*at, low = b | 0x20;

		if (low >= 'a' && low <= 'z')
			b = c->cased ? b : low;
		else if (b < '0' || b > '9')
			break;
		if (room) {
			*out++ = (char)b;
			room--;
		}
	}
	c->length = c->settled = (size_t)(out - c->buffer);
	if (!c->places) {
		c->points += (size_t)(at - c->at);
		c->at = at;
	}
	for (; c->at < at; c->at++, c->points++)
		place(c, 1);
}

static int invalid(const struct abl_clean *c, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "invalid UTF-8 at byte %zu (0x%02x)",
			   (size_t)(c->at - c->start) + 1, (unsigned char)*c->at);
}

int abl_clean_next(struct abl_clean *c, struct abl_word *word, struct abl_err *err)
{
	const char *begin = c->at, *end = c->at;
	bool alone = false;

	c->length = c->points = c->settled = 0;
	while (c->at < c->end && !alone) {
		const char *here = c->at;
		bool first = !c->points;
		int32_t point = (unsigned char)*here, parts[ABL_DECOMPOSED_MAX];
		utf8proc_ssize_t width = 1;
		enum abl_point class;
		size_t n;

		if (point >= 0x80)
			width = utf8proc_iterate((const utf8proc_uint8_t *)here, c->end - here,
						 &point);
		if (width <= 0)
			return invalid(c, err);
		class = unfold(c, point, parts, &n);
		alone = class == ABL_POINT_PUNCTUATION || class == ABL_POINT_IDEOGRAPH;
		if (!first && (alone || class == ABL_POINT_SPACE))
			break;
		if (class == ABL_POINT_TEXT && point < 0x80) {
			append_ascii(c);
		} else {
			if (class != ABL_POINT_SPACE && class != ABL_POINT_DROP)
				append_parts(c, parts, n, (size_t)width);
			c->at += width;
		}
		if (first)
			begin = here;
		if (c->points && class != ABL_POINT_DROP)
			end = c->at;
	}
	*word = (struct abl_word){.text = c->buffer,
				  .length = c->length,
				  .points = c->points,
				  .begin = (size_t)(begin - c->start),
				  .end = (size_t)(end - c->start)};
	return c->points != 0;
}
