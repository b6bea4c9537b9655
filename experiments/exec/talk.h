/* SPDX-License-Identifier: Apache-2.0 */
/* talk.h - one end of a conversation of head and worker: messages over a link. What is said waits
 * here until the link takes it; whoever says too much to one who does not listen sees it by
 * abl_talk_waiting(). */
#ifndef ABL_TALK_H
#define ABL_TALK_H

#include "frame.h"
#include "wire_link.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>

struct pollfd; /* <poll.h> */

struct abl_talk {
	struct abl_link link; /* the talk's */
	enum abl_side other;  /* who is heard */
	void *data;
	/* One message, borrowed. False: it is not to be had; the talk is over. May say something,
	 * and does nothing else to the talk. */
	bool (*hear)(void *data, const struct abl_message *m);
	/* What is no frame (frame.h); may be NULL. */
	void (*strange)(void *data, const char *line, size_t length);
	/* its own */
	struct abl_frames in;
	struct abl_str out;
	size_t sent;        /* of `out` */
	int refused;        /* errno of a write: nothing more goes */
	bool over;          /* nothing is heard or sent any more */
	struct abl_err why; /* it is over: "the other end is gone", a damaged frame */
};

/* The members above must be set. */
void abl_talk_begin(struct abl_talk *t);
/* Puts it into the queue. False: it can never be sent (too long, no UTF-8). */
bool abl_talk_say(struct abl_talk *t, const struct abl_message *m);
/* Bytes that were said and are not sent yet. */
size_t abl_talk_waiting(const struct abl_talk *t);
/* Those to wait for; returns how many there are, at most ABL_LINK_DESCRIPTORS. */
size_t abl_talk_descriptors(const struct abl_talk *t, struct pollfd *out, size_t most);
/* Hears what has come and sends what goes, without waiting. False: it is over. */
bool abl_talk_advance(struct abl_talk *t);
/* Closes the link; frees. Null-safe. */
void abl_talk_finish(struct abl_talk *t);

#endif
