/* SPDX-License-Identifier: Apache-2.0 */
#include "table_reader.h"

#include "files.h"
#include "json_rows.h"
#include "python_text.h"
#include "str.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

/* A row being put together: fields one after the other, each with its ending zero. */
struct table {
	const char *path;
	abl_row_hook *hook;
	void *data;
	struct abl_err *err;
	struct abl_str text;
	size_t start[ABL_ROW_COLUMNS]; /* offsets into text */
	size_t fields;
	size_t line; /* where the row starts */
	bool open; /* csv: the row goes on in the next line (for its number; libcsv keeps the rest)
		    */
	int rc;    /* the first failure or the hook's result; nothing is done after it */
};

static void add_field(struct table *t, const char *text, size_t length)
{
	if (t->rc)
		return;
	if (t->fields == ABL_ROW_COLUMNS) {
		t->rc = abl_err_set(t->err, ABL_EINPUT,
				    "%s:%zu: more than %d columns: check the 'format'", t->path,
				    t->line, ABL_ROW_COLUMNS);
		return;
	}
	t->start[t->fields++] = t->text.length;
	abl_str_add(&t->text, text, length);
	abl_str_add(&t->text, "", 1);
}

static void end_row(struct table *t)
{
	const char *field[ABL_ROW_COLUMNS];
	const struct abl_row row = {.field = field, .fields = t->fields, .line = t->line};

	for (size_t i = 0; i < t->fields; i++)
		field[i] = t->text.text + t->start[i];
	if (!t->rc)
		t->rc = t->hook(t->data, &row, t->err);
	t->fields = 0;
	abl_str_clear(&t->text);
}

/* ---- tsv: a line is a row, every TAB a border, nothing is quoted ---- */

static int tsv_line(struct table *t, const char *line, size_t length)
{
	const char *end = line + length, *tab;

	if (length && end[-1] == '\r')
		end--;
	for (; (tab = memchr(line, '\t', (size_t)(end - line))); line = tab + 1)
		add_field(t, line, (size_t)(tab - line));
	add_field(t, line, (size_t)(end - line));
	end_row(t);
	return t->rc;
}

/* ---- csv: libcsv finds the borders; we count the lines ---- */

static int no_space(unsigned char c)
{
	return 0; /* RFC 4180: blanks around a field belong to it */
}

static void csv_field(void *text, size_t length, void *data)
{
	add_field(data, text ? text : "", length);
}

static void csv_row(int end, void *data)
{
	struct table *t = data;

	t->open = false;
	end_row(t);
}

static int csv_failed(struct table *t, struct csv_parser *parser, size_t line)
{
	if (csv_error(parser) != CSV_EPARSE)
		return abl_err_set(t->err, ABL_ENOMEM, "%s: out of memory", t->path);
	return abl_err_set(
		t->err, ABL_EINPUT,
		"%s:%zu: a stray quote: in csv, a field with quotes is quoted as a whole and its "
		"quotes are doubled; if quotes are plain text, set `format: tsv`",
		t->path, line);
}

static int csv_line(struct table *t, struct csv_parser *parser, const char *line, size_t length,
		    size_t number)
{
	if (csv_parse(parser, line, length, csv_field, csv_row, t) != length)
		return csv_failed(t, parser, number);
	if (!t->open && length &&
	    line[length - 1] != '\r') { /* a bare CR ended a row within the line */
		t->open = true;
		t->line = number;
	}
	if (csv_parse(parser, "\n", 1, csv_field, csv_row, t) != 1)
		return csv_failed(t, parser, number);
	return t->rc;
}

static int csv_end(struct table *t, struct csv_parser *parser)
{
	if (csv_fini(parser, csv_field, csv_row, t))
		return abl_err_set(t->err, ABL_EINPUT,
				   "%s:%zu: a quote opened in this row is never closed", t->path,
				   t->line);
	return t->rc;
}

static bool is_blank(const char *line, size_t length, bool csv)
{
	return !length || (length == 1 && *line == '\r') ||
	       (!csv && !memchr(line, '\t', length) && abl_python_blank(line, length));
}

