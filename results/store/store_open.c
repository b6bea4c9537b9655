/* SPDX-License-Identifier: Apache-2.0 */
/* store_open.c - opening: the schema and its upgrades. */
#include "store_carry.h"
#include "store_db.h"

#include "files.h"
#include "str.h"
#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const char abl_file_schema_sql[], abl_file_schema_3_sql[], abl_file_schema_4_sql[],
	abl_file_schema_5_sql[], abl_file_schema_6_sql[], abl_file_schema_7_sql[],
	abl_file_schema_8_sql[];

/* steps[v] brings a database of version v to version v + 1. */
static const char *const steps[] = {
	abl_file_schema_sql,   "", /* the views, once */
	abl_file_schema_3_sql, abl_file_schema_4_sql,
	abl_file_schema_5_sql, abl_file_schema_6_sql,
	abl_file_schema_7_sql, abl_file_schema_8_sql,
};
#define VERSION ((int)(sizeof steps / sizeof *steps))

int abl_store_schema(void)
{
	return VERSION;
}

/* Beside the database, complete or not there. That of an upgrade that failed before is replaced. */
static int backup(struct abl_store *s, int version, struct abl_err *err)
{
	struct abl_str path = {0}, part = {0};
	int rc;

	abl_str_printf(&path, "%s.version-%d", s->file, version);
	abl_str_printf(&part, "%s.part", path.text);
	unlink(part.text);
	rc = (int)abl_sql_exec(s->sql, err, "VACUUM INTO ?", "t", part.text);
	if (rc >= 0)
		rc = abl_sync_path(part.text, err);
	if (!rc && rename(part.text, path.text))
		rc = abl_err_set(err, ABL_EIO, "cannot write '%s': %s", path.text, strerror(errno));
	rc = rc ? rc : abl_sync_path(s->folder, err); /* its name, before the upgrade */
	if (rc)
		unlink(part.text); /* it may be what fills the disk */
	abl_str_finish(&path), abl_str_finish(&part);
	return rc ? abl_err_prefix(err, rc, "cannot back up before the upgrade") : 0;
}

/* Brings the tables up to date. */
static int upgrade(struct abl_store *s, int version, struct abl_err *err)
{
	char pragma[64];
	int rc = abl_sql_enter(s->sql, err);

	if (rc)
		return rc;
	for (; !rc && version < VERSION; version++)
		rc = abl_sql_script(s->sql, steps[version], err);
	snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", VERSION);
	rc = rc ? rc : abl_sql_script(s->sql, pragma, err);
	return abl_sql_leave(s->sql, rc, err);
}

static int read_version(struct abl_store *s, int *version, struct abl_err *err)
{
	int64_t number = 0, tables = 0, ours = 0;
	int rc = abl_sql_get(s->sql, &number, err, "SELECT user_version FROM pragma_user_version",
			     "");

	rc = rc < 0 ? rc
		    : abl_sql_get(s->sql, &tables, err, "SELECT count(*) FROM sqlite_schema", "");
	rc = rc < 0 ? rc
		    : abl_sql_get(s->sql, &ours, err,
				  "SELECT count(*) FROM sqlite_schema WHERE name = 'trial_stage'",
				  "");
	if (rc < 0)
		return rc;
	if (number > VERSION)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' has schema version %d and this program knows up to %d; "
				   "use the newer version of ablate that wrote it",
				   s->file, (int)number, VERSION);
	if (!tables && !number && s->lock.fd < 0)
		return abl_err_set(
			err, ABL_EINPUT,
			"'%s' is empty: nothing was ever run there; 'ablate run' makes it",
			s->file);
	/* somebody else's tables, or none where we may not make them */
	if ((tables && !ours) || number < 0 || (s->lock.fd < 0 && !number))
		return abl_err_set(err, ABL_EINPUT, "'%s' is not a results database of ablate",
				   s->file);
	*version = (int)number;
	return 0;
}

/* The name to open the database by. A reader of a WAL database makes a small file beside it; where
 * it may not and there is no writer, SQLite has to be told that nothing will change. */
static void uri_of(const struct abl_store *s, enum abl_store_mode mode, struct abl_str *out)
{
	struct abl_str log = {0};

	if (*s->network) {
		abl_store_network_uri(s, mode, out);
		return;
	}
	abl_str_printf(&log, "%s-wal", s->file);
	abl_sql_put_path(out, s->file);
	if (mode == ABL_STORE_READ && access(s->folder, W_OK) && !abl_file_exists(log.text))
		abl_str_puts(out, "?immutable=1");
	abl_str_finish(&log);
}

/* Goes on with a copy in memory, which is brought up to date: the file is not ours to change. */
static int read_copy(struct abl_store *s, int version, struct abl_err *err)
{
	struct abl_sql *file = s->sql;
	int rc;

	s->sql = NULL;
	rc = abl_sql_copy(&s->sql, file, err);
	abl_sql_close(file);
	rc = rc || version == VERSION ? rc : upgrade(s, version, err);
	rc = rc || !s->interrupted ? rc : abl_store_recover(s, true, err);
	rc = rc ? rc : abl_store_refresh_views(s, err);
	return rc ? rc : abl_sql_script(s->sql, "PRAGMA query_only = ON", err);
}

