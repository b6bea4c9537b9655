/* SPDX-License-Identifier: Apache-2.0 */
/* store_lock.c - the store's folder, and the lease of its one writer. */
#include "store_db.h"

#include "files.h"
#include "lock_claim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int held; /* locks that this process has */

/* A folder that is made is there after a power cut if the one above it was synced. Those that may
 * be written to and not read are not, which is no reason to make no store. */
static void make_last(const char *folder)
{
	char *above = abl_path_dir(folder);

	if (!abl_file_exists(above)) /* then that one is made, too */
		make_last(above);
	if (!abl_mkdir_all(folder, NULL))
		(void)!abl_sync_path(above, NULL);
	free(above);
}

static int make_folders(const char *folder, struct abl_err *err)
{
	static const char *const names[] = {"artifacts", "work", "logs", "plots"};
	int rc = 0;

	if (!abl_file_exists(folder))
		make_last(folder);
	for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++) {
		char *path = abl_path_join(folder, names[i]);

		rc = abl_mkdir_all(path, err);
		free(path);
	}
	return rc;
}

/* Behind the record, which others read: some file systems refuse to read what is locked. A program
 * of before there was a record locks the whole file, which is in the way of this all the same. */
static struct flock file_lock(void)
{
	return (struct flock){
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 8 * ABL_LOCK_RECORD};
}

/* A file system that has none at all, or whose server has none. */
static bool is_without_locks(int reason)
{
	return reason == ENOLCK || reason == ENOSYS || reason == EOPNOTSUPP || reason == EINVAL;
}

static int is_held(const char *folder, const char *path, int fd, const char *network,
		   struct abl_err *err)
{
	struct flock holder = file_lock();
	struct abl_lock_record record;
	char name[128] = "pid unknown";

	if (*network && abl_lock_record_read(path, &record)) /* l_pid may be another host's */
		abl_lock_record_name(&record, name);
	else if (!fcntl(fd, F_GETLK, &holder) && holder.l_type != F_UNLCK)
		snprintf(name, sizeof name, "pid %d", (int)holder.l_pid);
	return abl_err_set(
		err, ABL_EBUSY,
		"another ablate process (%s) is using the store '%s'%s%s; wait for it, or "
		"give another --store",
		name, folder, *network ? ", on " : "", network);
}

static int cannot_open(const char *folder, const char *path, int reason, struct abl_err *err)
{
	if (reason == EACCES || reason == EPERM || reason == EROFS)
		return abl_err_set(err, ABL_EIO,
				   "the store '%s' is read-only: cannot open '%s': %s; copy it to "
				   "where you may write, and give that with --store",
				   folder, path, strerror(reason));
	return abl_err_set(err, reason == ENOSPC || reason == EDQUOT ? ABL_EFULL : ABL_EIO,
			   "cannot open '%s': %s", path, strerror(reason));
}

static int lock_file(const char *folder, const char *path, const char *network,
		     struct abl_lock *lock, struct abl_err *err)
{
	struct flock whole = file_lock();

	lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (lock->fd < 0)
		return cannot_open(folder, path, errno, err);
	lock->works = !fcntl(lock->fd, F_SETLK, &whole);
	if (lock->works || (*network && is_without_locks(errno)))
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return is_held(folder, path, lock->fd, network, err);
	return abl_err_set(err, ABL_EIO, "cannot lock the store '%s'%s%s: %s", folder,
			   *network ? ", on " : "", network, strerror(errno));
}

/* On a disk of this machine the kernel tells who lives; the record is for people. */
static void write_record(const struct abl_lock *lock)
{
	char text[ABL_LOCK_RECORD + 1];

	abl_lock_record_text(&lock->own, text);
	(void)!pwrite(lock->fd, text, ABL_LOCK_RECORD, 0);
}

int abl_store_lock(const char *folder, const char *network, struct abl_lock *lock,
		   struct abl_err *err)
{
	struct abl_claim c = {.folder = folder, .network = network, .say = abl_sql_say};
	int rc = make_folders(folder, err);
	char *path = abl_path_join(folder, "lock");

	rc = rc ? rc : lock_file(folder, path, network, lock, err);
	free(path);
	abl_lock_record_own(&lock->own);
	c.locks = lock->works;
	if (!rc && *network)
		rc = abl_claim_take(&c, &lock->own, err);
	if (!rc && *network) {
		rc = abl_beat_begin(&lock->beat, folder, lock->fd, &lock->own, err);
		if (rc)
			abl_claim_give(folder, &lock->own);
	} else if (!rc) {
		write_record(lock);
	}
	held += !rc;
	if (rc && lock->fd >= 0) {
		close(lock->fd);
		lock->fd = -1;
	}
	return rc;
}

