/* SPDX-License-Identifier: Apache-2.0 */
/* sql_connection.c - opening a database, and what SQLite says when it fails. */
#include "sql_connection.h"

#include "machine.h"
#include "str.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define READER_WAITS 10.0 /* seconds: a writer's last commit may hold it up for a moment */
#define WRITER_WAITS 600.0
#define TELL_AFTER 2.0
#define LOOK_MS 50

/* What the system had said, where it was the system that refused. */
static int io_error(struct abl_sql *s, struct abl_err *err)
{
	const int why = sqlite3_system_errno(s->db);
	struct rlimit files; /* SQLite keeps no reason where it could not lengthen its index */
	const bool limited = (why == EFBIG || !why) && !getrlimit(RLIMIT_FSIZE, &files) &&
			     files.rlim_cur != RLIM_INFINITY;
	char text[120];

	if (sqlite3_errcode(s->db) == SQLITE_FULL || why == ENOSPC || why == EDQUOT)
		return abl_err_set(err, ABL_EFULL,
				   "there is no room on the disk for the results database '%s'",
				   s->name);
	snprintf(text, sizeof text, "%s (SQLite's code %d)", sqlite3_errmsg(s->db),
		 sqlite3_extended_errcode(s->db));
	/* a limit is not waited for */
	return abl_err_set(err, limited ? ABL_EFAIL : ABL_EIO,
			   "cannot read or write the results database '%s': %s%s", s->name,
			   why ? strerror(why) : text,
			   limited ? " (files are limited here: see 'ulimit -f')" : "");
}

int abl_sql_failed(struct abl_sql *s, struct abl_err *err)
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

static void (*say_waiting)(const char *text);

void abl_sql_on_wait(void (*say)(const char *text))
{
	say_waiting = say;
}

void abl_sql_say(const char *text)
{
	if (say_waiting)
		say_waiting(text);
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
	if (waited >= TELL_AFTER && !s->told) {
		snprintf(text, sizeof text,
			 "the results database '%s' is locked by another program; waiting for it",
			 s->name);
		abl_sql_say(text);
		s->told = true;
	}
	nanosleep(&pause, NULL);
	return 1;
}

void abl_sql_patience(struct abl_sql *s, double seconds)
{
	s->patience = seconds;
}

static void discard(struct abl_sql *s)
{
	sqlite3_close(s->db);
	free(s->name);
	free(s);
}

static int sql_open(struct abl_sql **out, const char *uri, int flags, const char *name,
		    struct abl_err *err)
{
	struct abl_sql *s = abl_calloc(1, sizeof *s);
	int rc = 0;

	s->name = abl_strdup(name);
	if (sqlite3_open_v2(uri, &s->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL))
		rc = s->db ? abl_sql_failed(s, err) : abl_err_set(err, ABL_ENOMEM, "out of memory");
	if (rc) {
		discard(s);
		return rc;
	}
	s->patience = flags & SQLITE_OPEN_READWRITE ? WRITER_WAITS : READER_WAITS;
	sqlite3_busy_handler(s->db, wait_for_lock, s);
	*out = s;
	return 0;
}

void abl_sql_put_path(struct abl_str *out, const char *path)
{
	abl_str_puts(out, "file:");
	for (const char *p = path; *p; p++)
		abl_str_printf(out, strchr("%?#", *p) ? "%%%02x" : "%c", (unsigned char)*p);
}

int abl_sql_open(struct abl_sql **out, const char *uri, bool writes, const char *name,
		 struct abl_err *err)
{
	int rc =
		sql_open(out, uri,
			 writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY,
			 name, err);

	if (rc)
		return rc;
	(*out)->writes = writes;
	/* a listing of many trials visits each page many times; a writer should not grow */
	return writes ? 0
		      : abl_sql_script(*out,
				       "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY",
				       err);
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
		rc = abl_sql_failed(to, err);
		discard(to);
		return rc;
	}
	*out = to;
	return 0;
}

int abl_sql_script(struct abl_sql *s, const char *sql, struct abl_err *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) ? abl_sql_failed(s, err) : 0;
}

int abl_sql_statement(struct abl_sql *s, const char *sql, sqlite3_stmt **out, struct abl_err *err)
{
	for (size_t i = 0; i < s->kept_count; i++)
		if (s->kept[i].sql == sql) {
			*out = s->kept[i].stmt;
			return 0;
		}
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL))
		return abl_sql_failed(s, err);
	assert(s->kept_count < STATEMENTS);
	s->kept[s->kept_count].sql = sql;
	s->kept[s->kept_count++].stmt = *out;
	return 0;
}
