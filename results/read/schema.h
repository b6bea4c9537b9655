/* SPDX-License-Identifier: Apache-2.0 */
/* schema.h - the tables and views that a query may name. */
#ifndef ABL_SCHEMA_H
#define ABL_SCHEMA_H

#include "errors.h"
#include "str.h"

struct abl_store;

struct abl_schema_column { /* texts last for the call */
	const char *table;
	bool is_view;
	const char *about;                 /* what a row of it is; NULL: not said */
	const char *name, *type, *meaning; /* of the column; type and meaning may be NULL */
};
/* Views first, then the tables behind them; column by column. */
int abl_read_schema(struct abl_store *store,
		    void (*hear)(void *data, const struct abl_schema_column *column), void *data,
		    struct abl_err *err) ABL_MUST_USE;

/* The query that a single word stands for: all of that table. Appends to out; another text is
 * appended as it is. ABL_EINPUT with the nearest name where there is no such table. */
int abl_schema_expand(struct abl_store *store, const char *query, struct abl_str *out,
		      struct abl_err *err) ABL_MUST_USE;

/* Sets err to SQLite's message with the nearest table or column where the message is about an
 * unknown one. Returns rc. */
int abl_schema_explain(struct abl_store *store, int rc, const char *message, struct abl_err *err);

#endif
