/* SPDX-License-Identifier: Apache-2.0 */
#include "wire_fields.h"

#include "hash.h"
#include "utf8.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITEMS = 1 << 16, LAST_SIGNAL = 255 };

static const char *const end_kinds[] = {
	[ABL_END_EXITED] = "exited",           [ABL_END_SIGNALLED] = "signalled",
	[ABL_END_TIMED_OUT] = "timed_out",     [ABL_END_LOST] = "lost",
	[ABL_END_NOT_STARTED] = "not_started",
};
static const char *const refusals[] = {
	[ABL_REFUSED_DATA] = "data",
	[ABL_REFUSED_MEMORY] = "memory",
	[ABL_REFUSED_START] = "start",
};

/* Where the text stands in the list, or -1. */
static int find(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; text && i < count; i++)
		if (!strcmp(list[i], text))
			return (int)i;
	return -1;
}

bool abl_wire_is_key(const char *text)
{
	return text && strlen(text) == ABL_HASH_TEXT - 1 &&
	       strspn(text, "0123456789abcdef") == ABL_HASH_TEXT - 1;
}

/* A relative path without a part that leads upwards. */
static bool is_below(const char *path)
{
	if (!*path || *path == '/')
		return false;
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (!strncmp(part, "..", 2) && (!part[2] || part[2] == '/'))
			return false;
	}
	return true;
}

static void *own(struct abl_message *m, size_t count, size_t width)
{
	void *memory = abl_calloc(count + 1, width);

	m->own[m->own_count++] = memory;
	return memory;
}

/* Texts. */

static bool take_text(const json_t *value, void *to)
{
	*(const char **)to = json_string_value(value);
	return json_is_string(value);
}

static bool read_text(const json_t *value, void *to, struct abl_message *m)
{
	return take_text(value, to);
}

static bool read_text_or_none(const json_t *value, void *to, struct abl_message *m)
{
	return take_text(value, to) || json_is_null(value);
}

static bool read_key(const json_t *value, void *to, struct abl_message *m)
{
	return take_text(value, to) && abl_wire_is_key(json_string_value(value));
}

static bool read_key_or_all(const json_t *value, void *to, struct abl_message *m)
{
	return json_is_null(value) ? take_text(value, to) || true : read_key(value, to, m);
}

static bool read_below(const json_t *value, void *to, struct abl_message *m)
{
	return take_text(value, to) && is_below(json_string_value(value));
}

/* For people: nothing in it acts upon a terminal, and it is UTF-8 whoever has cut it. */
static bool read_words(const json_t *value, void *to, struct abl_message *m)
{
	if (json_is_string(value))
		abl_utf8_visible_in(to, sizeof((struct abl_end *)0)->text,
				    json_string_value(value));
	return json_is_string(value);
}

static bool read_saying(const json_t *value, void *to, struct abl_message *m)
{
	struct abl_str text = {0};

	if (!json_is_string(value))
		return false;
	abl_str_puts(&text, "");
	abl_utf8_visible(&text, json_string_value(value), json_string_length(value));
	m->own[m->own_count++] = text.text;
	*(const char **)to = text.text;
	return true;
}

static void put_text(struct abl_json *j, const char *name, const void *from)
{
	const char *text = *(const char *const *)from;

	abl_json_put(j, j->root, name, text ? json_string(text) : json_null());
}

static void put_visible(struct abl_json *j, const char *name, const char *text)
{
	struct abl_str visible = {0};

	abl_str_puts(&visible, "");
	abl_utf8_visible(&visible, text, strlen(text));
	abl_json_text(j, j->root, name, visible.text);
	abl_str_finish(&visible);
}

static void put_words(struct abl_json *j, const char *name, const void *from)
{
	put_visible(j, name, from);
}

static void put_saying(struct abl_json *j, const char *name, const void *from)
{
	put_visible(j, name, *(const char *const *)from);
}

/* Names of a list. */

static bool read_end_kind(const json_t *value, void *to, struct abl_message *m)
{
	const int at =
		find(end_kinds, sizeof end_kinds / sizeof *end_kinds, json_string_value(value));

	*(enum abl_end_kind *)to = at < 0 ? ABL_END_LOST : (enum abl_end_kind)at;
	return at >= 0;
}

static bool read_refusal(const json_t *value, void *to, struct abl_message *m)
{
	*(int *)to = find(refusals, sizeof refusals / sizeof *refusals, json_string_value(value));
	return *(int *)to >= 0;
}

