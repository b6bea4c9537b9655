/* SPDX-License-Identifier: Apache-2.0 */
#include "copy_tree.h"

#include "files.h"
#include "str.h"
#include "writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, STEP = 64 << 20 /* bytes between two looks whether it is wanted */ };

static int fail(const char *what, const char *path, struct abl_err *err)
{
	const int why = errno;

	return abl_err_set(err,
			   why == ECANCELED                 ? ABL_ESTOP
			   : why == ENOSPC || why == EDQUOT ? ABL_EFULL
							    : ABL_EIO,
			   "cannot %s '%s': %s", what, path, strerror(why));
}

/* It is gone: so it was nothing that stays. */
static bool vanished(void)
{
	return errno == ENOENT || errno == ESTALE;
}

/* Then nothing more is copied, and errno says so. */
static bool is_unwanted(const atomic_bool *unwanted)
{
	if (!unwanted || !*unwanted)
		return false;
	errno = ECANCELED;
	return true;
}

/* Where the system cannot do it alone. False: errno says why. */
static bool copy_rest(int from, int to, const atomic_bool *unwanted)
{
	char *block = abl_malloc(BLOCK);
	ssize_t n, done = 0;

	while ((n = is_unwanted(unwanted) ? -1 : read(from, block, BLOCK)) > 0 ||
	       (n < 0 && errno == EINTR))
		for (ssize_t at = 0; at < n; at += done)
			if ((done = write(to, block + at, (size_t)(n - at))) < 0 && errno != EINTR)
				goto out;
			else if (done < 0)
				done = 0;
	done = n;
out:
	free(block);
	return done >= 0;
}

static bool copy_bytes(int from, int to, const atomic_bool *unwanted)
{
	ssize_t n;

	while ((n = is_unwanted(unwanted) ? -1 : copy_file_range(from, NULL, to, NULL, STEP, 0)) >
	       0)
		;
	return n == 0 || errno == ENOSPC || errno == EDQUOT || errno == ECANCELED
		       ? n == 0
		       : copy_rest(from, to, unwanted);
}

static int copy_file(const char *from, const char *to, const struct stat *st,
		     const atomic_bool *unwanted, struct abl_err *err)
{
	const struct timespec times[2] = {st->st_atim, st->st_mtim};
	const int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int out, rc = 0;

	if (in < 0)
		return vanished() ? 0 : fail("read", from, err);
	out = abl_file_open_new(to, st->st_mode & 0777);
	if (out < 0 || !copy_bytes(in, out, unwanted))
		rc = vanished() && out >= 0 ? 0 : fail("copy to", to, err);
	if (out >= 0) {
		(void)!fchmod(out, st->st_mode & 0777); /* whatever the umask */
		(void)!futimens(out, times);
		if (close(out) && !rc)
			rc = fail("write", to, err);
	}
	close(in);
	return rc;
}

static int copy_link(const char *from, const char *to, struct abl_err *err)
{
	char text[PATH_MAX];
	const ssize_t n = readlink(from, text, sizeof text - 1);

	if (n < 0)
		return vanished() ? 0 : fail("read", from, err);
	text[n] = '\0';
	return symlink(text, to) ? fail("make", to, err) : 0;
}

static int copy_folder(const char *from, const char *to, const struct stat *st,
		       const atomic_bool *unwanted, struct abl_err *err)
{
	const struct timespec times[2] = {st->st_atim, st->st_mtim};
	DIR *d = opendir(from);
	int rc = 0;

	if (!d)
		return vanished() ? 0 : fail("list", from, err);
	if (mkdir(to, 0700))
		rc = fail("make", to, err);
	for (struct dirent *e; !rc && (errno = 0, e = readdir(d));) {
		char *source, *copy;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    strstr(e->d_name, ".tmp-"))
			continue;
		source = abl_path_join(from, e->d_name);
		copy = abl_path_join(to, e->d_name);
		rc = abl_copy_tree(source, copy, unwanted, err);
		free(source), free(copy);
	}
	if (!rc && errno && !vanished())
		rc = fail("list", from, err);
	closedir(d);
	if (!rc) {
		(void)!chmod(to, (st->st_mode & 0777) | S_IRWXU);
		(void)!utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW);
	}
	return rc;
}

int abl_copy_tree(const char *from, const char *to, const atomic_bool *unwanted,
		  struct abl_err *err)
{
	struct stat st;

	if (lstat(from, &st))
		return vanished() ? 0 : fail("look at", from, err);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, &st, unwanted, err);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, err);
	return S_ISDIR(st.st_mode) ? copy_folder(from, to, &st, unwanted, err) : 0;
}
