/* SPDX-License-Identifier: Apache-2.0 */
#include "key_path.h"

#include "line_search.h"
#include "loose_json.h"
#include "str.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 40 };

enum part_kind { KEYS, KEY, INDEX, ALL };

struct part {
	enum part_kind kind;
	char *text; /* KEYS: with dots between them, or in them; KEY: as it is */
	long index; /* from the end where it is negative */
};

struct abl_key_path {
	struct part part[PARTS];
	size_t parts;
};

/* ---- from text ---- */

static int wrong(const char *text, const char *at, const char *what, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "key path '%s', character %zu: %s", text,
			   (size_t)(at - text) + 1, what);
}

static int add(struct abl_key_path *p, enum part_kind kind, const char *text, size_t length,
	       long index, struct abl_err *err)
{
	if (p->parts == PARTS)
		return abl_err_set(err, ABL_EINPUT, "a key path of more than %d parts", PARTS);
	p->part[p->parts++] =
		(struct part){kind, text ? abl_there(strndup(text, length), "a key") : NULL, index};
	return 0;
}

/* A quoted key at *at, which goes behind it. */
static int read_quoted(struct abl_key_path *p, const char *text, const char **at,
		       struct abl_err *err)
{
	const char *from = *at + 1, *end = strchr(from, **at);

	if (!end)
		return wrong(text, *at, "the quote has no end", err);
	*at = end + 1;
	return add(p, KEY, from, (size_t)(end - from), 0, err);
}

static int read_bracket(struct abl_key_path *p, const char *text, const char **at,
			struct abl_err *err)
{
	const char *from = *at + 1;
	char *end = NULL;
	long index;
	int rc;

	if (*from == '\'' || *from == '"') {
		*at = from;
		rc = read_quoted(p, text, at, err);
		if (rc)
			return rc;
		return *(*at)++ == ']' ? 0 : wrong(text, *at - 1, "']' is missing", err);
	}
	if (*from == ']' || (*from == '*' && from[1] == ']')) {
		*at = strchr(from, ']') + 1;
		return add(p, ALL, NULL, 0, 0, err);
	}
	index = isdigit((unsigned char)*from) || *from == '-' ? strtol(from, &end, 10) : 0;
	if (!end || end == from || *end != ']' || labs(index / 2) > INT_MAX / 2)
		return wrong(text, *at,
			     "brackets hold a number, nothing for all elements, or a key in quotes",
			     err);
	*at = end + 1;
	return add(p, INDEX, NULL, 0, index, err);
}

static int read_keys(struct abl_key_path *p, const char *text, const char **at, struct abl_err *err)
{
	size_t length = strcspn(*at, "[");
	const char *from = *at;

	*at += length;
	if (strstr(from, "..") && strstr(from, "..") < *at)
		return wrong(text, strstr(from, ".."), "two dots without a key between them", err);
	if (from[length - 1] == '.')
		return wrong(text, *at - 1, "a dot without a key behind it", err);
	return add(p, KEYS, from, length, 0, err);
}

static int parse(struct abl_key_path *p, const char *text, struct abl_err *err)
{
	const char *at = text;
	int rc = 0;

	if (*at == '$' && (at[1] == '.' || at[1] == '['))
		at++; /* as others write a path */
	at += *at == '.' && at[1];
	while (*at && !rc) {
		if (*at == '[')
			rc = read_bracket(p, text, &at, err);
		else if (*at == '\'' || *at == '"')
			rc = read_quoted(p, text, &at, err);
		else
			rc = read_keys(p, text, &at, err);
		if (rc || !*at || *at == '[')
			continue;
		if (*at != '.' || !at[1])
			return wrong(text, at, "a '.' and a key, or '[', is expected", err);
		at++;
	}
	return rc || p->parts ? rc : abl_err_set(err, ABL_EINPUT, "an empty key path");
}

int abl_key_path_create(struct abl_key_path **out, const char *text, struct abl_err *err)
{
	struct abl_key_path *p = abl_calloc(1, sizeof *p);
	int rc = parse(p, text, err);
	size_t lists = 1; /* one more may stand at the end, unsaid */

	for (size_t i = 0; i < p->parts; i++)
		lists += p->part[i].kind == ALL;
	if (!rc && lists > ABL_KEY_LISTS)
		rc = abl_err_set(err, ABL_EINPUT, "key path '%s': more than %d '[]'", text,
				 ABL_KEY_LISTS - 1);
	if (rc) {
		abl_key_path_destroy(p);
		return rc;
	}
	*out = p;
	return 0;
}

int abl_key_path_create_in_line(struct abl_key_path **out, const char *text, struct abl_err *err)
{
	struct abl_key_path *p;
	int rc = abl_key_path_create(out, text, err);

	if (rc)
		return rc;
	p = *out;
	if (p->parts > 1 &&
	    (p->part[0].kind == ALL || (p->part[0].kind == INDEX && p->part[0].index == -1)))
		memmove(p->part, p->part + 1, --p->parts * sizeof *p->part);
	return 0;
}

