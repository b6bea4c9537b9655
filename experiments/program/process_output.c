/* SPDX-License-Identifier: Apache-2.0 */
#include "process_output.h"

#include "utf8.h"
#include "writer.h"

#include <stdlib.h>
#include <string.h>

/* A progress bar ends its lines by '\r'. Empty lines are nobody's. */
static void split(struct abl_output *o, const char *bytes, size_t length)
{
	const char *end = bytes + length;

	while (bytes < end) {
		const char *stop = bytes;
		const size_t room = ABL_OUTPUT_LINE - o->part.length;
		const char *most = (size_t)(end - bytes) > room ? bytes + room : end;

		while (stop < most && *stop != '\n' && *stop != '\r')
			stop++;
		if (stop == end) {
			abl_str_add(&o->part, bytes, (size_t)(stop - bytes));
			return;
		}
		if (o->part.length) {
			abl_str_add(&o->part, bytes, (size_t)(stop - bytes));
			o->line(o->data, o->part.text, o->part.length);
			abl_str_clear(&o->part);
		} else if (stop > bytes) {
			o->line(o->data, bytes, (size_t)(stop - bytes));
		}
		bytes = stop + (stop < most);
	}
}

static void remember(struct abl_output *o, const char *bytes, size_t length)
{
	size_t at, first;

	if (length > ABL_OUTPUT_LAST) {
		o->bytes += length - ABL_OUTPUT_LAST;
		bytes += length - ABL_OUTPUT_LAST;
		length = ABL_OUTPUT_LAST;
	}
	at = o->bytes % ABL_OUTPUT_LAST;
	first = length < ABL_OUTPUT_LAST - at ? length : ABL_OUTPUT_LAST - at;
	memcpy(o->ring + at, bytes, first);
	memcpy(o->ring, bytes + first, length - first);
	o->bytes += length;
}

/* A full disk must not end the trial. */
static void put(const struct abl_output *o, const char *bytes, size_t length)
{
	if (o->log >= 0 && length)
		(void)abl_fd_write(o->log, bytes, length);
}

void abl_output_feed(struct abl_output *o, const char *bytes, size_t length)
{
	if (!o->ring)
		o->ring = abl_malloc(ABL_OUTPUT_LAST);
	if (o->bytes < ABL_OUTPUT_FIRST)
		put(o, bytes,
		    length < ABL_OUTPUT_FIRST - o->bytes ? length
							 : (size_t)(ABL_OUTPUT_FIRST - o->bytes));
	remember(o, bytes, length);
	if (o->line)
		split(o, bytes, length);
}

/* The last `length` bytes, in their order. */
static void add_last(const struct abl_output *o, size_t length, struct abl_str *out)
{
	const size_t at = (size_t)((o->bytes - length) % ABL_OUTPUT_LAST),
		     first = length < ABL_OUTPUT_LAST - at ? length : ABL_OUTPUT_LAST - at;

	abl_str_add(out, length ? o->ring + at : "", first);
	abl_str_add(out, length ? o->ring : "", length - first);
}

void abl_output_end(struct abl_output *o)
{
	struct abl_str last = {0};
	char size[32];
	uint64_t more;

	if (o->part.length)
		o->line(o->data, o->part.text, o->part.length);
	abl_str_clear(&o->part);
	if (o->bytes <= ABL_OUTPUT_FIRST)
		return;
	more = o->bytes - ABL_OUTPUT_FIRST;
	if (more > ABL_OUTPUT_LAST)
		abl_str_printf(&last, "\nablate: %s of output left out here\n",
			       abl_format_bytes((double)(more - ABL_OUTPUT_LAST), size));
	add_last(o, more < ABL_OUTPUT_LAST ? (size_t)more : ABL_OUTPUT_LAST, &last);
	put(o, last.text, last.length);
	abl_str_finish(&last);
}

/* Behind an ESC: the length of a sequence that ends with a letter ("[31m"), or of one that sets a
 * title and ends with a BEL or ESC and a backslash ("]0;title"). */
static size_t sequence(const char *at, const char *end)
{
	const char *p = at;

	if (p < end && *p == '[')
		for (p++; p < end && (unsigned char)*p < 0x40; p++)
			;
	else if (p < end && *p == ']')
		for (p++; p < end && *p != '\a' && *p != '\n' && (*p != '\\' || p[-1] != '\x1b');
		     p++)
			;
	return p < end ? (size_t)(p + 1 - at) : (size_t)(end - at);
}

void abl_output_tail(const struct abl_output *o, char *out, size_t size)
{
	struct abl_str raw = {0};
	const size_t length = o->bytes < size - 1 ? (size_t)o->bytes : size - 1;
	const char *at, *end;
	size_t used = 0;
	long bad;

	add_last(o, length, &raw);
	at = raw.text, end = at + raw.length;
	while (length < o->bytes && at < end && ((unsigned char)*at & 0xc0) == 0x80)
		at++; /* the rest of a letter that was cut */
	for (; at < end; at++) {
		if (*at == '\x1b')
			at += sequence(at + 1, end);
		else
			out[used++] = *at == '\r' ? '\n'
				      : (unsigned char)*at < ' ' && *at != '\n' && *at != '\t'
					      ? '?'
					      : *at;
	}
	out[used] = '\0';
	for (at = out; (bad = abl_utf8_bad(at, used - (size_t)(at - out))) >= 0; at += bad)
		out[(at - out) + bad] = '?';
	abl_str_finish(&raw);
}

void abl_output_finish(struct abl_output *o)
{
	if (!o)
		return;
	abl_str_finish(&o->part);
	free(o->ring);
	*o = (struct abl_output){.log = -1};
}
