/* SPDX-License-Identifier: Apache-2.0 */
/* reader_json.c - one value of JSON: all_results.json, trainer_state.json, results*.json. A file
 * that is called so and holds an object a line is read as such. */
#include "metric_reader.h"

#include "key_path.h"
#include "loose_json.h"
#include "str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 200 };

struct json_state {
	const struct abl_reading *r;
	struct abl_key_path *key, *step; /* step may be NULL */
};

static void end(void *state)
{
	struct json_state *s = state;

	if (!s)
		return;
	abl_key_path_destroy(s->key);
	abl_key_path_destroy(s->step);
	free(s);
}

static int begin(void **out, const struct abl_reading *r, struct abl_err *err)
{
	struct json_state *s = abl_calloc(1, sizeof *s);
	int rc = abl_key_path_create(&s->key, r->key, err);

	s->r = r;
	if (!rc && r->step)
		rc = abl_key_path_create(&s->step, r->step, err);
	if (rc || !out)
		end(s);
	else
		*out = s;
	return rc;
}

/* Is the step's place before (-1) that of the value, the same, or behind it? A step in no list is
 * that of all values. */
static int compare_places(const struct abl_key_value *step, const struct abl_key_value *value)
{
	for (size_t i = 0; i < ABL_KEY_LISTS && step->at[i]; i++)
		if (step->at[i] != value->at[i])
			return step->at[i] < value->at[i] ? -1 : 1;
	return 0;
}

/* The step of a point: the one that `step:` has at the same elements; both lists are in order. */
static void pair(struct abl_point *p, const struct abl_key_value *value,
		 const struct abl_key_values *steps, size_t *at)
{
	size_t i = *at;

	if (!steps) {
		p->has_step = abl_key_step(value->beside, &p->step);
		return;
	}
	while (i < steps->count && compare_places(&steps->item[i], value) < 0)
		i++;
	*at = i;
	if (i == steps->count || compare_places(&steps->item[i], value))
		return;
	p->has_step = abl_printed_step(&steps->item[i].number, &p->step);
}

/* Names of the numbers that are there, for a message: the objects near the top first. */
static void tell_names(const struct abl_reading *r, const json_t *value, const char *prefix,
		       int depth, size_t *told)
{
	const json_t *object =
		json_is_array(value) ? json_array_get(value, json_array_size(value) - 1) : value;
	const char *key;
	json_t *v;
	struct abl_printed number;

	json_object_foreach((json_t *)(uintptr_t)object, key, v)
	{
		struct abl_str name = {0};

		abl_str_printf(&name, "%s%s%s%s", prefix, json_is_array(value) ? "[]" : "",
			       *prefix || json_is_array(value) ? "." : "", key);
		if (abl_key_number(v, &number) && (*told)++ < NAMED)
			r->name(r->data, name.text, name.length);
		else if (depth && *told < NAMED)
			tell_names(r, v, name.text, depth - 1, told);
		abl_str_finish(&name);
	}
}

/* Where the key leads to something else: NaN is null to those that write strict JSON. */
static void tell_other(const struct abl_reading *r, const json_t *other)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "has no number at '%s': it is ", r->key);
	if (json_is_string(other))
		abl_str_printf(&text, "the text '%.40s'", json_string_value(other));
	else
		abl_str_puts(&text, json_is_null(other) ? "null" : "empty");
	r->problem(r->data, text.text);
	abl_str_finish(&text);
}

static void take(const struct json_state *s, const json_t *root)
{
	struct abl_key_values values = {0}, steps = {0};
	const struct abl_reading *r = s->r;
	struct abl_printed global;
	int64_t step;
	size_t at = 0, told = 0;

	abl_key_path_values(s->key, root, &values);
	if (s->step)
		abl_key_path_values(s->step, root, &steps);
	for (size_t i = 0; i < values.count; i++) {
		struct abl_point p = {.value = values.item[i].number.value};

		pair(&p, &values.item[i], s->step ? &steps : NULL, &at);
		r->point(r->data, &p);
	}
	if (!values.count)
		tell_names(r, root, "", 3, &told);
	if (!values.count && values.other && !json_object_size(values.other) &&
	    !json_array_size(values.other))
		tell_other(r, values.other);
	if ((abl_key_number(json_object_get(root, "global_step"), &global) ||
	     abl_key_number(json_object_get(root, "step"), &global)) &&
	    abl_printed_step(&global, &step))
		r->rank(r->data, step);
	abl_key_values_finish(&values);
	abl_key_values_finish(&steps);
}

/* Is the first line a value of its own, and another one behind it? */
static bool is_lines(const char *bytes, size_t length)
{
	const char *line_end = memchr(bytes, '\n', length);
	size_t n = line_end ? (size_t)(line_end - bytes) : 0;
	char *copy = n ? abl_malloc(n) : NULL;
	json_t *first;
	bool object;

	if (!n)
		return false;
	memcpy(copy, bytes, n);
	first = abl_loose_json(copy, n, NULL);
	free(copy);
	object = json_is_object(first);
	json_decref(first);
	return object;
}

static void feed(void *state, char *bytes, size_t length, bool last)
{
	struct json_state *s = state;
	json_error_t error;
	json_t *root = abl_loose_json(bytes, length, &error);
	char text[JSON_ERROR_TEXT_LENGTH + 60];
	void *lines = NULL;

	if (root) {
		take(s, root);
	} else if (is_lines(bytes, length) && !abl_reader_jsonl.begin(&lines, s->r, NULL)) {
		abl_reader_jsonl.feed(lines, bytes, length, last);
		abl_reader_jsonl.end(lines);
	} else {
		snprintf(text, sizeof text, "is not JSON: line %d, column %d: %s", error.line,
			 error.column, error.text);
		s->r->problem(s->r->data, text);
	}
	json_decref(root);
}

static size_t skip_blanks(const char *text, size_t length, size_t at)
{
	while (at < length && isspace((unsigned char)text[at]))
		at++;
	return at;
}

/* An object, or a list of lists or objects: "[12:30] ..." begins a log. */
static bool fits(const char *head, size_t length)
{
	size_t first = skip_blanks(head, length, 0);
	size_t second = skip_blanks(head, length, first + 1);

	if (first >= length || second >= length)
		return false;
	return head[first] == '{'
		       ? head[second] == '"'
		       : head[first] == '[' && strchr("{[", head[second]) && head[second];
}

const struct abl_metric_reader abl_reader_json = {
	.name = "json",
	.endings = ".json",
	.whole = true,
	.exact = true,
	.limit = (uint64_t)256 << 20,
	.fits = fits,
	.begin = begin,
	.feed = feed,
	.end = end,
};
