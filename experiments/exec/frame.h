/* SPDX-License-Identifier: Apache-2.0 */
/* frame.h - how a head and a worker send each other objects, whatever carries the bytes: each is
 *one line,
 *
 *	@ablate {"say":"beat",...}
 *
 * of at most ABL_FRAME_MAX bytes. A line without the mark is what a launcher says: a banner, a
 * warning of srun. It is passed on, and is no error. */
#ifndef ABL_FRAME_H
#define ABL_FRAME_H

#include "errors.h"
#include "json.h"
#include "str.h"

#include <stdbool.h>
#include <stddef.h>

#define ABL_FRAME_MARK "@ablate "
enum {
	ABL_FRAME_MAX = 1 << 20,  /* bytes, with the mark and without the line's end */
	ABL_STRANGE_MAX = 1 << 12 /* of a line without the mark; what is longer is cut there */
};

struct abl_frames {
	void *data;
	/* One object, borrowed. False: it is not to be had, and the link with it. */
	bool (*frame)(void *data, json_t *object);
	/* A line without the mark and without its end; may be NULL. */
	void (*strange)(void *data, const char *line, size_t length);
	struct abl_str part; /* what has come of the next line */
	bool cut;            /* the rest of a strange line is being passed over */
	bool broken;
};

/* Takes bytes as they come. False: too long a frame, one that is no JSON object (`err` says so), or
 * `frame` has said false (`err` is untouched). Nothing more is taken from then on. */
bool abl_frames_feed(struct abl_frames *f, const char *bytes, size_t n, struct abl_err *err);
/* No more comes: a strange line without its end is told; half a frame is none. Frees. */
void abl_frames_finish(struct abl_frames *f);

/* Appends the object as a frame, and ends the maker. False: it would be too long, or a text of it
 * is not UTF-8; nothing was appended. */
bool abl_frame_put(struct abl_str *out, struct abl_json *object);

#endif