static void put_end_kind(struct abl_json *j, const char *name, const void *from)
{
	abl_json_text(j, j->root, name, end_kinds[*(const enum abl_end_kind *)from]);
}

static void put_refusal(struct abl_json *j, const char *name, const void *from)
{
	abl_json_text(j, j->root, name, refusals[*(const int *)from]);
}

/* Numbers. */

static bool read_count(const json_t *value, void *to, struct abl_message *m)
{
	*(int64_t *)to = json_integer_value(value);
	return json_is_integer(value) && *(int64_t *)to >= 0;
}

static bool read_count_or_none(const json_t *value, void *to, struct abl_message *m)
{
	return !value || read_count(value, to, m);
}

static bool read_code(const json_t *value, void *to, struct abl_message *m)
{
	const json_int_t n = json_integer_value(value);

	*(int *)to = (int)n;
	return json_is_integer(value) && n >= -1 && n <= LAST_SIGNAL;
}

static bool read_size(const json_t *value, void *to, struct abl_message *m)
{
	*(size_t *)to = (size_t)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool read_long(const json_t *value, void *to, struct abl_message *m)
{
	*(long *)to = (long)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool read_bool(const json_t *value, void *to, struct abl_message *m)
{
	*(bool *)to = json_is_true(value);
	return json_is_boolean(value);
}

static bool read_real(const json_t *value, void *to, struct abl_message *m)
{
	*(double *)to = json_number_value(value);
	return json_is_number(value) && *(double *)to >= 0;
}

static bool read_real_or_all(const json_t *value, void *to, struct abl_message *m)
{
	*(double *)to = INFINITY;
	return json_is_null(value) || read_real(value, to, m);
}

static void put_count(struct abl_json *j, const char *name, const void *from)
{
	abl_json_int(j, j->root, name, *(const int64_t *)from);
}

static void put_code(struct abl_json *j, const char *name, const void *from)
{
	abl_json_int(j, j->root, name, *(const int *)from);
}

static void put_size(struct abl_json *j, const char *name, const void *from)
{
	abl_json_int(j, j->root, name, (int64_t) * (const size_t *)from);
}

static void put_long(struct abl_json *j, const char *name, const void *from)
{
	abl_json_int(j, j->root, name, *(const long *)from);
}

static void put_bool(struct abl_json *j, const char *name, const void *from)
{
	abl_json_bool(j, j->root, name, *(const bool *)from);
}

static void put_real(struct abl_json *j, const char *name, const void *from)
{
	const double x = *(const double *)from;

	abl_json_put(j, j->root, name, isfinite(x) ? json_real(x) : json_null());
}

/* Lists. */

static bool read_list_of_texts(const json_t *value, void *to, struct abl_message *m,
			       bool (*good)(const char *))
{
	struct abl_wire_texts *out = to;
	const size_t n = json_array_size(value);
	const char **item;

	if (!json_is_array(value) || n > MOST_ITEMS)
		return false;
	item = own(m, n, sizeof *item);
	for (size_t i = 0; i < n; i++)
		if (!take_text(json_array_get(value, i), &item[i]) || (good && !good(item[i])))
			return false;
	*out = (struct abl_wire_texts){item, n};
	return true;
}

static bool is_setting(const char *text)
{
	const char *equals = strchr(text, '=');

	return equals && equals > text;
}

static bool read_texts(const json_t *value, void *to, struct abl_message *m)
{
	return read_list_of_texts(value, to, m, NULL);
}

static bool read_settings(const json_t *value, void *to, struct abl_message *m)
{
	return read_list_of_texts(value, to, m, is_setting);
}

static bool read_attempts(const json_t *value, void *to, struct abl_message *m)
{
	struct abl_wire_attempts *out = to;
	const size_t n = json_array_size(value);
	struct abl_wire_attempt *item;

	if (!json_is_array(value) || n > MOST_ITEMS)
		return false;
	item = own(m, n, sizeof *item);
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(value, i);

		if (!read_key(json_object_get(o, "key"), &item[i].key, m) ||
		    !read_count(json_object_get(o, "attempt"), &item[i].attempt, m))
			return false;
	}
	*out = (struct abl_wire_attempts){item, n};
	return true;
}

static bool read_files(const json_t *value, void *to, struct abl_message *m)
{
	struct abl_wire_files *out = to;
	const size_t n = json_array_size(value);
	struct abl_wire_file *item;

	if (!json_is_array(value) || n > MOST_ITEMS)
		return false;
	item = own(m, n, sizeof *item);
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(value, i);

		if (!take_text(json_object_get(o, "path"), &item[i].path) ||
		    !take_text(json_object_get(o, "hash"), &item[i].hash))
			return false;
	}
	*out = (struct abl_wire_files){item, n};
	return true;
}