/* What was running when its writer died has been interrupted, though nobody has written that. */
static int count_interrupted(struct abl_store *s, struct abl_err *err)
{
	int rc = s->alive ? 0
			  : abl_sql_get(s->sql, &s->interrupted, err,
					"SELECT count(*) FROM stage WHERE state = 'running'", "");

	return rc < 0 ? rc : 0;
}

static int open_to_read(struct abl_store *s, int version, struct abl_err *err)
{
	bool same = false;
	int rc = count_interrupted(s, err);

	if (!rc && version == VERSION && !s->interrupted)
		rc = abl_store_views_same(s, &same, err);
	return rc || same ? rc : read_copy(s, version, err);
}

static int open_to_write(struct abl_store *s, int version, struct abl_err *err)
{
	int rc = *s->network
			 ? 0 /* it has been set */
			 : abl_sql_script(s->sql,
					  "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
					  "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0",
					  err);

	if (!rc && version && version < VERSION)
		rc = backup(s, version, err);
	if (!rc && version < VERSION)
		rc = upgrade(s, version, err);
	rc = rc ? rc : abl_store_recover(s, false, err);
	rc = rc ? rc : abl_store_refresh_views(s, err);
	if (!rc)
		abl_store_put_snapshot(s, true);
	return rc;
}

/* A log that the database still needs, and no leave to make the index that reading it takes: as in
 * a copy, on a disk that is only read, of a store whose writer was killed. */
static bool is_log_out_of_reach(const struct abl_store *s)
{
	struct abl_str log = {0}, index = {0};
	bool is;

	abl_str_printf(&log, "%s-wal", s->file);
	abl_str_printf(&index, "%s-shm", s->file);
	is = !*s->network && access(s->folder, W_OK) && abl_file_exists(log.text) &&
	     !abl_file_exists(index.text);
	abl_str_finish(&log), abl_str_finish(&index);
	return is;
}

static bool is_beside(const struct abl_store *s, const char *ending)
{
	struct abl_str path = {0};
	bool is;

	abl_str_printf(&path, "%s%s", s->file, ending);
	is = abl_file_exists(path.text);
	abl_str_finish(&path);
	return is;
}

static int copy_into(const char *file, const char *ending, const char *folder, struct abl_err *err)
{
	char *to = abl_path_join(folder, ending);
	struct abl_str from = {0}, bytes = {0};
	int rc;

	abl_str_printf(&from, "%s%s", file, ending + strlen("copy"));
	rc = abl_file_read(from.text, &bytes, SIZE_MAX / 2, err);
	rc = rc ? rc : abl_file_write(to, bytes.text, bytes.length, err);
	abl_str_finish(&from), abl_str_finish(&bytes);
	free(to);
	return rc;
}

/* Reads both from copies, and goes on in memory. */
static int open_copies(struct abl_store *s, struct abl_err *err)
{
	static const char *const logs[] = {"copy-wal", "copy-journal"};
	const char *temporary = getenv("TMPDIR");
	char *folder =
		abl_path_join(temporary && *temporary ? temporary : "/tmp", "ablate-store-XXXXXX");
	char *copy = abl_path_join(folder, "copy");
	struct abl_err gone = {0};
	int version = 0, rc = 0;

	if (!mkdtemp(folder))
		rc = abl_err_set(err, ABL_EIO, "cannot make the folder '%s': %s", folder,
				 strerror(errno));
	memcpy(copy, folder, strlen(folder));
	rc = rc ? rc : copy_into(s->file, "copy", folder, err);
	for (size_t i = 0; !rc && i < sizeof logs / sizeof *logs; i++)
		if (is_beside(s, logs[i] + strlen("copy")))
			rc = copy_into(s->file, logs[i], folder, err);
	rc = rc ? rc : abl_sql_open(&s->sql, copy, true, s->file, err);
	rc = rc ? rc : read_version(s, &version, err);
	rc = rc ? rc : read_copy(s, version, err);
	if (abl_remove_tree(folder, &gone) && !rc)
		rc = abl_err_set(err, ABL_EIO, "%s", gone.text);
	free(folder), free(copy);
	return rc;
}

static int open_db(struct abl_store *s, enum abl_store_mode mode, struct abl_err *err)
{
	struct abl_str uri = {0};
	int version = 0, rc;

	if (mode == ABL_STORE_READ &&
	    (is_log_out_of_reach(s) || (!s->alive && abl_store_wants_copies(s))))
		return open_copies(s, err);
	uri_of(s, mode, &uri);
	if (mode == ABL_STORE_READ && *s->network && s->alive)
		rc = abl_store_open_snapshot(s, err);
	else
		rc = abl_sql_open(&s->sql, uri.text, mode == ABL_STORE_WRITE, s->file, err);
	abl_str_finish(&uri);
	if (!rc && *s->network && mode == ABL_STORE_WRITE)
		rc = abl_store_network_begin(s, err);
	rc = rc ? rc : read_version(s, &version, err);
	if (rc)
		return rc;
	return mode == ABL_STORE_READ ? open_to_read(s, version, err)
				      : open_to_write(s, version, err);
}

