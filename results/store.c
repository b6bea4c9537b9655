/* SPDX-License-Identifier: Apache-2.0 */
/* store.c - the connection: schema, transactions, statements, queries. The one file that knows
 * SQLite. */
#include "store_db.h"

#include "files.h"
#include "str.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUSY_MS 10000 /* readers may hold a checkpoint up for a moment */
#define STATEMENTS 48

extern const char abl_file_schema_sql[], abl_file_views_sql[];

/* steps[v] brings a database of version v to version v + 1. */
static const char *const steps[] = {abl_file_schema_sql, abl_file_views_sql};
#define VERSION ((int)(sizeof steps / sizeof *steps))

struct abl_store {
	sqlite3 *db;
	char *folder;
	char *file; /* results.db in it */
	int lock;   /* descriptor, -1 = reading only */
	int depth;  /* of transactions: 0 or 1 */
	bool dirty; /* committed since the last sync */
	struct timespec synced;
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} kept[STATEMENTS];
	size_t kept_count;
};

struct abl_query {
	struct abl_store *store;
	sqlite3_stmt *stmt;
};

static int sql_error(struct abl_store *s, struct abl_err *err)
{
	int code = sqlite3_errcode(s->db) & 0xff;

	if (code == SQLITE_NOMEM)
		return abl_err_set(err, ABL_ENOMEM, "out of memory");
	if (code == SQLITE_CANTOPEN)
		return abl_err_set(err, ABL_EINPUT, "cannot open the results database '%s'",
				   s->file);
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		return abl_err_set(err, ABL_EINPUT, "'%s' is damaged or no results database: %s",
				   s->file, sqlite3_errmsg(s->db));
	return abl_err_set(err, ABL_EIO, "results database '%s': %s", s->file,
			   sqlite3_errmsg(s->db));
}

/* ---- statements ---- */

int abl_store_script(struct abl_store *s, const char *sql, struct abl_err *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) ? sql_error(s, err) : 0;
}

static sqlite3_stmt *statement(struct abl_store *s, const char *sql, struct abl_err *err)
{
	sqlite3_stmt *stmt;

	for (size_t i = 0; i < s->kept_count; i++)
		if (s->kept[i].sql == sql)
			return s->kept[i].stmt;
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL)) {
		sql_error(s, err);
		return NULL;
	}
	assert(s->kept_count < STATEMENTS);
	s->kept[s->kept_count].sql = sql;
	s->kept[s->kept_count++].stmt = stmt;
	return stmt;
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
static int drain(struct abl_store *s, sqlite3_stmt *stmt, int64_t *out, struct abl_err *err)
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

int64_t abl_store_exec(struct abl_store *s, struct abl_err *err, const char *sql, const char *types,
		       ...)
{
	sqlite3_stmt *stmt = statement(s, sql, err);
	va_list values;
	int code;

	if (!stmt)
		return ABL_EIO;
	va_start(values, types);
	fill(stmt, types, values);
	va_end(values);
	code = drain(s, stmt, NULL, err);
	return code < 0 ? code : sqlite3_changes64(s->db);
}

int abl_store_get(struct abl_store *s, int64_t *out, struct abl_err *err, const char *sql,
		  const char *types, ...)
{
	sqlite3_stmt *stmt = statement(s, sql, err);
	va_list values;
	int code;

	if (!stmt)
		return ABL_EIO;
	va_start(values, types);
	fill(stmt, types, values);
	va_end(values);
	code = drain(s, stmt, out, err);
	return code > 0 ? 1 : code;
}

/* ---- transactions ---- */

int abl_store_begin(struct abl_store *s, struct abl_err *err)
{
	int code;

	assert(!s->depth);
	code = abl_store_script(s, "BEGIN IMMEDIATE", err);
	s->depth = !code;
	return code;
}

int abl_store_commit(struct abl_store *s, struct abl_err *err)
{
	int code = abl_store_script(s, "COMMIT", err);

	if (code)
		abl_store_rollback(s);
	s->depth = 0;
	return code;
}

void abl_store_rollback(struct abl_store *s)
{
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->depth = 0;
}

int abl_store_enter(struct abl_store *s, struct abl_err *err)
{
	if (!s->depth)
		return abl_store_begin(s, err);
	s->depth++;
	return 0;
}

