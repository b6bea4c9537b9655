/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include "frame.h"
#include "wire_fields.h"

#include <stdlib.h>
#include <string.h>

struct field {
	const char *name;
	enum abl_field_kind kind;
	size_t at; /* in the message */
};

#define AT(member) offsetof(struct abl_message, member)
#define OF(what)                                             \
	{"key", ABL_FIELD_KEY, AT(what.key)},                \
	{                                                    \
		"attempt", ABL_FIELD_COUNT, AT(what.attempt) \
	}

static const struct field hello[] = {
	{"version", ABL_FIELD_TEXT, AT(hello.version)},
	{"keys", ABL_FIELD_TEXT, AT(hello.keys)},
	{"name", ABL_FIELD_TEXT_OR_NONE, AT(hello.name)},
	{"host", ABL_FIELD_TEXT, AT(hello.host)},
	{"cpu", ABL_FIELD_TEXT, AT(hello.cpu)},
	{"engine", ABL_FIELD_TEXT, AT(hello.engine)},
	{"compiler", ABL_FIELD_TEXT, AT(hello.compiler)},
	{"kernels", ABL_FIELD_TEXT, AT(hello.kernels)},
	{"cores", ABL_FIELD_COUNT, AT(hello.cores)},
	{"slots", ABL_FIELD_COUNT, AT(hello.slots)},
	{"threads", ABL_FIELD_COUNT, AT(hello.threads)},
	{"memory", ABL_FIELD_REAL_OR_ALL, AT(hello.memory)},
	{"seconds_left", ABL_FIELD_REAL_OR_ALL, AT(hello.seconds_left)},
	{"cards", ABL_FIELD_TEXTS, AT(hello.cards)},
	{"job", ABL_FIELD_TEXT_OR_NONE, AT(hello.job)},
	{"array", ABL_FIELD_TEXT_OR_NONE, AT(hello.array)},
	{"node", ABL_FIELD_TEXT_OR_NONE, AT(hello.node)},
	{"store", ABL_FIELD_TEXT, AT(hello.store)},
	{"was", ABL_FIELD_COUNT_OR_NONE, AT(hello.was)},
	{"running", ABL_FIELD_ATTEMPTS, AT(hello.running)},
	{"sealed", ABL_FIELD_ATTEMPTS, AT(hello.sealed)},
};
static const struct field started[] = {OF(started.of), {"pid", ABL_FIELD_COUNT, AT(started.pid)}};
static const struct field refused[] = {
	OF(refused.of),
	{"why", ABL_FIELD_REFUSAL, AT(refused.why)},
	{"text", ABL_FIELD_SAYING, AT(refused.text)},
};
static const struct field line[] = {OF(line.of), {"text", ABL_FIELD_TEXT, AT(line.text)}};
static const struct field ended[] = {
	OF(ended.of),
	{"kind", ABL_FIELD_END_KIND, AT(ended.end.kind)},
	{"exit_code", ABL_FIELD_CODE, AT(ended.end.exit_code)},
	{"signal", ABL_FIELD_CODE, AT(ended.end.signal)},
	{"asked", ABL_FIELD_BOOL, AT(ended.end.asked)},
	{"seconds", ABL_FIELD_REAL, AT(ended.end.seconds)},
	{"cpu_seconds", ABL_FIELD_REAL, AT(ended.end.cpu_seconds)},
	{"max_rss_kib", ABL_FIELD_LONG, AT(ended.end.max_rss_kib)},
	{"out_of_memory", ABL_FIELD_BOOL, AT(ended.end.out_of_memory)},
	{"strange_lines", ABL_FIELD_SIZE, AT(ended.end.strange_lines)},
	{"text", ABL_FIELD_WORDS, AT(ended.end.text)},
};
static const struct field beat[] = {
	{"seconds_left", ABL_FIELD_REAL_OR_ALL, AT(beat.seconds_left)},
	{"memory_left", ABL_FIELD_REAL_OR_ALL, AT(beat.memory_left)},
};
static const struct field leaving[] = {{"why", ABL_FIELD_SAYING, AT(leaving.why)}};
static const struct field welcome[] = {
	{"worker", ABL_FIELD_COUNT, AT(welcome.worker)},
	{"beat", ABL_FIELD_REAL, AT(welcome.beat)},
	{"lease", ABL_FIELD_REAL, AT(welcome.lease)},
	{"grace", ABL_FIELD_REAL, AT(welcome.grace)},
	{"linger", ABL_FIELD_REAL, AT(welcome.linger)},
	{"token", ABL_FIELD_TEXT, AT(welcome.token)},
};
static const struct field refuse[] = {{"text", ABL_FIELD_SAYING, AT(refuse.text)}};
static const struct field start[] = {
	OF(start.of),
	{"trial", ABL_FIELD_BELOW, AT(start.trial)},
	{"log", ABL_FIELD_BELOW, AT(start.log)},
	{"roots", ABL_FIELD_ROOTS, AT(start.roots)},
	{"threads", ABL_FIELD_COUNT, AT(start.threads)},
	{"cards", ABL_FIELD_TEXTS, AT(start.cards)},
	{"memory", ABL_FIELD_REAL, AT(start.memory)},
	{"seconds", ABL_FIELD_REAL, AT(start.seconds)},
	{"environment", ABL_FIELD_SETTINGS, AT(start.environment)},
	{"files", ABL_FIELD_FILES, AT(start.files)},
};
static const struct field stop[] = {
	{"key", ABL_FIELD_KEY_OR_ALL, AT(stop.of.key)},
	{"attempt", ABL_FIELD_COUNT, AT(stop.of.attempt)},
	{"hard", ABL_FIELD_BOOL, AT(stop.hard)},
};
static const struct field keep[] = {OF(keep)};
static const struct field drop[] = {OF(drop)};

