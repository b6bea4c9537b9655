/* SPDX-License-Identifier: Apache-2.0 */
/* print.h - texts, tables and the rows of an answer on standard output. */
#ifndef ABL_PRINT_H
#define ABL_PRINT_H

#include "answer.h"
#include "table.h"

/* Takes the rows as they come and prints them at the end. */
struct abl_printed {
	enum abl_table_format format;
	size_t room; /* columns to stay within; 0 = the terminal's */
	bool drop;   /* what there is no room for is named below the table */
	struct abl_table *table;
};
struct abl_listener abl_print_rows(struct abl_printed *p);
/* After the question: prints, or with a `code` that is not 0 forgets, what came. Returns `code`. */
int abl_print_end(struct abl_printed *p, int rc);

/* Prints and ends a text for people: a terminal acts upon nothing in it. */
void abl_print_text(struct abl_str *text);
/* The same for programs, as it is. */
void abl_print_exact(struct abl_str *text);
/* Prints and destroys a table. */
void abl_print_table(struct abl_table *t, enum abl_table_format format);

#endif
