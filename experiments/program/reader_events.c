/* SPDX-License-Identifier: Apache-2.0 */
/* reader_events.c - what a program says for us: lines "ablate: accuracy=0.91 step=300" among what
 * it prints, and lines of JSON in the file that $ABLATE_EVENTS names: {"accuracy": 0.91, "step":
 * 300}, {"metrics": {...}, "step": 300} or {"result": {...}}. */
#include "line_reader.h"

#include "key_path.h"
#include "loose_json.h"
#include "plain_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 20 };

static const char mark[] = "ablate:";

/* ---- name=value ---- */

static void take_text(struct abl_line_reader *s, const char *line, size_t length)
{
	struct abl_line_found f;

	if (abl_line_search_find(s->search, line, length, &f))
		s->r->point(s->r->data, &(struct abl_point){.value = f.value.value,
							    .has_step = f.has_step,
							    .step = f.step});
	else
		abl_line_names(line, length, s->r->name, s->r->data);
}

/* ---- JSON ---- */

static void tell_names(const struct abl_line_reader *s, const json_t *object)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)object, key, v)
	{
		struct abl_printed n;

		if (abl_key_number(v, &n))
			s->r->name(s->r->data, key, strlen(key));
	}
}

static void take_json(struct abl_line_reader *s, const json_t *line)
{
	const json_t *const places[] = {json_object_get(line, "result"),
					json_object_get(line, "metrics"), line};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct abl_point p = {.final = i == 0};
		struct abl_printed n;

		if (!abl_key_number(json_object_get(places[i], s->r->key), &n)) {
			tell_names(s, places[i]);
			continue;
		}
		p.value = n.value;
		p.has_step = (s->r->step && abl_key_number(json_object_get(line, s->r->step), &n) &&
			      abl_printed_step(&n, &p.step)) ||
			     abl_key_step(line, &p.step);
		s->r->point(s->r->data, &p);
	}
}

/* Behind "ablate:", where that is a word of its own; launchers put theirs before it. */
static char *behind_mark(char *line, size_t length)
{
	char *at = memmem(line, length, mark, strlen(mark));

	if (!at || (at > line && (isalnum((unsigned char)at[-1]) || at[-1] == '_')))
		return NULL;
	return at + strlen(mark);
}

static void take(void *data, char *line, size_t length, bool cut)
{
	struct abl_line_reader *s = data;
	char *end, *at;
	json_t *root = NULL;

	length = abl_plain_text(line, length);
	end = line + length;
	at = behind_mark(line, length);
	if (s->r->printed && !at)
		return;
	at = at ? at : line;
	while (at < end && isspace((unsigned char)*at))
		at++;
	if (at < end && *at == '{' && !cut)
		root = abl_loose_json(at, (size_t)(end - at), NULL);
	if (json_is_object(root))
		take_json(s, root);
	else if (at < end && *at != '{')
		take_text(s, at, (size_t)(end - at));
	json_decref(root);
}

static int begin(void **out, const struct abl_reading *r, struct abl_err *err)
{
	return abl_line_reader_begin(out, r, LONGEST, take, err);
}

const struct abl_metric_reader abl_reader_events = {
	.name = "events",
	.endings = "",
	.lines = true,
	.exact = true,
	.limit = (uint64_t)1 << 30,
	.begin = begin,
	.feed = abl_line_reader_feed,
	.end = abl_line_reader_end,
};
