/* SPDX-License-Identifier: Apache-2.0 */
/* query_table.h - the rows of an answer on standard output. */
#ifndef ABL_QUERY_TABLE_H
#define ABL_QUERY_TABLE_H

#include "answer.h"
#include "table.h"

/* Takes the rows as they come and prints them at the end. */
struct abl_printed {
	enum abl_table_format format;
	struct abl_table *table;
};
struct abl_listener abl_print_rows(struct abl_printed *p);
/* After the question: prints, or with a `code` that is not 0 forgets, what came. Returns `code`. */
int abl_print_end(struct abl_printed *p, int code);

/* Prints and destroys a table. */
void abl_table_put(struct abl_table *t, enum abl_table_format format);

#endif
