/* SPDX-License-Identifier: Apache-2.0 */
/* sql.c - the one file that includes SQLite. */
#include "sql.h"

#include "machine.h"
#include "str.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define READER_WAITS 10.0 /* seconds: a writer's last commit may hold it up for a moment */
#define WRITER_WAITS 600.0
#define TELL_AFTER 2.0
#define LOOK_MS 50
#define STATEMENTS 64

struct abl_sql {
	sqlite3 *db;
	char *name;  /* in messages */
	bool writes; /* to a file: has something to sync */
	int depth;   /* of transactions: 0 or 1 */
	bool dirty;  /* committed since the last sync */
	struct timespec synced;
	double patience;      /* seconds that a call waits for another program's lock */
	double waiting_since; /* seconds of abl_clock_now() */
	bool told;            /* of this wait */
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} kept[STATEMENTS];
	size_t kept_count;
};

struct abl_query {
	struct abl_sql *sql;
	sqlite3_stmt *stmt;
};

/* What the system had said, where it was the system that refused. */
static int io_error(struct abl_sql *s, struct abl_err *err)
{
	const int why = sqlite3_system_errno(s->db);
	struct rlimit files; /* SQLite keeps no reason where it could not lengthen its index */
	const bool limited = (why == EFBIG || !why) && !getrlimit(RLIMIT_FSIZE, &files) &&
			     files.rlim_cur != RLIM_INFINITY;

	if (sqlite3_errcode(s->db) == SQLITE_FULL || why == ENOSPC || why == EDQUOT)
		return abl_err_set(err, ABL_EFULL,
				   "there is no room on the disk for the results database '%s'",
				   s->name);
	/* a limit is not waited for */
	return abl_err_set(err, limited ? ABL_EFAIL : ABL_EIO,
			   "cannot read or write the results database '%s': %s%s", s->name,
			   why ? strerror(why) : sqlite3_errmsg(s->db),
			   limited ? " (files are limited here: see 'ulimit -f')" : "");
}

static int sql_error(struct abl_sql *s, struct abl_err *err)
{
	switch (sqlite3_errcode(s->db) & 0xff) {
	case SQLITE_NOMEM:
		return abl_err_set(err, ABL_ENOMEM, "out of memory");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return abl_err_set(err, ABL_EBUSY,
				   "the results database '%s' is locked by another program",
				   s->name);
	case SQLITE_CANTOPEN:
		return abl_err_set(err, s->kept_count ? ABL_EIO : ABL_EINPUT,
				   "cannot open the results database '%s'", s->name);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return abl_err_set(err, ABL_EINPUT, "'%s' is damaged or not a results database: %s",
				   s->name, sqlite3_errmsg(s->db));
	case SQLITE_FULL:
	case SQLITE_IOERR:
		return io_error(s, err);
	default:
		return abl_err_set(err, ABL_EIO, "results database '%s': %s", s->name,
				   sqlite3_errmsg(s->db));
	}
}

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

static void (*say_waiting)(const char *text);

void abl_sql_on_wait(void (*say)(const char *text))
{
	say_waiting = say;
}

/* Another program holds the lock: whether to try again. */
static int wait_for_lock(void *data, int tries)
{
	struct abl_sql *s = data;
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	double waited;
	char text[512];

	if (!tries) {
		s->waiting_since = abl_clock_now();
		s->told = false;
	}
	waited = abl_clock_now() - s->waiting_since;
	if (waited >= s->patience)
		return 0;
	if (waited >= TELL_AFTER && !s->told && say_waiting) {
		snprintf(text, sizeof text,
			 "the results database '%s' is locked by another program; waiting for it",
			 s->name);
		say_waiting(text);
		s->told = true;
	}
	nanosleep(&pause, NULL);
	return 1;
}

void abl_sql_patience(struct abl_sql *s, double seconds)
{
	s->patience = seconds;
}

/* ---- the connection ---- */

static int sql_open(struct abl_sql **out, const char *uri, int flags, const char *name,
		    struct abl_err *err)
{
	struct abl_sql *s = abl_calloc(1, sizeof *s);
	int rc = 0;

	s->name = abl_strdup(name);
	if (sqlite3_open_v2(uri, &s->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL))
		rc = s->db ? sql_error(s, err) : abl_err_set(err, ABL_ENOMEM, "out of memory");
	if (rc) {
		abl_sql_close(s);
		return rc;
	}
	s->patience = flags & SQLITE_OPEN_READWRITE ? WRITER_WAITS : READER_WAITS;
	sqlite3_busy_handler(s->db, wait_for_lock, s);
	*out = s;
	return 0;
}

int abl_sql_open(struct abl_sql **out, const char *uri, bool writes, const char *name,
		 struct abl_err *err)
{
	int rc =
		sql_open(out, uri,
			 writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY,
			 name, err);

