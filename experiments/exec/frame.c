/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <string.h>

#define MARK_LENGTH (sizeof ABL_FRAME_MARK - 1)

/* Whether what there is of the line is a frame's, as far as can be seen. */
static bool may_be_frame(const struct abl_str *part)
{
	const size_t n = part->length < MARK_LENGTH ? part->length : MARK_LENGTH;

	return !n || !memcmp(part->text, ABL_FRAME_MARK, n);
}

static void tell_strange(struct abl_frames *f)
{
	size_t n = f->part.length;

	while (n && f->part.text[n - 1] == '\r')
		n--;
	if (n && f->strange)
		f->strange(f->data, f->part.text, n);
}

static bool take_frame(struct abl_frames *f, struct abl_err *err)
{
	json_error_t where;
	json_t *object = json_loadb(f->part.text + MARK_LENGTH, f->part.length - MARK_LENGTH,
				    JSON_REJECT_DUPLICATES, &where);
	bool taken = false;

	if (!object)
		abl_err_set(err, ABL_EINPUT, "damaged frame: %s", where.text);
	else if (!json_is_object(object))
		abl_err_set(err, ABL_EINPUT, "damaged frame: not an object");
	else
		taken = f->frame(f->data, object);
	json_decref(object);
	abl_err_plain(err); /* it repeats what came */
	return taken;
}

static bool end_line(struct abl_frames *f, struct abl_err *err)
{
	bool good = true;

	if (f->part.length >= MARK_LENGTH && may_be_frame(&f->part))
		good = take_frame(f, err);
	else if (f->part.length)
		tell_strange(f);
	f->cut = false;
	abl_str_clear(&f->part);
	return good;
}

/* A piece of the next line. */
static bool add(struct abl_frames *f, const char *bytes, size_t n, struct abl_err *err)
{
	const size_t begun = f->part.length;
	size_t most = ABL_FRAME_MAX, room;

	if (begun < MARK_LENGTH && may_be_frame(&f->part)) { /* it is seen by its first bytes */
		const size_t first = n < MARK_LENGTH - begun ? n : MARK_LENGTH - begun;

		abl_str_add(&f->part, bytes, first);
		bytes += first, n -= first;
	}
	if (!may_be_frame(&f->part))
		most = ABL_STRANGE_MAX;
	room = f->part.length < most ? most - f->part.length : 0;
	if (n > room && most == ABL_FRAME_MAX) {
		abl_err_set(err, ABL_EINPUT, "damaged frame: longer than %d bytes", ABL_FRAME_MAX);
		return false;
	}
	f->cut |= n > room;
	abl_str_add(&f->part, bytes, n < room ? n : room);
	return true;
}

bool abl_frames_feed(struct abl_frames *f, const char *bytes, size_t n, struct abl_err *err)
{
	while (n && !f->broken) {
		const char *end = memchr(bytes, '\n', n);
		const size_t part = end ? (size_t)(end - bytes) : n, used = part + (end ? 1 : 0);

		f->broken = !add(f, bytes, part, err) || (end && !end_line(f, err));
		bytes += used, n -= used;
	}
	return !f->broken;
}

void abl_frames_finish(struct abl_frames *f)
{
	if (!f->broken && !may_be_frame(&f->part))
		tell_strange(f);
	abl_str_finish(&f->part);
	f->cut = false;
}

bool abl_frame_put(struct abl_str *out, struct abl_json *object)
{
	const size_t before = out->length;

	abl_str_puts(out, ABL_FRAME_MARK);
	if (!abl_json_end(object, JSON_COMPACT | JSON_ENSURE_ASCII, "a frame", out, NULL) &&
	    out->length - before <= ABL_FRAME_MAX) {
		abl_str_puts(out, "\n");
		return true;
	}
	out->length = before;
	out->text[before] = 0;
	return false;
}
