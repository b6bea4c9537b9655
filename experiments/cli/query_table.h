/* SPDX-License-Identifier: Apache-2.0 */
/* query_table.h - the rows of a query on standard output. */
#ifndef ABL_QUERY_TABLE_H
#define ABL_QUERY_TABLE_H

#include "sql.h"
#include "table.h"

/* Runs the query (values already set) and prints its rows in the format. */
int abl_query_print(struct abl_query *q, enum abl_table_format format,
		    struct abl_err *err) ABL_MUST_USE;
/* Prints and destroys a table. */
void abl_table_put(struct abl_table *t, enum abl_table_format format);

#endif