void abl_store_unlock(const char *folder, struct abl_lock *lock)
{
	if (lock->fd < 0)
		return;
	abl_beat_end(lock->beat);
	if (!lock->beat || abl_claim_is_own(folder, &lock->own))
		(void)!ftruncate(lock->fd, 0); /* before the next one writes there */
	if (lock->beat)
		abl_claim_give(folder, &lock->own);
	close(lock->fd);
	lock->fd = -1, lock->beat = NULL;
	held--;
}

int abl_store_lock_check(const struct abl_store *s, struct abl_err *err)
{
	return s->lock.beat ? abl_claim_check(s->folder, &s->lock.own, err) : 0;
}

/* Far behind the bytes that SQLite locks. Of the open file, not of the process: SQLite closes other
 * descriptors of it. */
static struct flock own_lock(void)
{
	return (struct flock){
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)1 << 62, .l_len = 1};
}

/* Those that this process has. A lock of an open file is kept by every process that has the file,
 * so a forked child that outlives us for a moment would keep it from the next program. */
enum { OWN_MOST = 8 };
static _Atomic int own_files[OWN_MOST];

static void leave_to_parent(void)
{
	for (int i = 0; i < OWN_MOST; i++) {
		const int fd = atomic_exchange(&own_files[i], 0); /* its number may serve again */

		if (fd > 0)
			close(fd);
	}
}

static bool replace_own(int old, int new)
{
	for (int i = 0; i < OWN_MOST; i++) {
		int expected = old;

		if (atomic_compare_exchange_strong(&own_files[i], &expected, new))
			return true;
	}
	return false;
}

static void remember_own(int fd)
{
	static bool told;

	if (!told)
		told = !pthread_atfork(NULL, NULL, leave_to_parent);
	(void)replace_own(0, fd);
}

void abl_store_unlock_database(int *fd)
{
	if (*fd < 0)
		return;
	(void)replace_own(*fd, 0);
	close(*fd);
	*fd = -1;
}

/* One that a killed program had just forked gives it up as soon as it runs. */
static bool take_own(int fd)
{
	struct flock own = own_lock();
	struct timespec pause = {0, 20000000};

	for (int tries = 0; tries < 50; tries++) {
		/* a file system without such locks has the other one */
		if (!fcntl(fd, F_OFD_SETLK, &own) || (errno != EAGAIN && errno != EACCES))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

int abl_store_lock_database(const char *file, int *fd, struct abl_err *err)
{
	*fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (*fd < 0)
		return abl_err_set(err, errno == ENOSPC || errno == EDQUOT ? ABL_EFULL : ABL_EIO,
				   "cannot open '%s': %s", file, strerror(errno));
	if (take_own(*fd)) {
		remember_own(*fd);
		return 0;
	}
	return abl_err_set(
		err, ABL_EBUSY,
		"another ablate process is using '%s', though its lock file is gone; wait "
		"for it, or give another --store",
		file);
}

/* *works: locks can be asked for there. */
static bool has_lock(const char *path, int command, struct flock lock, bool *works)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool locked;

	*works = fd >= 0 && !fcntl(fd, command, &lock);
	locked = *works && lock.l_type != F_UNLCK;
	if (fd >= 0)
		close(fd);
	return locked;
}

static bool is_claimed(struct abl_store *s)
{
	const struct abl_claim c = {.folder = s->folder,
				    .network = s->network,
				    .locks = s->lock.works,
				    .say = abl_sql_say};

	return abl_claim_is_held(&c, &s->holder);
}

bool abl_store_is_locked(struct abl_store *s)
{
	bool there, locked, works = true;
	char *path;

	if (held) /* closing a file ends our own lock on it, so ours are not looked at */
		return true;
	path = abl_path_join(s->folder, "lock");
	there = abl_file_exists(path);
	locked = there && has_lock(path, F_GETLK, file_lock(), &works);
	s->lock.works = works;
	if (locked && *s->network)
		(void)abl_lock_record_read(path, &s->holder);
	free(path);
	if (locked || (*s->network && is_claimed(s)))
		return true;
	return !there && has_lock(s->file, F_OFD_GETLK, own_lock(), &works);
}
