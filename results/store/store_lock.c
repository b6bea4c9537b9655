/* SPDX-License-Identifier: Apache-2.0 */
/* store_lock.c - the store's folder, and the lease of its one writer. */
#include "store_db.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int held; /* locks that this process has */

static int make_folders(const char *folder, struct abl_err *err)
{
	static const char *const names[] = {"artifacts", "work", "logs", "plots"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++) {
		char *path = abl_path_join(folder, names[i]);

		rc = abl_mkdir_all(path, err);
		free(path);
	}
	return rc;
}

static int cannot_lock(const char *folder, int fd, int reason, struct abl_err *err)
{
	struct flock holder = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if ((reason != EAGAIN && reason != EACCES) || fcntl(fd, F_GETLK, &holder) ||
	    holder.l_type == F_UNLCK)
		return abl_err_set(err, ABL_EIO, "cannot lock the store '%s': %s", folder,
				   strerror(reason));
	return abl_err_set(err, ABL_EFAIL,
			   "another 'ablate run' (pid %d) is using the store '%s'; wait for it, or "
			   "give another --store",
			   (int)holder.l_pid, folder);
}

int abl_store_lock(const char *folder, int *fd, struct abl_err *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int rc = make_folders(folder, err);
	char *path;

	if (rc)
		return rc;
	path = abl_path_join(folder, "lock");
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (*fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS))
		rc = abl_err_set(err, ABL_EIO,
				 "the store '%s' is read-only: cannot open '%s': %s; copy it to "
				 "where you may write, and give that with --store",
				 folder, path, strerror(errno));
	else if (*fd < 0)
		rc = abl_err_set(err, ABL_EIO, "cannot open '%s': %s", path, strerror(errno));
	else if (fcntl(*fd, F_SETLK, &whole))
		rc = cannot_lock(folder, *fd, errno, err);
	held += !rc;
	free(path);
	return rc;
}

void abl_store_unlock(int *fd)
{
	if (*fd < 0)
		return;
	close(*fd);
	*fd = -1;
	held--;
}

/* Far behind the bytes that SQLite locks. Of the open file, not of the process: SQLite closes other
 * descriptors of it. */
static struct flock own_lock(void)
{
	return (struct flock){
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)1 << 62, .l_len = 1};
}

int abl_store_lock_database(const char *file, int *fd, struct abl_err *err)
{
	struct flock own = own_lock();

	*fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (*fd < 0)
		return abl_err_set(err, errno == ENOSPC || errno == EDQUOT ? ABL_EFULL : ABL_EIO,
				   "cannot open '%s': %s", file, strerror(errno));
	/* a file system without such locks has the other one */
	if (!fcntl(*fd, F_OFD_SETLK, &own) || (errno != EAGAIN && errno != EACCES))
		return 0;
	return abl_err_set(err, ABL_EFAIL,
			   "another 'ablate run' is using '%s', though its lock file is gone; wait "
			   "for it, or give another --store",
			   file);
}

static bool has_lock(const char *path, int command, struct flock lock)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const bool locked = fd >= 0 && !fcntl(fd, command, &lock) && lock.l_type != F_UNLCK;

	if (fd >= 0)
		close(fd);
	return locked;
}

bool abl_store_is_locked(const char *folder, const char *file)
{
	const struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path;
	bool there, locked;

	if (held) /* closing a file ends our own lock on it, so ours are not looked at */
		return true;
	path = abl_path_join(folder, "lock");
	there = abl_file_exists(path);
	locked = there && has_lock(path, F_GETLK, whole);
	free(path);
	return locked || (!there && has_lock(file, F_OFD_GETLK, own_lock()));
}
