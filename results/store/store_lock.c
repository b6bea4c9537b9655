/* SPDX-License-Identifier: Apache-2.0 */
/* store_lock.c - the store's folder, and the lease of its one writer. */
#include "store_db.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	if (*fd < 0)
		rc = abl_err_set(err, ABL_EIO, "cannot open '%s': %s", path, strerror(errno));
	else if (fcntl(*fd, F_SETLK, &whole))
		rc = cannot_lock(folder, *fd, errno, err);
	free(path);
	return rc;
}
