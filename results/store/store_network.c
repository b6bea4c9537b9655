/* SPDX-License-Identifier: Apache-2.0 */
/* store_network.c - a store on a network file system: no memory is shared there between hosts, so
 * there is no write-ahead log; its one writer keeps the database for itself, and readers get a
 * snapshot meanwhile. */
#include "store_db.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVERY 10.0 /* seconds from one snapshot to the next, */
#define SHARE 20.0 /* or so many times what one takes */
#define SNAPSHOT "results.snapshot.db"

static bool read_at(const char *path, off_t at, void *out, size_t size)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const bool got = fd >= 0 && pread(fd, out, size, at) == (ssize_t)size;

	if (fd >= 0)
		close(fd);
	return got;
}

static char *beside(const struct abl_store *s, const char *ending)
{
	struct abl_str path = {0};

	abl_str_printf(&path, "%s%s", s->file, ending);
	return path.text;
}

/* A database that was copied here from a disk, where it had a log. */
static bool has_log_mode(const struct abl_store *s)
{
	unsigned char versions[2];

	return read_at(s->file, 18, versions, 2) && (versions[0] == 2 || versions[1] == 2);
}

/* Whether the file is there and begins with something: a journal that was ended has zeros. */
static bool is_in_use(char *path)
{
	unsigned char first = 0;
	const bool is = read_at(path, 0, &first, 1) && first;

	free(path);
	return is;
}

bool abl_store_wants_copies(const struct abl_store *s)
{
	return (*s->network && is_in_use(beside(s, "-wal"))) || is_in_use(beside(s, "-journal"));
}

void abl_store_network_uri(const struct abl_store *s, enum abl_store_mode mode, struct abl_str *out)
{
	abl_sql_put_path(out, s->file);
	if (mode == ABL_STORE_READ && has_log_mode(s))
		abl_str_puts(out, "?immutable=1"); /* nobody writes, and there is no log */
	else if (!s->lock.works)
		abl_str_puts(out, "?vfs=unix-none"); /* ours is the claim */
}

static int check_fence(void *store, struct abl_err *err)
{
	return abl_store_lock_check(store, err);
}

/* The order matters: a log is read without shared memory only by a connection that is alone. */
int abl_store_network_begin(struct abl_store *s, struct abl_err *err)
{
	abl_sql_flush_each(s->sql, check_fence, s);
	return abl_sql_script(s->sql,
			      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; "
			      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
			      err);
}

/* ---- snapshots ---- */

static double seconds_since(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - t->tv_sec) + 1e-9 * (double)(now.tv_nsec - t->tv_nsec);
}

/* Between transactions the file is whole. It is read by the descriptor that we have: closing
 * another one would end SQLite's locks. */
static int copy_bytes(int from, const char *path, struct abl_err *err)
{
	struct abl_writer w;
	char block[1 << 16];
	off_t at = 0;
	ssize_t n;
	int rc = abl_writer_open(&w, path, err);

	if (rc)
		return rc;
	while ((n = pread(from, block, sizeof block, at)) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			abl_writer_put(&w, block, (size_t)n);
		at += n > 0 ? n : 0;
	}
	if (!n)
		return abl_writer_commit(&w, err);
	abl_writer_drop(&w);
	return abl_err_set(err, ABL_EIO, "cannot read '%s'", path);
}

void abl_store_put_snapshot(struct abl_store *s, bool now)
{
	struct abl_err ignored = {0};
	struct timespec begin;
	char *path;

	if (!s->lock.beat || s->changes == abl_sql_changes(s->sql) ||
	    (!now &&
	     (seconds_since(&s->copied) < EVERY || seconds_since(&s->copied) < SHARE * s->copying)))
		return;
	if (abl_store_lock_check(s, &ignored))
		return;
	path = abl_path_join(s->folder, SNAPSHOT);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (!copy_bytes(s->own, path, &ignored)) {
		s->changes = abl_sql_changes(s->sql);
		abl_beat_note_snapshot(s->lock.beat);
	}
	clock_gettime(CLOCK_MONOTONIC, &s->copied);
	s->copying = seconds_since(&begin);
	free(path);
}

/* Its age is the writer's to tell, in beats. */
static void tell_age(const struct abl_store *s)
{
	const int64_t beats = s->holder.beat - s->holder.snapshot;
	char name[128];
	struct abl_str text = {0};

	abl_str_printf(&text, "'ablate run' (%s) writes to the store '%s', on %s: this is as of ",
		       *s->holder.token ? abl_lock_record_name(&s->holder, name) : "this one",
		       s->folder, s->network);
	if (*s->holder.token && beats >= 0)
		abl_str_printf(&text, "%.0f s ago", ABL_LOCK_BEAT * (double)beats);
	else
		abl_str_puts(&text, "its last snapshot");
	abl_sql_say(text.text);
	abl_str_finish(&text);
}

int abl_store_open_snapshot(struct abl_store *s, struct abl_err *err)
{
	char *path = abl_path_join(s->folder, SNAPSHOT), name[128];
	struct abl_str uri = {0};
	int rc;

	abl_sql_put_path(&uri, path);
	abl_str_puts(&uri, "?immutable=1"); /* it is replaced, never changed */
	if (abl_file_exists(path))
		rc = abl_sql_open(&s->sql, uri.text, false, path, err);
	else
		rc = abl_err_set(err, ABL_EBUSY,
				 "'ablate run' (%s) has just begun to write to the store '%s', on "
				 "%s, and there is no snapshot to read yet: try again in ten "
				 "seconds",
				 abl_lock_record_name(&s->holder, name), s->folder, s->network);
	if (!rc)
		tell_age(s);
	free(path);
	abl_str_finish(&uri);
	return rc;
}