	if (!rc)
		(*out)->writes = writes;
	return rc;
}

int abl_sql_open_memory(struct abl_sql **out, struct abl_err *err)
{
	return sql_open(out, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			":memory:", err);
}

int abl_sql_copy(struct abl_sql **out, const struct abl_sql *from, struct abl_err *err)
{
	struct abl_sql *to = NULL;
	sqlite3_backup *copy;
	int rc = sql_open(&to, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, from->name,
			  err);

	if (rc)
		return rc;
	copy = sqlite3_backup_init(to->db, "main", from->db, "main");
	if (copy)
		sqlite3_backup_step(copy, -1);
	if (!copy || sqlite3_backup_finish(copy)) {
		rc = sql_error(to, err);
		abl_sql_close(to);
		return rc;
	}
	*out = to;
	return 0;
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
	sqlite3_close(s->db);
	free(s->name);
	free(s);
}

/* ---- statements ---- */

int abl_sql_script(struct abl_sql *s, const char *sql, struct abl_err *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) ? sql_error(s, err) : 0;
}

static int statement(struct abl_sql *s, const char *sql, sqlite3_stmt **out, struct abl_err *err)
{
	for (size_t i = 0; i < s->kept_count; i++)
		if (s->kept[i].sql == sql) {
			*out = s->kept[i].stmt;
			return 0;
		}
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL))
		return sql_error(s, err);
	assert(s->kept_count < STATEMENTS);
	s->kept[s->kept_count].sql = sql;
	s->kept[s->kept_count++].stmt = *out;
	return 0;
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
		rows = sql_error(s, err);
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
	int rc = statement(s, sql, &stmt, err);

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

/* ---- transactions ---- */

int abl_sql_begin(struct abl_sql *s, struct abl_err *err)
{
	int rc;

	assert(!s->depth);
	rc = abl_sql_script(s, "BEGIN IMMEDIATE", err);
	s->depth = !rc;
	return rc;
}

int abl_sql_commit(struct abl_sql *s, struct abl_err *err)
{
	int rc = abl_sql_script(s, "COMMIT", err);

	if (rc)
		abl_sql_rollback(s);
	s->depth = 0;
	return rc;
}

void abl_sql_rollback(struct abl_sql *s)
{
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->depth = 0;
}

int abl_sql_enter(struct abl_sql *s, struct abl_err *err)
{
	if (!s->depth)
		return abl_sql_begin(s, err);
	s->depth++;
	return 0;
}

int abl_sql_leave(struct abl_sql *s, int rc, struct abl_err *err)
{
	if (s->depth > 1) {
		s->depth--; /* the outer one decides */
		return rc;
	}
	if (!rc)
		return abl_sql_commit(s, err);
	abl_sql_rollback(s);
	return rc;
}

int abl_sql_sync(struct abl_sql *s, bool now, struct abl_err *err)
{
	struct timespec t;
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (!s->writes || s->depth || !s->dirty ||
	    (!now && t.tv_sec - s->synced.tv_sec + (t.tv_nsec - s->synced.tv_nsec) / 1e9 < 1))
		return 0;
	/* one commit with FULL syncs the whole log, and with it all commits before */
	rc = abl_sql_script(s,
			    "PRAGMA synchronous = FULL; BEGIN IMMEDIATE;"
			    "UPDATE study SET plan = plan WHERE id = (SELECT min(id) FROM study);"
			    "COMMIT; PRAGMA synchronous = NORMAL",
			    err);
	if (rc)
		return rc;
	s->dirty = false;
	s->synced = t;
	/* our own, since one by SQLite would make commits last before the files that they name */
	return abl_sql_script(s, "PRAGMA wal_checkpoint(PASSIVE)", err);
}

/* ---- queries ---- */

static bool only_space(const char *text)
{
	return text[strspn(text, " \t\r\n;")] == '\0';
}

int abl_query_open(struct abl_query **out, struct abl_sql *s, const char *sql, struct abl_err *err)
{
	sqlite3_stmt *stmt = NULL;
	const char *tail = "";

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, &tail))
		return !is_askers(s)
			       ? sql_error(s, err)
			       : abl_err_set(err, ABL_EINPUT, "the query is not valid SQL: %s",
					     sqlite3_errmsg(s->db));
	if (!stmt)
		return abl_err_set(err, ABL_EINPUT, "the query is empty");
	if (!only_space(tail)) {
		sqlite3_finalize(stmt);
		return abl_err_set(err, ABL_EINPUT,
				   "the query has more than one statement; give one");
	}
	*out = abl_calloc(1, sizeof **out);
	**out = (struct abl_query){s, stmt};
	return 0;
}

void abl_query_close(struct abl_query *q)
{
	if (q)
		sqlite3_finalize(q->stmt);
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
		return sql_error(q->sql, err);
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
