/* SPDX-License-Identifier: Apache-2.0 */
/* sql.c - statements and queries. */
#include "sql_connection.h"

#include "str.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct abl_query {
	struct abl_sql *sql;
	sqlite3_stmt *stmt;
};

/* The fault of whoever wrote the query, not of the database or the machine. */
static bool is_askers(struct abl_sql *s)
{
	static const int ours[] = {SQLITE_NOMEM,   SQLITE_BUSY, SQLITE_LOCKED, SQLITE_CANTOPEN,
				   SQLITE_CORRUPT, SQLITE_FULL, SQLITE_IOERR,  SQLITE_NOTADB};
	const int code = sqlite3_errcode(s->db) & 0xff;

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (code == ours[i])
			return false;
	return true;
}

/* What is not there is not what was asked for: a view of the database asks for it, whose text a
 * disk has changed. */
static bool names_other(const char *message, const char *sql)
{
	const char *missing = strncmp(message, "no such ", 8) ? NULL : strrchr(message, ' ') + 1;
	const char *column = missing ? strrchr(missing, '.') : NULL;

	return missing && !strstr(sql, column ? column + 1 : missing);
}

/* A query that is not understood. */
static int not_valid(struct abl_sql *s, const char *sql, struct abl_err *err)
{
	const char *message = sqlite3_errmsg(s->db);

	if (!is_askers(s))
		return abl_sql_failed(s, err);
	if (names_other(message, sql))
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' is damaged: a view of it asks for what is not there: %s",
				   s->name, message);
	return abl_err_set(err, ABL_EINPUT, "the query is not valid SQL for '%s': %s", s->name,
			   message);
}

void abl_sql_close(struct abl_sql *s)
{
	if (!s)
		return;
	if (s->depth)
		abl_sql_rollback(s);
	if (s->db && abl_sql_sync(s, true, NULL))
		s->dirty = true; /* nothing to be done about it: what was committed survives all but
				    a power cut */
	for (size_t i = 0; i < s->kept_count; i++)
		sqlite3_finalize(s->kept[i].stmt);
	for (size_t i = 0; i < SPARES; i++)
		sqlite3_finalize(s->spares[i]);
	sqlite3_close(s->db);
	free(s->name);
	free(s);
}

static void fill(sqlite3_stmt *stmt, const char *types, va_list values)
{
	assert((int)strlen(types) == sqlite3_bind_parameter_count(stmt));
	for (int i = 1; *types; types++, i++)
		if (*types == 'i')
			sqlite3_bind_int64(stmt, i, va_arg(values, int64_t));
		else if (*types == 'r')
			sqlite3_bind_double(stmt, i, va_arg(values, double)); /* NaN becomes NULL */
		else
			sqlite3_bind_text(stmt, i, va_arg(values, const char *), -1,
					  SQLITE_TRANSIENT);
}

/* Runs stmt to its end; *out gets the first value. Returns the number of rows or a negative code.
 */
static int drain(struct abl_sql *s, sqlite3_stmt *stmt, int64_t *out, struct abl_err *err)
{
	int rows = 0, code;

	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		if (!rows++ && out)
			*out = sqlite3_column_int64(stmt, 0);
	if (code != SQLITE_DONE)
		rows = abl_sql_failed(s, err);
	if (code == SQLITE_DONE && !sqlite3_stmt_readonly(stmt))
		s->dirty = true;
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return rows;
}

/* As abl_sql_get(); the number of rows, or a negative code. */
static int run(struct abl_sql *s, int64_t *out, struct abl_err *err, const char *sql,
	       const char *types, va_list values)
{
	sqlite3_stmt *stmt;
	int rc = abl_sql_statement(s, sql, &stmt, err);

	if (!rc && s->turns && !sqlite3_stmt_readonly(stmt))
		rc = abl_sql_begin_turn(s, err);
	if (rc)
		return rc;
	fill(stmt, types, values);
	return drain(s, stmt, out, err);
}

int64_t abl_sql_exec(struct abl_sql *s, struct abl_err *err, const char *sql, const char *types,
		     ...)
{
	va_list values;
	int rc;

	va_start(values, types);
	rc = run(s, NULL, err, sql, types, values);
	va_end(values);
	return rc < 0 ? rc : sqlite3_changes64(s->db);
}

