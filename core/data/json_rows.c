/* SPDX-License-Identifier: Apache-2.0 */
#include "json_rows.h"

#include "files.h"
#include "str.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_FILE ((size_t)1 << 28) /* bytes of JSON that are read to say what it is */

const char abl_row_nested[] = "a list or an object";

struct rows {
	const char *path;
	char *key[ABL_ROW_COLUMNS]; /* of the first object */
	size_t keys;
};

/* ---- other JSON ---- */

/* Is each value a list of rows, as CLINC150 has its splits? Their names, then. */
static bool is_of_lists(const json_t *object, struct abl_str *names)
{
	const char *key, *gap = "";
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		const json_t *first = json_array_get(value, 0);

		if (!json_is_array(value) ||
		    (first && !json_is_array(first) && !json_is_object(first)))
			return false;
		if (names->length < 100)
			abl_str_printf(names, "%s'%.40s'", gap, key);
		gap = ", ";
	}
	return json_object_size(object) > 0;
}

static int refuse_one(const char *path, const json_t *root, struct abl_err *err)
{
	struct abl_str names = {0};
	const json_t *data = json_object_get(root, "data");
	int rc;

	if (json_is_array(root))
		rc = abl_err_set(
			err, ABL_EINPUT,
			"%s: this is JSON, one list: write an object a line (jq -c '.[]' FILE "
			">NEW.jsonl) and set `format: jsonl`",
			path);
	else if (json_object_get(json_array_get(data, 0), "paragraphs"))
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: this is SQuAD's JSON: tasks of `type: span` "
				 "read it",
				 path);
	else if (is_of_lists(root, &names))
		rc = abl_err_set(
			err, ABL_EINPUT,
			"%s: this is JSON, an object of lists (%s), as CLINC150 has it: write "
			"each to a file, a row a line ({\"text\": ..., \"label\": ...}), and "
			"set `format: jsonl`",
			path, names.text);
	else
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s: this is JSON, one object: write one a line and set `format: "
				 "jsonl`",
				 path);
	abl_str_finish(&names);
	return rc;
}

/* The error for a file that is one value of JSON; 0: it is not, or it is too large to tell. */
static int refuse_whole(const char *path, struct abl_err *err)
{
	struct abl_str text = {0};
	json_t *root = NULL;
	size_t mark;
	int rc = 0;

	if (!abl_file_read(path, &text, WHOLE_FILE, NULL)) {
		mark = text.length >= 3 && !memcmp(text.text, "\xEF\xBB\xBF", 3) ? 3 : 0;
		root = json_loadb(text.text + mark, text.length - mark, JSON_REJECT_DUPLICATES,
				  NULL);
	}
	if (root)
		rc = refuse_one(path, root, err);
	json_decref(root);
	abl_str_finish(&text);
	return rc;
}

int abl_json_rows_refuse(const char *path, struct abl_err *err)
{
	int rc = refuse_whole(path, err);

	return rc ? rc
		  : abl_err_set(err, ABL_EINPUT,
				"%s: this is JSON lines: set `format: jsonl`, and name its keys as "
				"columns",
				path);
}

/* ---- JSON lines ---- */

static int take_keys(struct rows *r, const json_t *object, size_t line, struct abl_err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		if (r->keys == ABL_ROW_COLUMNS)
			return abl_err_set(err, ABL_EINPUT, "%s:%zu: more than %d keys", r->path,
					   line, ABL_ROW_COLUMNS);
		r->key[r->keys++] = abl_strdup(key);
	}
	return r->keys ? 0
		       : abl_err_set(err, ABL_EINPUT, "%s:%zu: an object without keys", r->path,
				     line);
}

/* A value as a text; a number is written to `number`. */
static const char *text_of(const json_t *value, char number[32])
{
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		return json_string_value(value);
	case JSON_INTEGER:
		snprintf(number, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return number;
	case JSON_REAL:
		return abl_format_real(json_real_value(value), number);
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return NULL;
	default:
		return abl_row_nested;
	}
}

static int give_row(const struct rows *r, const json_t *object, size_t line, abl_row_hook *hook,
		    void *data, struct abl_err *err)
{
	const char *field[ABL_ROW_COLUMNS];
	char number[ABL_ROW_COLUMNS][32];

	for (size_t i = 0; i < r->keys; i++)
		field[i] = text_of(json_object_get(object, r->key[i]), number[i]);
	return hook(data, &(struct abl_row){.field = field, .fields = r->keys, .line = line}, err);
}

static int take_line(struct rows *r, const char *text, size_t length, size_t line,
		     abl_row_hook *hook, void *data, struct abl_err *err)
{
	json_error_t where;
	json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	struct abl_str names = {0};
	int rc = 0;

	if (!r->keys && !json_is_object(object))
		rc = refuse_whole(r->path, err);
	else if (!r->keys && is_of_lists(object, &names))
		rc = refuse_one(r->path, object, err);
	if (!rc && !object)
		rc = abl_err_set(err, ABL_EINPUT, "%s:%zu:%d: not JSON: %s", r->path, line,
				 where.column, where.text);
	if (!rc && !json_is_object(object))
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s:%zu: not a JSON object: a row is {\"key\": value, ...}",
				 r->path, line);
	if (!rc && !r->keys) {
		rc = take_keys(r, object, line, err);
		if (!rc)
			rc = hook(data,
				  &(struct abl_row){.field = (const char *const *)r->key,
						    .fields = r->keys,
						    .line = line},
				  err);
	}
	if (!rc)
		rc = give_row(r, object, line, hook, data, err);
	abl_str_finish(&names);
	json_decref(object);
	return rc;
}

int abl_json_rows_read(const char *path, abl_row_hook *hook, void *data, struct abl_err *err)
{
	struct rows r = {.path = path};
	struct abl_reader *reader = NULL;
	const char *line;
	size_t length;
	int rc = abl_reader_open(&reader, path, err), more = 0;

	while (!rc && (more = abl_reader_line(reader, &line, &length, err)) > 0)
		if (line[strspn(line, " \t\r")])
			rc = take_line(&r, line, length, abl_reader_line_number(reader), hook, data,
				       err);
	abl_reader_close(reader);
	for (size_t i = 0; i < r.keys; i++)
		free(r.key[i]);
	return rc ? rc : more;
}
