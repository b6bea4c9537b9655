/* SPDX-License-Identifier: Apache-2.0 */
/* table_reader.h - rows of a table file: TAB-separated as GLUE has it (quotes are text, one row a
 * line) or comma-separated after RFC 4180 (quoted fields may hold commas, quotes and line ends).
 * Plain, .gz or .xz; a byte order mark is dropped; NUL bytes and invalid UTF-8 are refused with
 * their line. */
#ifndef ABL_TABLE_READER_H
#define ABL_TABLE_READER_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

#define ABL_ROW_COLUMNS 256 /* most columns of a row */

struct abl_row {
	/* [fields], zero-terminated; valid during the call. Of JSON lines (json_rows.h) also NULL
	 * and abl_row_nested. */
	const char *const *field;
	size_t fields;
	size_t line; /* where the row starts in the unpacked file, from 1 */
};

extern const char abl_row_nested[];

/* Called for each row, the header included; a non-zero result ends the reading and is passed on.
 * Empty lines are no rows. */
typedef int abl_row_hook(void *data, const struct abl_row *row, struct abl_err *err);

/* Reads the file at `path`; format is "tsv", "csv" or "jsonl". */
int abl_rows_read(const char *path, const char *format, abl_row_hook *hook, void *data,
		  struct abl_err *err) ABL_MUST_USE;

struct abl_reader;
/* The same of a file that is open, from the line that abl_reader_line() would give next. Not for
 * "jsonl". */
int abl_rows_read_open(struct abl_reader *reader, const char *format, abl_row_hook *hook,
		       void *data, struct abl_err *err) ABL_MUST_USE;

/* How many of its fields the row uses: empty ones at its end, which spreadsheets write, do not
 * count. */
size_t abl_row_used(const struct abl_row *row);
/* Refuses a row that uses more columns than `width`, which `first` ("the header") has: a separator
 * within a field has shifted what follows. `more` ends the message. */
int abl_row_too_wide(const struct abl_row *row, const char *path, const char *format,
		     const char *first, size_t width, const char *more, struct abl_err *err);

/* Does `column` say where it is (a number from 0, or "last") instead of giving a header's name? */
bool abl_row_column_is_place(const char *column);
/* Finds a column in the first row of a file: by the header's name when `header` is set, by number
 * from 0, or "last". Returns its index or -1 when there is none. */
long abl_row_column(const struct abl_row *first, bool header, const char *column);
/* For a first row of one cell that has the separator of another format in it: "; it has TABs: set
 * `format: tsv`"; else "". */
const char *abl_row_other_format(const char *cell);
/* The header name nearest to `column`, or NULL. */
const char *abl_row_nearest(const struct abl_row *first, const char *column);

#endif
