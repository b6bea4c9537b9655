/* SPDX-License-Identifier: Apache-2.0 */
#include "load_table.h"

#include "files.h"
#include "json_rows.h"
#include "loose_json.h"
#include "table_reader.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static size_t add_column(struct abl_load_table *t, const char *name)
{
	abl_grow(&t->column, &t->column_capacity, t->columns + 1, sizeof *t->column);
	t->column[t->columns] = abl_strdup(name);
	return t->columns++;
}

/* Names are for messages, tables and queries: one line of text. */
static int check_name(const struct abl_load_table *t, size_t line, const char *name,
		      struct abl_err *err)
{
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return abl_err_set(err, ABL_EINPUT,
					   "%s:%zu: the name of a column has a control character "
					   "or a line end in it",
					   t->path, line);
	for (size_t i = 0; *name && i < t->columns; i++)
		if (!strcmp(t->column[i], name))
			return abl_err_set(err, ABL_EINPUT, "%s:%zu: two columns are called '%s'",
					   t->path, line, name);
	return 0;
}

/* A row of `width` cells whose texts are to be added. */
static struct abl_load_row *add_row(struct abl_load_table *t, size_t line, size_t width)
{
	abl_grow(&t->row, &t->row_capacity, t->rows + 1, sizeof *t->row);
	t->row[t->rows] = (struct abl_load_row){
		.line = line, .cell = abl_calloc(width + 1, sizeof *t->row->cell), .width = width};
	return &t->row[t->rows++];
}

/* ---- CSV and TSV ---- */

static const char *trimmed(const char *text, size_t *length)
{
	while (*length && strchr(" \t\r\n", text[*length - 1]))
		--*length;
	for (; *length && strchr(" \t\r\n", *text); text++)
		--*length;
	return text;
}

static int take_header(struct abl_load_table *t, const struct abl_row *row, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < row->fields && !rc; i++) {
		size_t length = strlen(row->field[i]);
		const char *text = trimmed(row->field[i], &length);
		char *name = abl_calloc(length + 1, 1);

		memcpy(name, text, length);
		rc = check_name(t, row->line, name, err);
		add_column(t, name);
		free(name);
	}
	if (!rc && t->columns == 1)
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s:%zu: one column only, '%s': a header of columns separated by "
				 "commas or TABs is needed: variant,task,seed,...",
				 t->path, row->line, t->column[0]);
	return rc;
}

/* How many bytes a field takes that is quoted only where it must be. */
static size_t written(const char *field)
{
	size_t n = strlen(field);

	if (!strpbrk(field, ",\"\r\n"))
		return n;
	for (const char *p = field; (p = strchr(p, '"')); p++)
		n++;
	return n + 2;
}

static int take_row(void *data, const struct abl_row *row, struct abl_err *err)
{
	struct abl_load_table *t = data;
	const size_t used = abl_row_used(row);
	struct abl_load_row *out;
	size_t bytes = 0, at = 1;

	if (!t->columns)
		return take_header(t, row, err);
	if (!used)
		return 0;
	if (used > t->columns)
		return abl_row_too_wide(row, t->path, t->format, "the header", t->columns, "", err);
	if (row->fields < t->columns)
		return abl_err_set(err, ABL_EINPUT,
				   "%s:%zu: a row with %zu columns, but the header has %zu",
				   t->path, row->line, row->fields, t->columns);
	out = add_row(t, row->line, t->columns);
	for (size_t i = 0; i < t->columns; i++)
		bytes += strlen(row->field[i]) + 1;
	out->text = abl_malloc(bytes);
	bytes = 0;
	for (size_t i = 0; i < t->columns; i++) {
		size_t length = strlen(row->field[i]);
		const char *text = trimmed(row->field[i], &length);

		memcpy(out->text + bytes, text, length);
		out->text[bytes + length] = '\0';
		out->cell[i] = (struct abl_load_cell){out->text + bytes, (uint32_t)at};
		bytes += length + 1;
		at += written(row->field[i]) + 1;
	}
	return 0;
}

/* ---- JSON lines ---- */

