/* SPDX-License-Identifier: Apache-2.0 */
/* sql_turn.c - transactions, and what makes them last. */
#include "sql_connection.h"

#include <assert.h>

/* One of the few words of transactions, each kept prepared. */
static int say(struct abl_sql *s, const char *sql, struct abl_err *err)
{
	sqlite3_stmt *stmt;
	int rc = abl_sql_statement(s, sql, &stmt, err);

	if (rc)
		return rc;
	rc = sqlite3_step(stmt) == SQLITE_DONE ? 0 : abl_sql_failed(s, err);
	sqlite3_reset(stmt);
	return rc;
}

int abl_sql_begin_turn(struct abl_sql *s, struct abl_err *err)
{
	int rc = 0;

	if (s->turn && sqlite3_get_autocommit(s->db))
		return abl_err_set(err, ABL_EFAIL,
				   "the results database '%s' lost what was written last, by a "
				   "write that failed; stopped: the same command goes on",
				   s->name);
	if (!s->turn)
		rc = say(s, "BEGIN IMMEDIATE", err);
	s->turn |= !rc;
	return rc;
}

static int ask_fence(struct abl_sql *s, struct abl_err *err)
{
	return s->fence ? s->fence(s->fence_data, err) : 0;
}

int abl_sql_begin(struct abl_sql *s, struct abl_err *err)
{
	int rc = s->turns ? abl_sql_begin_turn(s, err) : 0;

	assert(!s->depth);
	rc = rc ? rc : say(s, s->turns ? "SAVEPOINT part" : "BEGIN IMMEDIATE", err);
	s->depth = !rc;
	return rc;
}

int abl_sql_commit(struct abl_sql *s, struct abl_err *err)
{
	int rc = s->turns ? 0 : ask_fence(s, err);

	rc = rc ? rc : say(s, s->turns ? "RELEASE part" : "COMMIT", err);
	if (rc)
		abl_sql_rollback(s);
	s->depth = 0;
	return rc;
}

void abl_sql_rollback(struct abl_sql *s)
{
	sqlite3_exec(s->db, s->turns ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK", NULL, NULL,
		     NULL);
	s->depth = 0;
}

static int end_turn(struct abl_sql *s, struct abl_err *err)
{
	int rc;

	if (!s->turn || s->depth)
		return 0;
	rc = abl_sql_begin_turn(s, err); /* it has; whether it is still there */
	rc = rc ? rc : ask_fence(s, err);
	rc = rc ? rc : say(s, "COMMIT", err);
	s->turn = rc != 0;
	return rc;
}

int abl_sql_take_turns(struct abl_sql *s, bool on, struct abl_err *err)
{
	int rc = on ? 0 : end_turn(s, err);

	s->turns = on;
	return rc;
}

void abl_sql_flush_each(struct abl_sql *s, int (*fence)(void *data, struct abl_err *err),
			void *data)
{
	s->flushes = true;
	s->fence = fence, s->fence_data = data;
}

int64_t abl_sql_changes(const struct abl_sql *s)
{
	return sqlite3_total_changes64(s->db);
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

	if (s->flushes)
		return end_turn(s, err);
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
