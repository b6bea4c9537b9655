/* SPDX-License-Identifier: Apache-2.0 */
/* What head and worker send each other: the bytes are cut into pieces as the first one says. A
 * frame is told whole or not at all, whatever the pieces; a message that can be read, of either
 * side, is written and read again as the same. */
#include "fuzz.h"

#include "frame.h"
#include "wire.h"

#include <string.h>

struct ear {
	struct abl_str heard;
	bool whole; /* the bytes have come in one piece */
};

/* Written, and read again. */
static void say_again(const struct abl_message *m, enum abl_side side)
{
	struct abl_str once = {0}, again = {0};
	struct abl_message second;
	json_t *object;
	int rc;

	if (abl_message_put(&once, m)) { /* the text may be longer than it was */
		object = json_loads(once.text + strlen(ABL_FRAME_MARK), 0, NULL);
		rc = abl_message_read(&second, object, side, NULL);
		assert(!rc);
		assert(abl_message_put(&again, &second));
		assert(!strcmp(once.text, again.text));
		json_decref(object);
		abl_message_finish(&second);
		(void)rc;
	}
	abl_str_finish(&once);
	abl_str_finish(&again);
}

static bool hear(void *data, json_t *object)
{
	static const enum abl_side sides[] = {ABL_SIDE_HEAD, ABL_SIDE_WORKER};
	struct ear *e = data;
	bool read = false;

	for (size_t i = 0; i < 2; i++) {
		struct abl_message m;
		struct abl_err err = {0};

		if (abl_message_read(&m, object, sides[i], &err)) {
			assert(err.code == ABL_EINPUT);
			continue;
		}
		read = true;
		abl_str_printf(&e->heard, "%s\n", abl_message_name(m.say));
		if (e->whole)
			say_again(&m, sides[i]);
		abl_message_finish(&m);
	}
	if (!read)
		abl_str_puts(&e->heard, "?\n");
	return true;
}

static void hear_strange(void *data, const char *line, size_t length)
{
	assert(length && length <= ABL_STRANGE_MAX);
	abl_str_puts(&((struct ear *)data)->heard, "strange: ");
	abl_str_add(&((struct ear *)data)->heard, line, length);
	abl_str_puts(&((struct ear *)data)->heard, "\n");
}

/* Whether the link holds. */
static bool feed(struct ear *e, const char *bytes, size_t size, size_t piece)
{
	struct abl_frames f = {.data = e, .frame = hear, .strange = hear_strange};
	struct abl_err err = {0};
	bool good = true;

	abl_str_puts(&e->heard, "");
	for (size_t at = 0; at < size && good; at += piece)
		good = abl_frames_feed(&f, bytes + at, piece < size - at ? piece : size - at, &err);
	assert(good == !err.code);
	abl_frames_finish(&f);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ear whole = {.whole = true}, cut = {0};
	bool good;

	if (!size)
		return 0;
	good = feed(&whole, (const char *)data + 1, size - 1, size);
	assert(feed(&cut, (const char *)data + 1, size - 1, 1 + data[0] % 64) == good);
	assert(whole.heard.length == cut.heard.length &&
	       !memcmp(whole.heard.text, cut.heard.text, cut.heard.length));
	abl_str_finish(&whole.heard);
	abl_str_finish(&cut.heard);
	(void)good;
	return 0;
}
