/* SPDX-License-Identifier: Apache-2.0 */
/* sql.h - a connection to a database: statements, transactions, queries. It knows no table.
 *
 * Only the store, results/read/ and tests speak SQL: whatever else wants numbers asks
 * results/read/. */
#ifndef ABL_SQL_H
#define ABL_SQL_H

#include "errors.h"

#include <stdbool.h>
#include <stdint.h>

struct abl_sql;
struct abl_str;

/* `uri` as SQLite has it; messages call the database `name`. The caller ends it with
 * abl_sql_close(). */
int abl_sql_open(struct abl_sql **out, const char *uri, bool writes, const char *name,
		 struct abl_err *err) ABL_MUST_USE;
/* Appends the uri of a file. */
void abl_sql_put_path(struct abl_str *out, const char *path);
/* Nothing yet, in memory. */
int abl_sql_open_memory(struct abl_sql **out, struct abl_err *err) ABL_MUST_USE;
/* What `from` holds, in memory. */
int abl_sql_copy(struct abl_sql **out, const struct abl_sql *from,
		 struct abl_err *err) ABL_MUST_USE;
void abl_sql_close(struct abl_sql *s); /* null-safe */
/* How long a call waits for another program's lock before it is ABL_EBUSY. From the start 10 s, and
 * 10 min where it may write. */
void abl_sql_patience(struct abl_sql *s, double seconds);
/* Called once for each such wait that has become long, of any connection. */
void abl_sql_on_wait(void (*say)(const char *text));
void abl_sql_say(const char *text); /* by that */

/* ---- statements ---- */

#define ABL_SQL_NOW "(julianday('now') - 2440587.5) * 86400" /* seconds since 1970 */
/* Not before the column: a clock can be set back. */
#define ABL_SQL_NOW_OR(column) "max(" ABL_SQL_NOW ", " column ")"

/* Runs one statement whose `?` are filled in order from the arguments after `types`: 'i' int64_t,
 * 'r' double (NaN becomes NULL), 't' const char * (NULL becomes NULL). Returns the number of rows
 * changed, or a negative code. Statements are kept prepared by the address of `sql`: string
 * literals only. */
int64_t abl_sql_exec(struct abl_sql *s, struct abl_err *err, const char *sql, const char *types,
		     ...);

/* The same, and the first column of the first row in *out: 1 = there is one, 0 = no row. */
int abl_sql_get(struct abl_sql *s, int64_t *out, struct abl_err *err, const char *sql,
		const char *types, ...);

/* Any text of statements, nothing kept. */
int abl_sql_script(struct abl_sql *s, const char *sql, struct abl_err *err) ABL_MUST_USE;

/* A transaction of one call, unless the caller has begun one around it. */
int abl_sql_enter(struct abl_sql *s, struct abl_err *err) ABL_MUST_USE;
/* Commits, or undoes when `code` is not 0. Returns `code`, or the commit's own failure. */
int abl_sql_leave(struct abl_sql *s, int rc, struct abl_err *err) ABL_MUST_USE;

/* Not nested; abl_sql_rollback() after any failure between. */
int abl_sql_begin(struct abl_sql *s, struct abl_err *err) ABL_MUST_USE;
int abl_sql_commit(struct abl_sql *s, struct abl_err *err) ABL_MUST_USE;
void abl_sql_rollback(struct abl_sql *s);
/* See abl_store_sync(). */
int abl_sql_sync(struct abl_sql *s, bool now, struct abl_err *err) ABL_MUST_USE;

/* For a database without a log, of which each commit is flushed by itself. `fence` is asked before
 * each. */
void abl_sql_flush_each(struct abl_sql *s, int (*fence)(void *data, struct abl_err *err),
			void *data);
/* With `on`, what is committed from now on joins one transaction, which abl_sql_sync(), and turning
 * it off, commits. */
int abl_sql_take_turns(struct abl_sql *s, bool on, struct abl_err *err) ABL_MUST_USE;
int64_t abl_sql_changes(const struct abl_sql *s); /* rows changed so far by this connection */

/* ---- queries ---- */

struct abl_query; /* one running statement */

/* Prepares one statement. Where only reading is allowed anything that writes is refused
 * with SQLite's own words (ABL_EINPUT). `?1`, `?2` ... are filled with abl_query_text() /
 * abl_query_int(). */
int abl_query_open(struct abl_query **out, struct abl_sql *s, const char *sql,
		   struct abl_err *err) ABL_MUST_USE;
void abl_query_close(struct abl_query *q);                                 /* null-safe */
void abl_query_set_text(struct abl_query *q, int index, const char *text); /* copied; NULL = NULL */
void abl_query_set_int(struct abl_query *q, int index, int64_t value);
void abl_query_set_real(struct abl_query *q, int index, double value); /* NaN becomes NULL */
/* 1 = a row, 0 = the end, negative = error. */
int abl_query_step(struct abl_query *q, struct abl_err *err) ABL_MUST_USE;
void abl_query_rewind(struct abl_query *q); /* to run it again, with new values */

enum abl_column { ABL_COLUMN_NULL, ABL_COLUMN_INT, ABL_COLUMN_REAL, ABL_COLUMN_TEXT };
int abl_query_columns(const struct abl_query *q);
const char *abl_query_name(const struct abl_query *q, int column);
enum abl_column abl_query_type(const struct abl_query *q, int column); /* of this row's value */
int64_t abl_query_int(const struct abl_query *q, int column);
double abl_query_real(const struct abl_query *q, int column); /* NaN for NULL */
/* The query's own memory until the next step; NULL for NULL. */
const char *abl_query_text(const struct abl_query *q, int column);

#endif
