/* SPDX-License-Identifier: Apache-2.0 */
/* load_table.h - a table of results that any program wrote, in memory: CSV, TSV or JSON lines; what
 * it is is seen from its first line. */
#ifndef ABL_LOAD_TABLE_H
#define ABL_LOAD_TABLE_H

#include "errors.h"

#include <stddef.h>
#include <stdint.h>

struct abl_load_cell {
	const char *text; /* without blanks around it; NULL: there is none */
	uint32_t at;      /* where it begins in its line, in bytes from 1; 0: not known */
};
struct abl_load_row {
	size_t line;                /* of the file, from 1 */
	char *text;                 /* of all its cells */
	struct abl_load_cell *cell; /* [width]; columns that a later row of JSON begins are behind
				     */
	size_t width;
};
struct abl_load_table {
	char *path;
	const char *format; /* "csv", "tsv", "jsonl" */
	char **column;      /* names; "" for one without a name */
	size_t columns, column_capacity;
	struct abl_load_row *row;
	size_t rows, row_capacity;
};

/* "-" is standard input. Ends with abl_load_table_finish(), after a failure too. */
int abl_load_table_read(struct abl_load_table *out, const char *path,
			struct abl_err *err) ABL_MUST_USE;
void abl_load_table_finish(struct abl_load_table *t);

/* The text of a cell, NULL where it is empty. */
const char *abl_load_text(const struct abl_load_table *t, size_t row, size_t column);
/* "runs.csv:3:17": the place of a cell, for a message. Appends. */
struct abl_str;
void abl_load_place(const struct abl_load_table *t, size_t row, size_t column, struct abl_str *out);

#endif
