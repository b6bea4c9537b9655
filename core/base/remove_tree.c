/* SPDX-License-Identifier: Apache-2.0 */
/* remove_tree.c - a folder with all that is in it, whatever a program has put there: folders that
 * nobody may read or write, paths longer than the system takes, more levels than descriptors. */
#include "files.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 100, LONGEST = 60, MOST_PASSES = 1000 /* somebody fills it meanwhile */ };

struct removal {
	dev_t device;
	int top;        /* the folder that is removed */
	int64_t lifted; /* folders that were too deep and now lie in it */
};

/* Opens a folder so that it can be emptied; -1. */
static int open_folder(int dir, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags);
	struct stat st;

	if (fd < 0 && errno == EACCES && !fchmodat(dir, name, S_IRWXU, 0))
		fd = openat(dir, name, flags);
	if (fd >= 0 && !fstat(fd, &st) && (st.st_mode & S_IRWXU) != S_IRWXU)
		(void)!fchmod(fd, S_IRWXU); /* it may be somebody else's: then removing says so */
	return fd;
}

static int remove_entry(struct removal *r, int dir, const char *name, int depth);

/* Once over the entries; how many there were. *why: errno of the first that stays. */
static size_t remove_entries(struct removal *r, DIR *d, int depth, int *why)
{
	size_t n = 0;

	rewinddir(d);
	for (struct dirent *e; (e = readdir(d));) {
		int rc;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		n++;
		rc = remove_entry(r, dirfd(d), e->d_name, depth + 1);
		*why = *why ? *why : rc;
	}
	return n;
}

static int remove_folder(struct removal *r, int dir, const char *name, int depth)
{
	const int fd = open_folder(dir, name);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct stat st = {0};
	int why = d ? 0 : errno == ENOTDIR ? EPERM : errno;

	if (!d && fd >= 0)
		close(fd);
	if (!d && why != EACCES)
		return why;
	if (d && !depth)
		r->top = fd;
	if (d && !fstat(fd, &st) && !depth)
		r->device = st.st_dev;
	if (d && st.st_dev == r->device) /* not into what is mounted there */
		for (int i = 0; i < MOST_PASSES && !why && remove_entries(r, d, depth, &why); i++)
			;
	if (d)
		closedir(d);
	if (unlinkat(dir, name, AT_REMOVEDIR)) /* it may be empty, though it could not be read */
		return why ? why : errno;
	return 0;
}

/* 0, or the errno. */
static int remove_entry(struct removal *r, int dir, const char *name, int depth)
{
	char lifted[LONGEST];

	if (!unlinkat(dir, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return errno;
	if (depth < DEEPEST)
		return remove_folder(r, dir, name, depth);
	snprintf(lifted, sizeof lifted, "lifted-%ld-%lld", (long)getpid(), (long long)r->lifted++);
	return renameat(dir, name, r->top, lifted) ? errno : 0;
}

int abl_remove_tree(const char *path, struct abl_err *err)
{
	struct removal r = {.top = -1};
	struct stat st;
	int why;

	assert(path[0] && strcmp(path, "/"));
	if (lstat(path, &st))
		return 0;
	why = remove_entry(&r, AT_FDCWD, path, 0);
	if (!why)
		return 0;
	return abl_err_set(err, ABL_EIO, "cannot remove '%s': %s", path, strerror(why));
}
