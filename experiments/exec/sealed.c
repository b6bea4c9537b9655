/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed.h"

#include "files.h"
#include "json.h"
#include "machine.h"
#include "seal.h"
#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST ((size_t)1 << 30)

static char *path_of(const char *folder)
{
	struct abl_str path = {0};

	abl_str_printf(&path, "%s.sealed", folder);
	return path.text;
}

/* Keeping. */

static bool keep_line(void *lines, const char *text, size_t length)
{
	abl_str_add(lines, text, length);
	return true;
}

static void keep_metric(void *data, int64_t step, const char *name, double value)
{
	struct abl_seal *s = data;

	s->points++;
	s->kept.metric(s->kept.data, step, name, value);
	s->live->metric(s->live->data, step, name, value);
}

static void keep_result(void *data, const char *name, double value)
{
	struct abl_seal *s = data;

	s->kept.result(s->kept.data, name, value);
	s->live->result(s->live->data, name, value);
}

static void keep_predictions(void *data, const char *file)
{
	struct abl_seal *s = data;

	s->kept.predictions(s->kept.data, file);
	s->live->predictions(s->live->data, file);
}

static void keep_sealed(void *data, const char *hash)
{
	struct abl_seal *s = data;

	snprintf(s->made, sizeof s->made, "%s", hash);
	s->live->sealed(s->live->data, hash);
}

static void pass_progress(void *data, double share, int64_t step, int64_t steps)
{
	const struct abl_events *live = ((struct abl_seal *)data)->live;

	live->progress(live->data, share, step, steps);
}

static void pass_message(void *data, const char *text)
{
	const struct abl_events *live = ((struct abl_seal *)data)->live;

	live->message(live->data, text);
}

static bool pass_stopping(void *data)
{
	const struct abl_events *live = ((struct abl_seal *)data)->live;

	return live->stopping(live->data);
}

static void pass_paused(void *data, int64_t step)
{
	const struct abl_events *live = ((struct abl_seal *)data)->live;

	live->paused(live->data, step);
}

struct abl_events abl_seal_events(struct abl_seal *s, const struct abl_events *live)
{
	*s = (struct abl_seal){.live = live, .started = abl_clock_now()};
	s->writer = (struct abl_protocol_writer){.send = keep_line, .carrier = &s->lines};
	s->kept = abl_protocol_events(&s->writer);
	return (struct abl_events){
		.data = s,
		.progress = pass_progress,
		.metric = keep_metric,
		.result = keep_result,
		.predictions = keep_predictions,
		.message = pass_message,
		.sealed = keep_sealed,
		.stopping = pass_stopping,
		.paused = pass_paused,
	};
}

void abl_seal_finish(struct abl_seal *s)
{
	if (s)
		abl_str_finish(&s->lines);
}

int abl_seal_write(struct abl_seal *s, const char *folder, const char *key, int64_t attempt,
		   struct abl_err *err)
{
	struct abl_str text = {0};
	struct abl_json j;
	char hash[ABL_HASH_TEXT], *path = path_of(folder);
	int rc = s->writer.broken ? abl_err_set(err, ABL_EFAIL, "what the stage told is no text")
				  : 0;

	abl_str_puts(&s->lines, "");
	abl_json_begin(&j);
	abl_json_text(&j, j.root, "sealed", key);
	abl_json_int(&j, j.root, "attempt", attempt);
	abl_json_int(&j, j.root, "points", (int64_t)s->points);
	abl_json_real(&j, j.root, "seconds", abl_clock_now() - s->started);
	abl_json_text(&j, j.root, "made", s->made);
	abl_json_text(&j, j.root, "lines", abl_hash_bytes(s->lines.text, s->lines.length, hash));
	if (rc)
		abl_json_finish(&j);
	rc = rc ? rc : abl_json_end(&j, JSON_COMPACT | JSON_ENSURE_ASCII, path, &text, err);
	abl_str_puts(&text, "\n");
	abl_str_add(&text, s->lines.text, s->lines.length);
	rc = rc ? rc : abl_file_write_passing(path, text.text, text.length, err);
	abl_str_finish(&text);
	abl_seal_finish(s);
	free(path);
	return rc;
}

/* Reading. */

static const char *text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "";
}

int abl_sealed_read(struct abl_sealed *out, const char *folder, const char *key, int64_t attempt)
{
	char *path = path_of(folder), hash[ABL_HASH_TEXT];
	const char *end;
	json_t *head = NULL;
	int found;

	*out = (struct abl_sealed){0};
	if (abl_is_regular(path) && !abl_file_read(path, &out->text, LARGEST, NULL) &&
	    (end = memchr(out->text.text, '\n', out->text.length))) {
		out->lines_at = (size_t)(end + 1 - out->text.text);
		head = json_loadb(out->text.text, out->lines_at, JSON_REJECT_DUPLICATES, NULL);
	}
	abl_hash_bytes(head ? out->text.text + out->lines_at : "",
		       head ? out->text.length - out->lines_at : 0, hash);
	found = head && !strcmp(text_of(head, "sealed"), key) &&
		json_integer_value(json_object_get(head, "attempt")) == attempt &&
		!strcmp(text_of(head, "lines"), hash);
	if (found) {
		out->points = (size_t)json_integer_value(json_object_get(head, "points"));
		snprintf(out->made, sizeof out->made, "%s", text_of(head, "made"));
		out->seconds = json_number_value(json_object_get(head, "seconds"));
	} else
		abl_sealed_finish(out);
	json_decref(head);
	free(path);
	return found;
}

void abl_sealed_tell(const struct abl_sealed *s, const struct abl_events *hooks)
{
	const struct abl_protocol_hooks all = {.events = *hooks};
	const char *at = s->text.text + s->lines_at, *end = s->text.text + s->text.length;

	for (const char *line; (line = memchr(at, '\n', (size_t)(end - at))); at = line + 1)
		(void)abl_protocol_read(at, (size_t)(line - at), &all);
}

bool abl_sealed_holds(const struct abl_sealed *s, const char *folder)
{
	return abl_is_dir(folder) &&
	       !abl_made_check(folder, *s->made ? s->made : NULL, ABL_LOOK_ALL, NULL);
}

void abl_sealed_finish(struct abl_sealed *s)
{
	if (!s)
		return;
	abl_str_finish(&s->text);
	*s = (struct abl_sealed){0};
}