#define ROW(name, side, list)                                \
	{                                                    \
		name, side, list, sizeof list / sizeof *list \
	}
static const struct {
	const char *name;
	enum abl_side from;
	const struct field *fields;
	size_t count;
} messages[ABL_SAYS] = {
	[ABL_SAY_HELLO] = ROW("hello", ABL_SIDE_WORKER, hello),
	[ABL_SAY_STARTED] = ROW("started", ABL_SIDE_WORKER, started),
	[ABL_SAY_REFUSED] = ROW("refused", ABL_SIDE_WORKER, refused),
	[ABL_SAY_LINE] = ROW("line", ABL_SIDE_WORKER, line),
	[ABL_SAY_ENDED] = ROW("ended", ABL_SIDE_WORKER, ended),
	[ABL_SAY_BEAT] = ROW("beat", ABL_SIDE_WORKER, beat),
	[ABL_SAY_LEAVING] = ROW("leaving", ABL_SIDE_WORKER, leaving),
	[ABL_SAY_WELCOME] = ROW("welcome", ABL_SIDE_HEAD, welcome),
	[ABL_SAY_REFUSE] = ROW("refuse", ABL_SIDE_HEAD, refuse),
	[ABL_SAY_START] = ROW("start", ABL_SIDE_HEAD, start),
	[ABL_SAY_STOP] = ROW("stop", ABL_SIDE_HEAD, stop),
	[ABL_SAY_KEEP] = ROW("keep", ABL_SIDE_HEAD, keep),
	[ABL_SAY_DROP] = ROW("drop", ABL_SIDE_HEAD, drop),
	[ABL_SAY_BYE] = {"bye", ABL_SIDE_HEAD, NULL, 0},
};

const char *abl_message_name(enum abl_say say)
{
	return messages[say].name;
}

bool abl_message_put(struct abl_str *out, const struct abl_message *m)
{
	struct abl_json j;

	abl_json_begin(&j);
	abl_json_text(&j, j.root, "say", messages[m->say].name);
	for (size_t i = 0; i < messages[m->say].count; i++) {
		const struct field *f = &messages[m->say].fields[i];

		abl_field_put(f->kind, &j, f->name, (const char *)m + f->at);
	}
	return abl_frame_put(out, &j);
}

static int find(const char *name, enum abl_side from)
{
	for (int i = 0; i < ABL_SAYS; i++)
		if (messages[i].from == from && !strcmp(messages[i].name, name))
			return i;
	return -1;
}

static int read_fields(struct abl_message *out, const json_t *object, struct abl_err *err)
{
	for (size_t i = 0; i < messages[out->say].count; i++) {
		const struct field *f = &messages[out->say].fields[i];
		const json_t *value = json_object_get(object, f->name);

		if (!abl_field_read(f->kind, value, (char *)out + f->at, out))
			return abl_err_set(err, ABL_EINPUT, "damaged message '%s': %s '%s'",
					   messages[out->say].name, value ? "cannot use its" : "no",
					   f->name);
	}
	return 0;
}

int abl_message_read(struct abl_message *out, json_t *object, enum abl_side from,
		     struct abl_err *err)
{
	const char *name = json_string_value(json_object_get(object, "say"));
	const int at = name ? find(name, from) : -1;
	int rc;

	*out = (struct abl_message){0};
	if (at < 0) {
		rc = abl_err_set(err, ABL_EINPUT, "unknown message '%.40s'", name ? name : "");
		abl_err_plain(err);
		return rc;
	}
	out->say = (enum abl_say)at;
	out->root = json_incref(object);
	rc = read_fields(out, object, err);
	if (rc)
		abl_message_finish(out);
	return rc;
}

void abl_message_finish(struct abl_message *m)
{
	if (!m)
		return;
	json_decref(m->root);
	for (size_t i = 0; i < m->own_count; i++)
		free(m->own[i]);
	*m = (struct abl_message){0};
}
