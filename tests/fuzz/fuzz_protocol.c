/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a running trial: a line is taken whole or not at all, and what it said, written
 * again, reads back the same. */
#include "fuzz.h"

#include "protocol.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/* What the hooks heard, as text, and the same passed on to a writer. */
struct ear {
	struct abl_str heard;
	const struct abl_events *on; /* NULL: nobody */
	struct abl_protocol_writer *writer;
};

static void hear_progress(void *data, double share, int64_t step, int64_t steps)
{
	struct ear *e = data;

	assert(share >= 0 && share <= 1);
	abl_str_printf(&e->heard, "p %.17g %lld %lld\n", share, (long long)step, (long long)steps);
	if (e->on)
		e->on->progress(e->on->data, share, step, steps);
}

static void hear_metric(void *data, int64_t step, const char *name, double value)
{
	struct ear *e = data;

	abl_str_printf(&e->heard, "m %lld %s %.17g\n", (long long)step, name, value);
	if (e->on)
		e->on->metric(e->on->data, step, name, value);
}

static void hear_result(void *data, const char *name, double value)
{
	struct ear *e = data;

	abl_str_printf(&e->heard, "r %s %.17g\n", name, value);
	if (e->on)
		e->on->result(e->on->data, name, value);
}

static void hear_predictions(void *data, const char *file)
{
	struct ear *e = data;

	abl_str_printf(&e->heard, "f %s\n", file);
	if (e->on)
		e->on->predictions(e->on->data, file);
}

static void hear_message(void *data, const char *text)
{
	struct ear *e = data;

	abl_str_printf(&e->heard, "t %s\n", text);
	if (e->on)
		e->on->message(e->on->data, text);
}

static void hear_paused(void *data, int64_t step)
{
	struct ear *e = data;

	abl_str_printf(&e->heard, "z %lld\n", (long long)step);
	if (e->on)
		e->on->paused(e->on->data, step);
}

static void hear_error(void *data, const char *text, const char *cause)
{
	struct ear *e = data;

	abl_str_printf(&e->heard, "e %s %s\n", text, cause ? cause : "-");
	if (e->writer)
		abl_protocol_error(e->writer, text, cause);
}

/* Is the line taken? */
static bool hear(struct ear *e, const char *line, size_t length)
{
	const struct abl_protocol_hooks hooks = {.events = {.data = e,
							    .progress = hear_progress,
							    .metric = hear_metric,
							    .result = hear_result,
							    .predictions = hear_predictions,
							    .message = hear_message,
							    .paused = hear_paused},
						 .error = hear_error};
	bool taken;

	abl_str_puts(&e->heard, "");
	taken = abl_protocol_read(line, length, &hooks);
	assert(taken || !e->heard.length);
	return taken;
}

static bool send(void *sent, const char *text, size_t length)
{
	abl_str_add(sent, text, length);
	return true;
}

static void hear_again(struct abl_str *sent, struct ear *e)
{
	char *rest = sent->text, *line;

	while (rest && (line = strsep(&rest, "\n")) && *line) {
		bool taken = hear(e, line, strlen(line));

		assert(taken);
		(void)taken;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct abl_protocol_hooks deaf;
	struct abl_str sent = {0};
	struct abl_protocol_writer writer = {.send = send, .carrier = &sent};
	const struct abl_events on = abl_protocol_events(&writer);
	struct ear first = {.on = &on, .writer = &writer}, second = {0};
	bool taken = hear(&first, (const char *)data, size);

	assert(taken == abl_protocol_read((const char *)data, size, &deaf));
	hear_again(&sent, &second);
	assert(!writer.broken);
	abl_str_puts(&second.heard, "");
	assert(!strcmp(first.heard.text, second.heard.text));
	abl_str_finish(&first.heard);
	abl_str_finish(&second.heard);
	abl_str_finish(&sent);
	return 0;
}
