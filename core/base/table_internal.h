/* SPDX-License-Identifier: Apache-2.0 */
/* table_internal.h - what a table is, for those who print it. */
#ifndef ABL_TABLE_INTERNAL_H
#define ABL_TABLE_INTERNAL_H

#include "table.h"

struct column {
	char *name;
	bool right, whole;
};

struct cell {
	char *shown; /* NULL = nothing there */
	char *exact; /* of a number; NULL = it is a text, or a number that JSON has no word for */
	bool is_number;
	bool numbers; /* a text of numbers: its hyphens are minus signs */
};

struct abl_table {
	struct column *columns;
	struct cell *cells; /* row by row */
	size_t width, width_capacity, count, cell_capacity;
	char *caption, *notes; /* or NULL */
	size_t room;           /* columns to stay within; 0 = the window's */
	bool drop;
};

static inline const char *abl_table_shown(const struct cell *c)
{
	return c->shown ? c->shown : "-";
}

void abl_table_plain(const struct abl_table *t, struct abl_str *out); /* table_plain.c */
/* table_paper.c */
void abl_table_markdown(const struct abl_table *t, struct abl_str *out);
void abl_table_tex(const struct abl_table *t, struct abl_str *out);

#endif
