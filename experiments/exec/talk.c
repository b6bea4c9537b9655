/* SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

enum { BLOCK = 1 << 16, TURN = 1 << 22 }; /* bytes; a turn leaves the others their time */

static void end(struct abl_talk *t, const char *what, const char *how)
{
	abl_frames_finish(&t->in); /* the last words of a launcher */
	t->over = true;
	abl_err_set(&t->why, ABL_EIO, "%s%s%s", what, *how ? ": " : "", how);
}

static bool hear_frame(void *data, json_t *object)
{
	struct abl_talk *t = data;
	struct abl_message m;
	bool good;

	if (abl_message_read(&m, object, t->other, &t->why))
		return false;
	good = t->hear(t->data, &m);
	abl_message_finish(&m);
	return good;
}

static void hear_strange(void *data, const char *line, size_t length)
{
	const struct abl_talk *t = data;

	if (t->strange)
		t->strange(t->data, line, length);
}

void abl_talk_begin(struct abl_talk *t)
{
	t->in = (struct abl_frames){.data = t, .frame = hear_frame, .strange = hear_strange};
	/* What a launcher has said before without a line's end must not stand before the first
	 * mark. */
	abl_str_puts(&t->out, "\n");
}

bool abl_talk_say(struct abl_talk *t, const struct abl_message *m)
{
	return t->over || abl_message_put(&t->out, m);
}

size_t abl_talk_waiting(const struct abl_talk *t)
{
	return t->out.length - t->sent;
}

size_t abl_talk_descriptors(const struct abl_talk *t, struct pollfd *out, size_t most)
{
	return t->over || !t->link.ops ? 0
				       : t->link.ops->descriptors(
						 t->link.state, abl_talk_waiting(t) > 0, out, most);
}

static bool is_later(int why)
{
	return why == EAGAIN || why == EWOULDBLOCK || why == EINTR;
}

static void hear_all(struct abl_talk *t)
{
	char block[BLOCK];
	size_t heard = 0;

	while (!t->over && heard < TURN) {
		const ssize_t n = t->link.ops->read(t->link.state, block, sizeof block);

		if (n > 0) {
			heard += (size_t)n;
			if (!abl_frames_feed(&t->in, block, (size_t)n, &t->why)) {
				t->over = true;
				abl_err_set(&t->why, ABL_EINPUT, "not understood");
			}
		} else if (!n) {
			end(t, "the other end is gone", "");
		} else if (is_later(errno)) {
			return;
		} else {
			end(t, "cannot read", strerror(errno));
		}
	}
}

static void send_all(struct abl_talk *t)
{
	while (!t->over && !t->refused && abl_talk_waiting(t)) {
		const ssize_t n = t->link.ops->write(t->link.state, t->out.text + t->sent,
						     abl_talk_waiting(t));

		if (n >= 0)
			t->sent += (size_t)n;
		else if (is_later(errno))
			break;
		else
			t->refused = errno;
		if (!n)
			break;
	}
	if (t->sent == t->out.length) {
		abl_str_clear(&t->out);
		t->sent = 0;
	} else if (t->sent > BLOCK && t->sent > t->out.length / 2) {
		memmove(t->out.text, t->out.text + t->sent, abl_talk_waiting(t) + 1);
		t->out.length -= t->sent;
		t->sent = 0;
	}
}

bool abl_talk_advance(struct abl_talk *t)
{
	if (t->link.ops && !t->over) {
		send_all(t); /* before we see that nobody is there any more */
		hear_all(t);
		send_all(t);                /* the answers, too */
		if (t->refused && !t->over) /* once its last words are heard */
			end(t, "cannot write", strerror(t->refused));
	}
	return !t->over;
}

void abl_talk_finish(struct abl_talk *t)
{
	if (!t)
		return;
	t->in.strange = NULL;
	abl_frames_finish(&t->in);
	abl_str_finish(&t->out);
	abl_link_close(&t->link);
	t->over = true;
}