int abl_store_leave(struct abl_store *s, int code, struct abl_err *err)
{
	if (s->depth > 1) {
		s->depth--; /* the outer one decides */
		return code;
	}
	if (!code)
		return abl_store_commit(s, err);
	abl_store_rollback(s);
	return code;
}

int abl_store_sync(struct abl_store *s, bool now, struct abl_err *err)
{
	struct timespec t;
	int code;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (s->lock < 0 || s->depth || !s->dirty ||
	    (!now && t.tv_sec - s->synced.tv_sec + (t.tv_nsec - s->synced.tv_nsec) / 1e9 < 1))
		return 0;
	/* one commit with FULL syncs the whole log, and with it all commits before */
	code = abl_store_script(
		s,
		"PRAGMA synchronous = FULL; BEGIN IMMEDIATE;"
		"UPDATE study SET plan = plan WHERE id = (SELECT min(id) FROM study);"
		"COMMIT; PRAGMA synchronous = NORMAL",
		err);
	if (code)
		return code;
	s->dirty = false;
	s->synced = t;
	/* our own, since one by SQLite would make commits last before the files that they name */
	return abl_store_script(s, "PRAGMA wal_checkpoint(PASSIVE)", err);
}

/* ---- opening ---- */

/* Beside the database, complete or not there. That of an upgrade that failed before is replaced. */
static int backup(struct abl_store *s, int version, struct abl_err *err)
{
	char *path = sqlite3_mprintf("%s.version-%d", s->file, version);
	char *part = path ? sqlite3_mprintf("%s.part", path) : NULL;
	char *sql = part ? sqlite3_mprintf("VACUUM INTO '%q'", part) : NULL;
	int code = sql ? 0 : abl_err_set(err, ABL_ENOMEM, "out of memory");

	if (!code) {
		unlink(part);
		code = abl_store_script(s, sql, err);
	}
	if (!code && rename(part, path))
		code = abl_err_set(err, ABL_EIO, "cannot write '%s': %s", path, strerror(errno));
	sqlite3_free(sql);
	sqlite3_free(part);
	sqlite3_free(path);
	return code ? abl_err_prefix(err, "cannot back up before the upgrade") : 0;
}

static int upgrade(struct abl_store *s, int version, struct abl_err *err)
{
	char pragma[64];
	int code = version ? backup(s, version, err) : 0;

	if (code || abl_store_begin(s, err))
		return code ? code : ABL_EIO;
	for (; !code && version < VERSION; version++)
		code = abl_store_script(s, steps[version], err);
	snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", VERSION);
	code = code ? code : abl_store_script(s, pragma, err);
	return abl_store_leave(s, code, err);
}

static int read_version(struct abl_store *s, int *version, struct abl_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = 0;

	/* the second value says whether anybody else's tables are there */
	if (sqlite3_prepare_v2(s->db,
			       "SELECT (SELECT user_version FROM pragma_user_version), "
			       "(SELECT count(*) FROM sqlite_schema), "
			       "(SELECT count(*) FROM sqlite_schema WHERE name = 'trial_stage')",
			       -1, &stmt, NULL) ||
	    sqlite3_step(stmt) != SQLITE_ROW) {
		code = sql_error(s, err);
	} else {
		*version = sqlite3_column_int(stmt, 0);
		if (*version > VERSION)
			code = abl_err_set(
				err, ABL_EINPUT,
				"'%s' has schema version %d and this program knows up to %d; use "
				"the newer ablate that wrote it",
				s->file, *version, VERSION);
		else if ((sqlite3_column_int(stmt, 1) && !sqlite3_column_int(stmt, 2)) ||
			 *version < 0)
			code = abl_err_set(err, ABL_EINPUT,
					   "'%s' is not a results database of ablate", s->file);
	}
	sqlite3_finalize(stmt);
	return code;
}

/* The name to open the database by. A reader of a WAL database makes a small file beside it; where
 * it may not and there is no writer, SQLite has to be told that nothing will change. */
