/* SPDX-License-Identifier: Apache-2.0 */
#include "row_table.h"

#include "str.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_ROW = 16 << 20, PIECE = 1 << 20 };

static const char mark[] = "\xef\xbb\xbf"; /* of the byte order */

struct abl_row_table {
	struct abl_row_spec spec;
	struct csv_parser parser;
	bool started; /* the header is there, and what separates */
	bool broken;
	struct abl_str head;      /* what there is of it */
	size_t row, column;       /* where we are */
	size_t since;             /* bytes since the row began */
	size_t at[ABL_ROW_CELLS]; /* columns, from 1; 0: there is none */
	struct abl_str text;      /* of the row's cells */
	struct abl_cells cells;
	size_t from[ABL_ROW_CELLS];
};

int abl_row_table_create(struct abl_row_table **out, const struct abl_row_spec *spec,
			 struct abl_err *err)
{
	struct abl_row_table *t = abl_calloc(1, sizeof *t);

	t->spec = *spec;
	if (csv_init(&t->parser, 0)) {
		free(t);
		return abl_err_set(err, ABL_ENOMEM, "out of memory");
	}
	*out = t;
	return 0;
}

void abl_row_table_destroy(struct abl_row_table *t)
{
	if (!t)
		return;
	csv_free(&t->parser);
	abl_str_finish(&t->head);
	abl_str_finish(&t->text);
	free(t);
}

/* ---- rows ---- */

static void take_column(struct abl_row_table *t, const char *text, size_t length)
{
	for (size_t i = 0; i < t->spec.column_count; i++)
		if (strlen(t->spec.columns[i]) == length &&
		    !memcmp(t->spec.columns[i], text, length))
			t->at[i] = t->column;
	if (t->spec.column)
		t->spec.column(t->spec.data, text, length);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void take_field(void *field, size_t length, void *data)
{
	struct abl_row_table *t = data;
	const char *text = field ? field : "";

	t->column++;
	while (length && is_blank(*text))
		text++, length--;
	while (length && is_blank(text[length - 1]))
		length--;
	if (!t->row)
		take_column(t, text, length);
	for (size_t i = 0; t->row && i < t->spec.column_count; i++)
		if (t->at[i] == t->column) {
			t->from[i] = t->text.length;
			t->cells.cell[i] = (struct abl_cell){"", length};
			abl_str_add(&t->text, text, length);
		}
}

static void take_row(int c, void *data)
{
	struct abl_row_table *t = data;

	if (t->column)
		t->row++;
	for (size_t i = 0; i < t->spec.column_count; i++)
		if (t->cells.cell[i].text)
			t->cells.cell[i].text = t->text.text + t->from[i];
	t->cells.row = t->row;
	if (t->row > 1 && t->column)
		t->spec.row(t->spec.data, &t->cells);
	t->cells = (struct abl_cells){0};
	abl_str_clear(&t->text);
	t->column = t->since = 0;
}

/* ---- bytes ---- */

char abl_row_table_delimiter(const char *line, size_t length)
{
	static const char those[] = ",\t;";
	size_t count[sizeof those] = {0}, best = 0;

	for (size_t i = 0; i < length; i++)
		for (size_t k = 0; those[k]; k++)
			count[k] += line[i] == those[k];
	for (size_t k = 1; those[k]; k++)
		if (count[k] > count[best])
			best = k;
	return those[best];
}

static int no_space(unsigned char c)
{
	return 0;
}

/* In pieces: a quote without an end shall not take all memory. */
static void parse(struct abl_row_table *t, const char *bytes, size_t length)
{
	while (length && !t->broken) {
		size_t n = length < PIECE ? length : PIECE;

		t->since += n;
		t->broken = csv_parse(&t->parser, bytes, n, take_field, take_row, t) != n ||
			    t->since > LONGEST_ROW;
		bytes += n;
		length -= n;
	}
}

/* The header, once it is whole. */
static void start(struct abl_row_table *t, const char *bytes, size_t length, bool last)
{
	const char *line_end, *from;
	size_t rest;

	abl_str_add(&t->head, bytes, length);
	from = t->head.text;
	rest = t->head.length;
	line_end = memchr(from, '\n', rest);
	if (!rest || (!line_end && !last && rest < LONGEST_ROW))
		return;
	if (rest >= strlen(mark) && !memcmp(from, mark, strlen(mark)))
		from += strlen(mark), rest -= strlen(mark);
	csv_set_delim(&t->parser,
		      t->spec.tabs ? CSV_TAB
				   : (unsigned char)abl_row_table_delimiter(
					     from, line_end ? (size_t)(line_end - from) : rest));
	csv_set_space_func(&t->parser, no_space);
	t->started = true;
	parse(t, from, rest);
	abl_str_finish(&t->head);
}

bool abl_row_table_feed(struct abl_row_table *t, const char *bytes, size_t length, bool last)
{
	if (t->started)
		parse(t, bytes, length);
	else
		start(t, bytes, length, last);
	if (last && t->started && !t->broken)
		t->broken = csv_fini(&t->parser, take_field, take_row, t) != 0;
	return !t->broken;
}