/* Paths of the store travel in JSON. */
static int check_path(const char *folder, struct abl_err *err)
{
	char *here = folder[0] == '/' ? NULL : getcwd(NULL, 0);
	const bool fine = abl_utf8_bad(folder, strlen(folder)) < 0 &&
			  (!here || abl_utf8_bad(here, strlen(here)) < 0);

	free(here);
	return fine ? 0
		    : abl_err_set(err, ABL_EINPUT,
				  "the path of the store '%s' is not UTF-8: give another --store",
				  folder);
}

int abl_store_open(struct abl_store **out, const char *folder, enum abl_store_mode mode,
		   struct abl_err *err)
{
	struct abl_store *s = abl_calloc(1, sizeof *s);
	int rc = 0;

	s->lock.fd = s->own = -1;
	(void)abl_file_system_network(folder, s->network);
	s->folder = abl_strdup(folder);
	s->file = abl_path_join(folder, "results.db");
	if (mode == ABL_STORE_READ && !abl_file_exists(s->file))
		rc = abl_err_set(err, ABL_EINPUT,
				 "no store at '%s': run a study first or give --store", folder);
	else if (abl_file_exists(s->file) && !abl_is_regular(s->file))
		rc = abl_err_set(err, ABL_EINPUT, "'%s' is %s, not a results database", s->file,
				 abl_is_dir(s->file) ? "a folder" : "a pipe or a device");
	else if (mode == ABL_STORE_WRITE)
		rc = check_path(folder, err);
	if (!rc && mode == ABL_STORE_WRITE)
		rc = abl_store_lock(folder, s->network, &s->lock, err);
	if (!rc && mode == ABL_STORE_WRITE)
		rc = abl_store_lock_database(s->file, &s->own, err);
	else if (!rc)
		s->alive = abl_store_is_locked(s);
	rc = rc ? rc : open_db(s, mode, err);
	if (rc) {
		abl_store_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

/* Of a store that was taken over: to close it would undo its open transaction, in files that are
 * another's now. The end of the process does not. */
static struct abl_sql *abandoned;

void abl_store_close(struct abl_store *s)
{
	if (!s)
		return;
	if (s->sql && s->lock.beat && !abl_sql_sync(s->sql, true, NULL))
		abl_store_put_snapshot(s, true);
	if (abl_store_lock_check(s, NULL))
		abandoned = s->sql;
	else
		abl_sql_close(s->sql);
	abl_store_unlock_database(&s->own);
	abl_store_unlock(s->folder, &s->lock);
	free(s->folder);
	free(s->file);
	free(s);
}

bool abl_store_is_alive(const struct abl_store *s)
{
	return s->alive;
}

int abl_store_check(const struct abl_store *s, struct abl_err *err)
{
	struct stat now, ours;
	int rc = abl_store_lock_check(s, err);

	if (rc)
		return rc;
	if (s->own < 0 || fstat(s->own, &ours) ||
	    (!stat(s->file, &now) && now.st_ino == ours.st_ino && now.st_dev == ours.st_dev))
		return 0;
	return abl_err_set(err, ABL_EIO,
			   "'%s' was deleted or replaced while 'ablate run' wrote to it; stopped: "
			   "put it back, or the same command begins anew",
			   s->file);
}

const char *abl_store_folder(const struct abl_store *s)
{
	return s->folder;
}

struct abl_sql *abl_store_sql(struct abl_store *s)
{
	return s->sql;
}

void abl_store_patience(struct abl_store *s, double seconds)
{
	abl_sql_patience(s->sql, seconds);
}

void abl_store_on_wait(void (*say)(const char *text))
{
	abl_sql_on_wait(say);
}

int abl_store_sync(struct abl_store *s, bool now, struct abl_err *err)
{
	int rc = abl_sql_sync(s->sql, now, err);

	if (!rc)
		abl_store_put_snapshot(s, false);
	return rc;
}

int abl_store_take_turns(struct abl_store *s, bool on, struct abl_err *err)
{
	return s->lock.beat ? abl_sql_take_turns(s->sql, on, err) : 0;
}

bool abl_store_is_on_network(const struct abl_store *s)
{
	return *s->network;
}

int abl_store_begin(struct abl_store *s, struct abl_err *err)
{
	return abl_sql_begin(s->sql, err);
}

int abl_store_commit(struct abl_store *s, struct abl_err *err)
{
	return abl_sql_commit(s->sql, err);
}

void abl_store_rollback(struct abl_store *s)
{
	abl_sql_rollback(s->sql);
}