/* 1 = a line that may be one of a table; 0 = the end; negative = error. */
static int next_line(struct abl_reader *reader, bool csv, const char **line, size_t *length,
		     struct abl_err *err)
{
	const int more = abl_reader_line(reader, line, length, err);

	if (more == 1 && abl_reader_line_number(reader) == 1 && abl_reader_is_json(reader) &&
	    (csv || !memchr(*line, '\t', *length)))
		return abl_json_rows_refuse(abl_reader_path(reader), err);
	return more;
}

int abl_rows_read_open(struct abl_reader *reader, const char *format, abl_row_hook *hook,
		       void *data, struct abl_err *err)
{
	struct table t = {.path = abl_reader_path(reader), .hook = hook, .data = data, .err = err};
	const bool csv = !strcmp(format, "csv");
	struct csv_parser parser;
	const char *line;
	size_t length;
	int more, rc = 0;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI))
		return abl_err_set(err, ABL_ENOMEM, "%s: out of memory", t.path);
	csv_set_space_func(&parser, no_space);
	while (!rc && (more = next_line(reader, csv, &line, &length, err)) != 0) {
		const bool blank = more == 1 && is_blank(line, length, csv);

		if (more < 0) {
			rc = more;
			break;
		}
		if (blank && !csv)
			continue;
		if (!blank && !t.open) {
			t.line = abl_reader_line_number(reader);
			t.open = csv;
		}
		rc = csv ? csv_line(&t, &parser, line, length, abl_reader_line_number(reader))
			 : tsv_line(&t, line, length);
	}
	if (!rc && csv)
		rc = csv_end(&t, &parser);
	csv_free(&parser);
	abl_str_finish(&t.text);
	return rc;
}

int abl_rows_read(const char *path, const char *format, abl_row_hook *hook, void *data,
		  struct abl_err *err)
{
	struct abl_reader *reader = NULL;
	int rc;

	if (!strcmp(format, "jsonl"))
		return abl_json_rows_read(path, hook, data, err);
	rc = abl_reader_open(&reader, path, err);
	rc = rc ? rc : abl_rows_read_open(reader, format, hook, data, err);
	abl_reader_close(reader);
	return rc;
}

/* ---- columns ---- */

size_t abl_row_used(const struct abl_row *row)
{
	size_t n = row->fields;

	while (n && (!row->field[n - 1] || !row->field[n - 1][strspn(row->field[n - 1], " ")]))
		n--;
	return n;
}

int abl_row_too_wide(const struct abl_row *row, const char *path, const char *format,
		     const char *first, size_t width, const char *more, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT, "%s:%zu: a row with %zu columns, but %s has %zu: %s%s",
			   path, row->line, abl_row_used(row), first, width,
			   !strcmp(format, "csv")
				   ? "quote the field that has a comma in it"
				   : "take the TAB out of the field that has one in it",
			   more);
}

bool abl_row_column_is_place(const char *column)
{
	int64_t number;

	return !strcmp(column, "last") || abl_parse_int(column, &number);
}

long abl_row_column(const struct abl_row *first, bool header, const char *column)
{
	int64_t number;

	for (size_t i = 0; header && i < first->fields; i++)
		if (!strcmp(first->field[i], column))
			return (long)i;
	if (!strcmp(column, "last"))
		return (long)first->fields - 1;
	if (abl_parse_int(column, &number) && number >= 0 && number < (int64_t)first->fields)
		return (long)number;
	return -1;
}

const char *abl_row_other_format(const char *cell)
{
	static const struct {
		char separator;
		const char *text;
	} others[] = {{'\t', "; it has TABs: set `format: tsv`"},
		      {';', "; it has semicolons: write it with commas (CSV) or TABs (TSV)"},
		      {'|', "; it has vertical bars: write it with commas (CSV) or TABs (TSV)"},
		      {',', "; it has commas: set `format: csv`"}};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strchr(cell, others[i].separator))
			return others[i].text;
	return "";
}

static const char *field_at(size_t i, const void *data)
{
	return ((const struct abl_row *)data)->field[i];
}

const char *abl_row_nearest(const struct abl_row *first, const char *column)
{
	return abl_nearest(column, first->fields, field_at, first);
}