void abl_key_path_destroy(struct abl_key_path *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->parts; i++)
		free(p->part[i].text);
	free(p);
}

/* ---- to values ---- */

struct way { /* so far */
	const struct abl_key_path *path;
	struct abl_key_values *out;
	uint32_t at[ABL_KEY_LISTS];
	size_t lists;
	const json_t *beside;
};

bool abl_key_number(const json_t *value, struct abl_printed *out)
{
	*out = (struct abl_printed){0};
	if (json_is_number(value))
		out->value = json_number_value(value);
	else if (json_is_boolean(value))
		out->value = json_is_true(value);
	else if (json_is_string(value))
		return abl_loose_json_special(json_string_value(value), &out->value) ||
		       abl_printed_whole(out, json_string_value(value), json_string_length(value));
	else
		return false;
	return true;
}

bool abl_key_step(const json_t *object, int64_t *out)
{
	for (const char *const *name = abl_step_names; *name; name++) {
		struct abl_printed n;

		if (abl_key_number(json_object_get(object, *name), &n) &&
		    n.value == floor(n.value) && abl_printed_step(&n, out))
			return true;
	}
	return false;
}

static size_t follow(struct way *w, const json_t *value, size_t part);

static size_t each(struct way *w, const json_t *list, size_t next)
{
	const json_t *beside = w->beside;
	size_t i, found = 0;
	json_t *item;
	const char *key;

	if (w->lists == ABL_KEY_LISTS)
		return 0;
	w->lists++;
	json_array_foreach((json_t *)(uintptr_t)list, i, item)
	{
		w->at[w->lists - 1] = (uint32_t)i + 1;
		found += follow(w, item, next);
	}
	i = 0;
	json_object_foreach((json_t *)(uintptr_t)list, key, item)
	{
		w->at[w->lists - 1] = (uint32_t)++i;
		found += follow(w, item, next);
	}
	w->at[--w->lists] = 0;
	w->beside = beside;
	return found;
}

static size_t arrive(struct way *w, const json_t *value, size_t part)
{
	struct abl_key_values *out = w->out;
	struct abl_key_value v = {.beside = w->beside};

	if (json_array_size(value) && part && w->path->part[part - 1].kind != ALL)
		return each(w, value, part);
	if (!abl_key_number(value, &v.number)) {
		out->other = value;
		return 0;
	}
	memcpy(v.at, w->at, sizeof v.at);
	abl_grow(&out->item, &out->capacity, out->count + 1, sizeof *out->item);
	out->item[out->count++] = v;
	return 1;
}

/* The text is one key, or several: all ways to cut it, the longest first key before the others. */
static size_t follow_keys(struct way *w, const json_t *object, const char *text, size_t part)
{
	struct abl_str key = {0};
	size_t found = 0;

	abl_str_puts(&key, text);
	while (!found && json_is_object(object)) {
		const json_t *value = json_object_getn(object, key.text, key.length);
		char *dot;

		w->beside = object;
		if (value)
			found = text[key.length]
					? follow_keys(w, value, text + key.length + 1, part)
					: follow(w, value, part + 1);
		dot = found ? NULL : strrchr(key.text, '.');
		if (!dot)
			break;
		*dot = 0;
		key.length = (size_t)(dot - key.text);
	}
	abl_str_finish(&key);
	return found;
}

static size_t follow(struct way *w, const json_t *value, size_t part)
{
	const struct part *p = &w->path->part[part];
	const json_t *beside = w->beside;
	size_t found = 0, count = json_array_size(value);

	if (!value)
		return 0;
	if (part == w->path->parts)
		return arrive(w, value, part);
	if (json_is_object(value))
		w->beside = value;
	if (p->kind == ALL)
		found = each(w, value, part + 1);
	else if (p->kind == INDEX && (size_t)labs(p->index) <= count)
		found = follow(w,
			       json_array_get(value, p->index < 0 ? count - (size_t)-p->index
								  : (size_t)p->index),
			       part + 1);
	else if (p->kind == KEY)
		found = follow(w, json_object_get(value, p->text), part + 1);
	else if (p->kind == KEYS)
		found = follow_keys(w, value, p->text, part);
	w->beside = beside;
	return found;
}

void abl_key_path_values(const struct abl_key_path *p, const json_t *root,
			 struct abl_key_values *out)
{
	struct way w = {.path = p, .out = out};

	follow(&w, root, 0);
}

void abl_key_values_finish(struct abl_key_values *v)
{
	if (!v)
		return;
	free(v->item);
	*v = (struct abl_key_values){0};
}