static bool read_roots(const json_t *value, void *to, struct abl_message *m)
{
	const char **out = to;

	return read_text(json_object_get(value, "store"), &out[0], m) &&
	       read_text_or_none(json_object_get(value, "data"), &out[1], m);
}

static void put_texts(struct abl_json *j, const char *name, const void *from)
{
	const struct abl_wire_texts *list = from;
	json_t *array = abl_json_array(j, j->root, name);

	for (size_t i = 0; i < list->count; i++)
		abl_json_add(j, array, json_string(list->item[i]));
}

static void put_attempts(struct abl_json *j, const char *name, const void *from)
{
	const struct abl_wire_attempts *list = from;
	json_t *array = abl_json_array(j, j->root, name);

	for (size_t i = 0; i < list->count; i++) {
		json_t *o = json_object();

		abl_json_text(j, o, "key", list->item[i].key);
		abl_json_int(j, o, "attempt", list->item[i].attempt);
		abl_json_add(j, array, o);
	}
}

static void put_files(struct abl_json *j, const char *name, const void *from)
{
	const struct abl_wire_files *list = from;
	json_t *array = abl_json_array(j, j->root, name);

	for (size_t i = 0; i < list->count; i++) {
		json_t *o = json_object();

		abl_json_text(j, o, "path", list->item[i].path);
		abl_json_text(j, o, "hash", list->item[i].hash);
		abl_json_add(j, array, o);
	}
}

static void put_roots(struct abl_json *j, const char *name, const void *from)
{
	const char *const *roots = from;
	json_t *o = abl_json_object(j, j->root, name);

	abl_json_text(j, o, "store", roots[0]);
	abl_json_put(j, o, "data", roots[1] ? json_string(roots[1]) : json_null());
}

static const struct {
	bool (*read)(const json_t *value, void *to, struct abl_message *m);
	void (*put)(struct abl_json *j, const char *name, const void *from);
} kinds[] = {
	[ABL_FIELD_TEXT] = {read_text, put_text},
	[ABL_FIELD_TEXT_OR_NONE] = {read_text_or_none, put_text},
	[ABL_FIELD_KEY] = {read_key, put_text},
	[ABL_FIELD_KEY_OR_ALL] = {read_key_or_all, put_text},
	[ABL_FIELD_BELOW] = {read_below, put_text},
	[ABL_FIELD_COUNT] = {read_count, put_count},
	[ABL_FIELD_COUNT_OR_NONE] = {read_count_or_none, put_count},
	[ABL_FIELD_CODE] = {read_code, put_code},
	[ABL_FIELD_SIZE] = {read_size, put_size},
	[ABL_FIELD_LONG] = {read_long, put_long},
	[ABL_FIELD_BOOL] = {read_bool, put_bool},
	[ABL_FIELD_REAL] = {read_real, put_real},
	[ABL_FIELD_REAL_OR_ALL] = {read_real_or_all, put_real},
	[ABL_FIELD_TEXTS] = {read_texts, put_texts},
	[ABL_FIELD_SETTINGS] = {read_settings, put_texts},
	[ABL_FIELD_ATTEMPTS] = {read_attempts, put_attempts},
	[ABL_FIELD_FILES] = {read_files, put_files},
	[ABL_FIELD_WORDS] = {read_words, put_words},
	[ABL_FIELD_SAYING] = {read_saying, put_saying},
	[ABL_FIELD_END_KIND] = {read_end_kind, put_end_kind},
	[ABL_FIELD_REFUSAL] = {read_refusal, put_refusal},
	[ABL_FIELD_ROOTS] = {read_roots, put_roots},
};

void abl_field_put(enum abl_field_kind kind, struct abl_json *j, const char *name, const void *from)
{
	kinds[kind].put(j, name, from);
}

bool abl_field_read(enum abl_field_kind kind, const json_t *value, void *to,
		    struct abl_message *message)
{
	return value && kinds[kind].read(value, to, message);
}
