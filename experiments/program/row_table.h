/* SPDX-License-Identifier: Apache-2.0 */
/* row_table.h - rows of a table with a header, from bytes as they come: CSV and its kin. Commas,
 * TABs or semicolons separate, as the header has them. Memory is bounded by the longest row. */
#ifndef ABL_ROW_TABLE_H
#define ABL_ROW_TABLE_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

enum { ABL_ROW_CELLS = 12 };

struct abl_cell {
	const char *text; /* NULL: the row or the table has no such column */
	size_t length;
};

struct abl_cells {
	struct abl_cell cell[ABL_ROW_CELLS]; /* of the columns asked for, without blanks around */
	size_t row;                          /* from 1; the header is the first */
};

struct abl_row_spec {
	const char *const *columns; /* asked for; ABL_ROW_CELLS at most */
	size_t column_count;
	bool tabs; /* they separate, whatever the header has */
	void *data;
	void (*row)(void *data, const struct abl_cells *cells);
	void (*column)(void *data, const char *name, size_t length); /* may be NULL */
};

struct abl_row_table;

int abl_row_table_create(struct abl_row_table **out, const struct abl_row_spec *spec,
			 struct abl_err *err) ABL_MUST_USE;
/* `last`: the last row needs no line end. false, from then on: a row has no end. */
bool abl_row_table_feed(struct abl_row_table *t, const char *bytes, size_t length, bool last);
void abl_row_table_destroy(struct abl_row_table *t); /* null-safe */

/* What separates the columns of that header. */
char abl_row_table_delimiter(const char *line, size_t length);

#endif