/* The value as a text, with its end; NULL: null, a list or an object. */
static const char *text_of(const json_t *value, char number[32])
{
	double special;

	switch (json_typeof(value)) {
	case JSON_STRING:
		if (!abl_loose_json_special(json_string_value(value), &special))
			return json_string_value(value);
		return special != special ? "nan" : special > 0 ? "inf" : "-inf";
	case JSON_INTEGER:
		snprintf(number, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return number;
	case JSON_REAL:
		return abl_format_real(json_real_value(value), number);
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	default:
		return NULL;
	}
}

static int column_of(struct abl_load_table *t, size_t line, const char *key, size_t hint,
		     size_t *out, struct abl_err *err)
{
	int rc;

	if (hint < t->columns && !strcmp(t->column[hint], key)) {
		*out = hint;
		return 0;
	}
	for (*out = 0; *out < t->columns; ++*out)
		if (!strcmp(t->column[*out], key))
			return 0;
	rc = check_name(t, line, key, err);
	if (!rc && t->columns == ABL_ROW_COLUMNS)
		rc = abl_err_set(err, ABL_EINPUT, "%s:%zu: more than %d keys", t->path, line,
				 ABL_ROW_COLUMNS);
	if (!rc)
		add_column(t, key);
	return rc;
}

static uint32_t key_place(const char *line, const char *key)
{
	struct abl_str quoted = {0};
	const char *at;

	abl_str_printf(&quoted, "\"%s\"", key);
	at = strstr(line, quoted.text);
	abl_str_finish(&quoted);
	return at ? (uint32_t)(at - line) + 1 : 0;
}

static int take_object(struct abl_load_table *t, const char *line, json_t *object, size_t number,
		       struct abl_err *err)
{
	const size_t room = json_object_size(object) + t->columns;
	struct abl_load_row *out = add_row(t, number, room);
	struct abl_str text = {0};
	size_t hint = 0, column;
	const char *key;
	json_t *value;
	int rc = 0;

	json_object_foreach(object, key, value)
	{
		char digits[32];
		const char *its = text_of(value, digits);

		if (json_is_array(value) || json_is_object(value))
			rc = abl_err_set(err, ABL_EINPUT,
					 "%s:%zu:%u: '%s' is a list or an object: write its "
					 "values as keys of the row",
					 t->path, number, key_place(line, key), key);
		rc = rc ? rc : column_of(t, number, key, hint, &column, err);
		if (rc)
			break;
		hint = column + 1;
		if (!its)
			continue;
		out->cell[column].at = key_place(line, key);
		out->cell[column].text = its; /* for now: that there is one */
		abl_str_puts(&text, its);
		abl_str_add(&text, "", 1);
	}
	out->text = text.text;
	hint = 0;
	json_object_foreach(object, key, value)
	{
		if (rc || json_is_null(value))
			continue;
		rc = column_of(t, number, key, hint, &column, err);
		hint = column + 1;
		out->cell[column].text = rc ? NULL : out->text;
		out->text += strlen(out->text) + 1;
	}
	out->text = text.text;
	return rc;
}

static int take_line(struct abl_load_table *t, const char *line, size_t length, size_t number,
		     struct abl_err *err)
{
	char *loose = abl_malloc(length + 1);
	json_error_t where;
	json_t *object;
	int rc;

	memcpy(loose, line, length);
	loose[length] = '\0';
	object = abl_loose_json(loose, length, &where);
	if (!object)
		rc = abl_err_set(err, ABL_EINPUT, "%s:%zu:%d: not JSON: %s", t->path, number,
				 where.column, where.text);
	else if (!json_is_object(object))
		rc = abl_err_set(err, ABL_EINPUT,
				 "%s:%zu: not a JSON object: a row is {\"variant\": ..., \"task\": "
				 "..., \"seed\": ..., ...}, one a line%s",
				 t->path, number,
				 json_is_array(object) ? " (jq -c '.[]' FILE >NEW.jsonl)" : "");
	else
		rc = take_object(t, line, object, number, err);
	json_decref(object);
	free(loose);
	return rc;
}

static int read_objects(struct abl_load_table *t, struct abl_reader *reader, struct abl_err *err)
{
	const char *line;
	size_t length;
	int rc = 0, more = 0;

	while (!rc && (more = abl_reader_line(reader, &line, &length, err)) > 0)
		if (line[strspn(line, " \t\r")])
			rc = take_line(t, line, length, abl_reader_line_number(reader), err);
	return rc ? rc : more;
}

/* ---- the file ---- */

static size_t count(const char *line, size_t length, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += line[i] == c;
	return n;
}

/* Read on from the first line, which is given again. */
static int read_any(struct abl_load_table *t, struct abl_reader *reader, struct abl_err *err)
{
	const char *line, *hint = "";
	size_t length;
	int more = abl_reader_line(reader, &line, &length, err);

	if (more <= 0)
		return more ? more : abl_err_set(err, ABL_EINPUT, "%s: the file is empty", t->path);
	abl_reader_again(reader);
	t->format = line[strspn(line, " \t")] == '{' || abl_reader_is_json(reader) ? "jsonl"
		    : count(line, length, '\t') > count(line, length, ',')         ? "tsv"
										   : "csv";
	if (!strcmp(t->format, "jsonl"))
		return read_objects(t, reader, err);
	if (!strcmp(t->format, "csv") && !count(line, length, ','))
		hint = abl_row_other_format(line);
	if (*hint)
		return abl_err_set(err, ABL_EINPUT,
				   "%s:1: the header has no commas: write the table with commas "
				   "(CSV) or TABs (TSV), and numbers with a point",
				   t->path);
	return abl_rows_read_open(reader, t->format, take_row, t, err);
}

int abl_load_table_read(struct abl_load_table *out, const char *path, struct abl_err *err)
{
	struct abl_reader *reader = NULL;
	const char *file = strcmp(path, "-") ? path : "/dev/stdin";
	int rc;

	*out = (struct abl_load_table){.path = abl_strdup(file)};
	rc = abl_reader_open(&reader, file, err);
	rc = rc ? rc : read_any(out, reader, err);
	abl_reader_close(reader);
	if (!rc && !out->rows)
		rc = abl_err_set(err, ABL_EINPUT, "%s: no rows below the header", out->path);
	return rc;
}

void abl_load_table_finish(struct abl_load_table *t)
{
	for (size_t i = 0; i < t->rows; i++)
		free(t->row[i].text), free(t->row[i].cell);
	for (size_t i = 0; i < t->columns; i++)
		free(t->column[i]);
	free(t->row), free(t->column), free(t->path);
	*t = (struct abl_load_table){0};
}

const char *abl_load_text(const struct abl_load_table *t, size_t row, size_t column)
{
	const struct abl_load_row *r = &t->row[row];
	const char *text = column < r->width ? r->cell[column].text : NULL;

	return text && *text ? text : NULL;
}

void abl_load_place(const struct abl_load_table *t, size_t row, size_t column, struct abl_str *out)
{
	const struct abl_load_row *r = &t->row[row];
	const uint32_t at = column < r->width ? r->cell[column].at : 0;

	abl_str_printf(out, "%s:%zu", t->path, r->line);
	if (at)
		abl_str_printf(out, ":%u", at);
}