int abl_sql_get(struct abl_sql *s, int64_t *out, struct abl_err *err, const char *sql,
		const char *types, ...)
{
	va_list values;
	int rc;

	va_start(values, types);
	rc = run(s, out, err, sql, types, values);
	va_end(values);
	return rc > 0 ? 1 : rc;
}

/* ---- queries ---- */

static bool only_space(const char *text)
{
	return text[strspn(text, " \t\r\n;")] == '\0';
}

/* A query of a loop is asked with the same text again and again, and to prepare it can take longer
 * than its rows. NULL: none is idle. */
static sqlite3_stmt *take_spare(struct abl_sql *s, const char *sql)
{
	for (size_t i = 0; i < SPARES; i++)
		if (s->spares[i] && !strcmp(sqlite3_sql(s->spares[i]), sql)) {
			sqlite3_stmt *stmt = s->spares[i];

			s->spares[i] = NULL;
			return stmt;
		}
	return NULL;
}

static void put_spare(struct abl_sql *s, sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	sqlite3_finalize(s->spares[s->next_spare]);
	s->spares[s->next_spare] = stmt;
	s->next_spare = (s->next_spare + 1) % SPARES;
}

static int prepare(struct abl_sql *s, const char *sql, sqlite3_stmt **out, struct abl_err *err)
{
	const char *tail = "";

	if (sqlite3_prepare_v2(s->db, sql, -1, out, &tail))
		return not_valid(s, sql, err);
	if (!*out)
		return abl_err_set(err, ABL_EINPUT, "the query is empty");
	if (only_space(tail))
		return 0;
	sqlite3_finalize(*out);
	return abl_err_set(err, ABL_EINPUT, "the query has more than one statement; give one");
}

int abl_query_open(struct abl_query **out, struct abl_sql *s, const char *sql, struct abl_err *err)
{
	sqlite3_stmt *stmt = take_spare(s, sql);
	int rc = stmt ? 0 : prepare(s, sql, &stmt, err);

	if (rc)
		return rc;
	*out = abl_calloc(1, sizeof **out);
	**out = (struct abl_query){s, stmt};
	return 0;
}

void abl_query_close(struct abl_query *q)
{
	if (q)
		put_spare(q->sql, q->stmt);
	free(q);
}

void abl_query_set_text(struct abl_query *q, int index, const char *text)
{
	sqlite3_bind_text(q->stmt, index, text, -1, SQLITE_TRANSIENT);
}

void abl_query_set_int(struct abl_query *q, int index, int64_t value)
{
	sqlite3_bind_int64(q->stmt, index, value);
}

void abl_query_set_real(struct abl_query *q, int index, double value)
{
	sqlite3_bind_double(q->stmt, index, value);
}

int abl_query_step(struct abl_query *q, struct abl_err *err)
{
	int code = sqlite3_step(q->stmt);

	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return code == SQLITE_ROW;
	if (!is_askers(q->sql))
		return abl_sql_failed(q->sql, err);
	return abl_err_set(err, ABL_EINPUT, "the query failed: %s", sqlite3_errmsg(q->sql->db));
}

void abl_query_rewind(struct abl_query *q)
{
	sqlite3_reset(q->stmt);
}

int abl_query_columns(const struct abl_query *q)
{
	return sqlite3_column_count(q->stmt);
}

const char *abl_query_name(const struct abl_query *q, int column)
{
	return sqlite3_column_name(q->stmt, column);
}

enum abl_column abl_query_type(const struct abl_query *q, int column)
{
	switch (sqlite3_column_type(q->stmt, column)) {
	case SQLITE_NULL:
		return ABL_COLUMN_NULL;
	case SQLITE_INTEGER:
		return ABL_COLUMN_INT;
	case SQLITE_FLOAT:
		return ABL_COLUMN_REAL;
	default:
		return ABL_COLUMN_TEXT;
	}
}

int64_t abl_query_int(const struct abl_query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

double abl_query_real(const struct abl_query *q, int column)
{
	return abl_query_type(q, column) == ABL_COLUMN_NULL
		       ? NAN
		       : sqlite3_column_double(q->stmt, column);
}

const char *abl_query_text(const struct abl_query *q, int column)
{
	return (const char *)sqlite3_column_text(q->stmt, column);
}
