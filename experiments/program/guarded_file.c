/* SPDX-License-Identifier: Apache-2.0 */
#include "guarded_file.h"

#include "files.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLAGS = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY };

static bool is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && (path[n] == '/' || n == 1);
}

static bool is_link(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode);
}

/* Where the open file really is. */
static bool lies_below(int fd, const char *path, const char *folder)
{
	char *root = is_link(folder) ? NULL : abl_real_path(folder), *full = NULL, link[40],
	     target[PATH_MAX];
	ssize_t n;
	bool below;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof target - 1);
	if (n > 0)
		target[n] = 0;
	else
		full = abl_real_path(path); /* there is no /proc */
	below = root && (n > 0 || full) && is_below(n > 0 ? target : full, root);
	free(root);
	free(full);
	return below;
}

/* The file itself, or what the link there leads to: lies_below() will say whether that is ours. */
static int open_file(const char *path)
{
	int fd = open(path, FLAGS);
	char *target;

	if (fd >= 0 || errno != ELOOP)
		return fd;
	target = abl_real_path(path);
	fd = target ? open(target, FLAGS) : -1;
	free(target);
	return fd;
}

static int check(struct abl_guarded *g, const char *folder, const char *full, const char *path,
		 uint64_t limit, struct abl_err *err)
{
	struct stat st;
	char size[32];

	if (fstat(g->fd, &st))
		return abl_err_set(err, ABL_EIO, "cannot look at '%s': %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return abl_err_set(err, ABL_EINPUT, "'%s' is no regular file", path);
	if (!lies_below(g->fd, full, folder))
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' is a link that leads out of the program's folder", path);
	if ((uint64_t)st.st_size > limit)
		return abl_err_set(err, ABL_EINPUT, "'%s' is larger than %s", path,
				   abl_format_bytes((double)limit, size));
	g->size = st.st_size;
	g->inode = st.st_ino;
	g->changed = (double)st.st_mtim.tv_sec + 1e-9 * (double)st.st_mtim.tv_nsec;
	return 0;
}

int abl_guarded_open(struct abl_guarded *out, const char *folder, const char *path, uint64_t limit,
		     struct abl_err *err)
{
	struct abl_guarded g = {.fd = -1};
	struct abl_str full = {0};
	int rc;

	abl_str_printf(&full, "%s/%s", folder, path);
	g.fd = open_file(full.text);
	if (g.fd < 0)
		rc = abl_err_set(err, ABL_EIO, "cannot open '%s': %s", path, strerror(errno));
	else
		rc = check(&g, folder, full.text, path, limit, err);
	abl_str_finish(&full);
	if (rc && g.fd >= 0)
		close(g.fd);
	if (!rc)
		*out = g;
	return rc;
}
