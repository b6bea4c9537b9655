/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol.h"

#include "json.h"

#include <math.h>
#include <string.h>

/* Writing. */

/* A line that cannot be made must not be missing: the reader is then as good as gone. */
static void send_line(struct abl_protocol_writer *w, struct abl_json *j)
{
	struct abl_str line = {0};
	int rc = abl_json_end(j, JSON_COMPACT | JSON_ENSURE_ASCII, "a line", &line, NULL);

	abl_str_puts(&line, "\n");
	w->broken = w->broken || rc || !w->send(w->carrier, line.text, line.length);
	abl_str_finish(&line);
}

static void send_text(struct abl_protocol_writer *w, const char *kind, const char *text)
{
	struct abl_json j;

	abl_json_begin(&j);
	abl_json_text(&j, j.root, kind, text);
	send_line(w, &j);
}

static void send_progress(void *data, double share, int64_t step, int64_t steps)
{
	struct abl_json j;

	abl_json_begin(&j);
	abl_json_real(&j, j.root, "progress", share);
	abl_json_int(&j, j.root, "step", step);
	abl_json_int(&j, j.root, "steps", steps);
	send_line(data, &j);
}

static void send_metric(void *data, int64_t step, const char *name, double value)
{
	struct abl_json j;

	abl_json_begin(&j);
	abl_json_int(&j, j.root, "step", step);
	abl_json_real(&j, abl_json_object(&j, j.root, "metrics"), name, value);
	send_line(data, &j);
}

static void send_result(void *data, const char *name, double value)
{
	struct abl_json j;

	abl_json_begin(&j);
	abl_json_real(&j, abl_json_object(&j, j.root, "result"), name, value);
	send_line(data, &j);
}

static void send_predictions(void *data, const char *file)
{
	send_text(data, "predictions", file);
}

static void send_message(void *data, const char *text)
{
	send_text(data, "message", text);
}

static void send_sealed(void *data, const char *hash)
{
	send_text(data, "sealed", hash);
}

static void send_paused(void *data, int64_t step)
{
	struct abl_json j;

	abl_json_begin(&j);
	abl_json_int(&j, j.root, "paused", step);
	send_line(data, &j);
}

static bool stopping(void *data)
{
	struct abl_protocol_writer *w = data;

	return w->broken || (w->stop && w->stop());
}

struct abl_events abl_protocol_events(struct abl_protocol_writer *w)
{
	return (struct abl_events){
		.data = w,
		.progress = send_progress,
		.metric = send_metric,
		.result = send_result,
		.predictions = send_predictions,
		.message = send_message,
		.sealed = send_sealed,
		.stopping = stopping,
		.paused = send_paused,
	};
}

void abl_protocol_error(struct abl_protocol_writer *w, const char *text, const char *cause)
{
	struct abl_json j;

	abl_json_begin(&j);
	abl_json_text(&j, j.root, "error", text);
	abl_json_text(&j, j.root, "cause", cause);
	send_line(w, &j);
}

/* Reading. */

/* Puts NaN, Infinity and -Infinity into quotes where they are values: jansson refuses them bare. */
static void quote_infinite(const char *line, size_t length, struct abl_str *out)
{
	static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
	bool text = false;

	for (size_t i = 0; i < length; i++) {
		size_t n = 0;

		if (line[i] == '"')
			text = !text;
		for (size_t k = 0; !text && !n && k < sizeof words / sizeof *words; k++)
			if (length - i >= strlen(words[k]) &&
			    !memcmp(line + i, words[k], strlen(words[k])))
				n = strlen(words[k]);
		if (n) {
			abl_str_printf(out, "\"%.*s\"", (int)n, line + i);
			i += n - 1;
			continue;
		}
		abl_str_add(out, line + i, 1);
		if (text && line[i] == '\\' && i + 1 < length)
			abl_str_add(out, line + ++i, 1);
	}
}

static bool read_number(const json_t *v, double *out)
{
	const char *text = json_string_value(v);

	if (json_is_number(v))
		*out = json_number_value(v);
	else if (text && !strcmp(text, "NaN"))
		*out = NAN;
	else if (text && (!strcmp(text, "Infinity") || !strcmp(text, "-Infinity")))
		*out = *text == '-' ? -INFINITY : INFINITY;
	else
		return false;
	return true;
}

static bool all_numbers(json_t *object)
{
	const char *name;
	json_t *value;
	double x;

	json_object_foreach(object, name, value) if (!read_number(value, &x)) return false;
	return json_is_object(object);
}

static bool read_progress(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	double share;

	if (!read_number(value, &share) || !(share >= 0 && share <= 1))
		return false;
	if (h->events.progress)
		h->events.progress(h->events.data, share,
				   json_integer_value(json_object_get(root, "step")),
				   json_integer_value(json_object_get(root, "steps")));
	return true;
}

static bool read_metrics(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	const json_t *step = json_object_get(root, "step");
	const char *name;
	json_t *v;
	double x;

	if (!all_numbers(value) || !json_is_integer(step))
		return false;
	json_object_foreach(value, name, v) if (h->events.metric && read_number(v, &x))
		h->events.metric(h->events.data, json_integer_value(step), name, x);
	return true;
}

static bool read_result(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	const char *name;
	json_t *v;
	double x;

	if (!all_numbers(value))
		return false;
	json_object_foreach(value, name, v) if (h->events.result && read_number(v, &x))
		h->events.result(h->events.data, name, x);
	return true;
}

static bool read_text(json_t *value, void (*hook)(void *, const char *), void *data)
{
	if (!json_is_string(value))
		return false;
	if (hook)
		hook(data, json_string_value(value));
	return true;
}

static bool read_predictions(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	return read_text(value, h->events.predictions, h->events.data);
}

static bool read_message(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	return read_text(value, h->events.message, h->events.data);
}

static bool read_sealed(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	return read_text(value, h->events.sealed, h->events.data);
}

static bool read_error(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	const json_t *cause = json_object_get(root, "cause");

	if (!json_is_string(value) || (cause && !json_is_string(cause)))
		return false;
	if (h->error)
		h->error(h->events.data, json_string_value(value), json_string_value(cause));
	return true;
}

static bool read_paused(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	if (h->events.paused)
		h->events.paused(h->events.data, json_integer_value(value));
	return true;
}

/* A checkpoint is the child's own affair (it lies in its output folder): nothing to be told. */
static bool read_checkpoint(const json_t *root, json_t *value, const struct abl_protocol_hooks *h)
{
	return json_is_string(value);
}

static const struct {
	const char *name; /* the member that makes it this kind of line */
	bool (*read)(const json_t *root, json_t *value, const struct abl_protocol_hooks *h);
} kinds[] = {
	{"progress", read_progress},       {"metrics", read_metrics}, {"result", read_result},
	{"predictions", read_predictions}, {"message", read_message}, {"error", read_error},
	{"checkpoint", read_checkpoint},   {"paused", read_paused},   {"sealed", read_sealed},
};

bool abl_protocol_read(const char *line, size_t length, const struct abl_protocol_hooks *hooks)
{
	struct abl_str text = {0};
	json_t *root, *value;
	bool known = false;

	quote_infinite(line, length, &text);
	abl_str_add(&text, "", 0);
	root = json_loadb(text.text, text.length, JSON_REJECT_DUPLICATES, NULL);
	for (size_t i = 0; root && !known && i < sizeof kinds / sizeof *kinds; i++)
		if ((value = json_object_get(root, kinds[i].name)))
			known = kinds[i].read(root, value, hooks);
	json_decref(root);
	abl_str_finish(&text);
	return known;
}