static void uri_of(const struct abl_store *s, enum abl_store_mode mode, struct abl_str *out)
{
	struct abl_str log = {0};

	abl_str_printf(&log, "%s-wal", s->file);
	abl_str_puts(out, "file:");
	for (const char *p = s->file; *p; p++)
		abl_str_printf(out, strchr("%?#", *p) ? "%%%02x" : "%c", (unsigned char)*p);
	if (mode == ABL_STORE_READ && access(s->folder, W_OK) && !abl_file_exists(log.text))
		abl_str_puts(out, "?immutable=1");
	abl_str_finish(&log);
}

static int open_db(struct abl_store *s, enum abl_store_mode mode, struct abl_err *err)
{
	int flags = mode == ABL_STORE_READ ? SQLITE_OPEN_READONLY
					   : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	struct abl_str uri = {0};
	int version = 0, code;

	uri_of(s, mode, &uri);
	code = sqlite3_open_v2(uri.text, &s->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
			       NULL);
	abl_str_finish(&uri);
	if (code)
		return s->db ? sql_error(s, err) : abl_err_set(err, ABL_ENOMEM, "out of memory");
	sqlite3_busy_timeout(s->db, BUSY_MS);
	code = read_version(s, &version, err);
	if (code)
		return code;
	if (mode == ABL_STORE_READ)
		return version == VERSION
			       ? 0
			       : abl_err_set(
					 err, ABL_EINPUT,
					 "'%s' has the older schema version %d; 'ablate run' on "
					 "this store upgrades it",
					 s->file, version);
	code = abl_store_script(s,
				"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
				"PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0",
				err);
	if (!code && version < VERSION)
		code = upgrade(s, version, err);
	code = code ? code : abl_store_recover(s, err);
	return code ? code : abl_store_refresh_views(s, err);
}

int abl_store_open(struct abl_store **out, const char *folder, enum abl_store_mode mode,
		   struct abl_err *err)
{
	struct abl_store *s = abl_calloc(1, sizeof *s);

	s->lock = -1;
	s->folder = abl_strdup(folder);
	s->file = abl_path_join(folder, "results.db");
	if (mode == ABL_STORE_READ && !abl_file_exists(s->file)) {
		abl_err_set(err, ABL_EINPUT, "no store at '%s': run a study first or give --store",
			    folder);
		goto fail;
	}
	if (abl_is_dir(s->file)) {
		abl_err_set(err, ABL_EINPUT, "'%s' is a folder, not a results database", s->file);
		goto fail;
	}
	if (mode == ABL_STORE_WRITE && abl_store_lock(folder, &s->lock, err))
		goto fail;
	if (open_db(s, mode, err))
		goto fail;
	*out = s;
	return 0;
fail:
	abl_store_close(s);
	return err ? err->code : ABL_EIO;
}

void abl_store_close(struct abl_store *s)
{
	if (!s)
		return;
	if (s->depth)
		abl_store_rollback(s);
	if (s->db && abl_store_sync(s, true, NULL))
		s->dirty = true; /* nothing to be done about it: what was committed survives all but
				    a power cut */
	for (size_t i = 0; i < s->kept_count; i++)
		sqlite3_finalize(s->kept[i].stmt);
	sqlite3_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	free(s->folder);
	free(s->file);
	free(s);
}

const char *abl_store_folder(const struct abl_store *s)
{
	return s->folder;
}

/* ---- queries ---- */

static bool only_space(const char *text)
{
	return text[strspn(text, " \t\r\n;")] == '\0';
}

int abl_query_open(struct abl_query **out, struct abl_store *s, const char *sql,
		   struct abl_err *err)
{
	sqlite3_stmt *stmt = NULL;
	const char *tail = "";

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, &tail))
		return abl_err_set(err, ABL_EINPUT, "the query cannot be read: %s",
				   sqlite3_errmsg(s->db));
	if (!stmt)
		return abl_err_set(err, ABL_EINPUT, "the query is empty");
	if (!only_space(tail)) {
		sqlite3_finalize(stmt);
		return abl_err_set(err, ABL_EINPUT,
				   "the query is more than one statement; give one");
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

int abl_query_step(struct abl_query *q, struct abl_err *err)
{
	int code = sqlite3_step(q->stmt);

	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return code == SQLITE_ROW;
	if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_CORRUPT)
		return sql_error(q->store, err);
	return abl_err_set(err, ABL_EINPUT, "the query failed: %s", sqlite3_errmsg(q->store->db));
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
