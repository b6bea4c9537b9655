/* SPDX-License-Identifier: Apache-2.0 */
/* trace.c - preloaded into the program (LD_PRELOAD), it writes down what is done to files, in the
 * order in which it is done, for replay.py:
 *
 *	TRACE_ROOT=FOLDER	what lies below it, an absolute path without links
 *	TRACE_LOG=FILE		gets a line for each call that succeeded, behind which are the bytes
 *				that were written:
 *
 *	NAME \t PATH \t OTHER PATH \t OFFSET \t LENGTH \n BYTES
 *
 * NAME is create, truncate (to OFFSET), write, rename, link, unlink, mkdir, rmdir, symlink, sync or
 * syncfs.
 * Paths are from the root on. What stdio writes is not seen: the program uses it for logs alone. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
static int locked = -1;

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* Until release() nobody else does anything. */
static void hold(void)
{
	const char *log = getenv("TRACE_LOG");

	pthread_mutex_lock(&one);
	locked = log ? (int)syscall(SYS_openat, AT_FDCWD, log,
				    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)
		     : -1;
	if (locked >= 0)
		flock(locked, LOCK_EX);
}

static void release(void)
{
	const int why = errno;

	if (locked >= 0)
		syscall(SYS_close, locked);
	pthread_mutex_unlock(&one);
	errno = why;
}

static bool of_fd(int fd, char out[PATH_MAX])
{
	char link[40];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, out, PATH_MAX - 1);
	out[n < 0 ? 0 : n] = '\0';
	return n > 0;
}

static void whole(int at, const char *path, char out[PATH_MAX])
{
	char folder[PATH_MAX] = "";

	if (*path == '/')
		snprintf(out, PATH_MAX, "%s", path);
	else if (at == AT_FDCWD ? getcwd(folder, sizeof folder) != NULL : of_fd(at, folder))
		snprintf(out, PATH_MAX, "%.2000s/%.2000s", folder, path);
	else
		*out = '\0';
}

/* From the root on, which is ""; NULL: elsewhere. */
static const char *inside(const char *path)
{
	const char *root = getenv("TRACE_ROOT");
	const size_t n = root ? strlen(root) : 0;

	if (!n || strncmp(path, root, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path + n + (path[n] == '/');
}

static void put(const void *bytes, size_t length)
{
	while (length) {
		const long n = syscall(SYS_write, locked, bytes, length);

		if (n <= 0)
			abort(); /* a trace that is not whole is none */
		bytes = (const char *)bytes + n;
		length -= (size_t)n;
	}
}

static void note(const char *name, const char *path, const char *other, long long offset,
		 const void *bytes, size_t length)
{
	const char *mine = inside(path), *second = inside(other);
	char line[2 * PATH_MAX + 100];
	const int why = errno;

	if (locked < 0 || (!mine && !second))
		return;
	snprintf(line, sizeof line, "%s\t%s\t%s\t%lld\t%zu\n", name, mine ? mine : "",
		 second ? second : "", offset, length);
	put(line, strlen(line));
	put(bytes, length);
	errno = why;
}

static int do_open(const char *name, int at, const char *path, int flags, mode_t mode)
{
	char there[PATH_MAX];
	struct stat st;
	bool existed;
	int fd;

	if (!(flags & (O_CREAT | O_TRUNC)))
		return ((int (*)(int, const char *, int, ...))next(name))(at, path, flags);
	hold();
	whole(at, path, there);
	existed = !stat(there, &st);
	fd = ((int (*)(int, const char *, int, ...))next(name))(at, path, flags, mode);
	if (fd >= 0 && !existed)
		note("create", there, "", 0, "", 0);
	else if (fd >= 0 && flags & O_TRUNC)
		note("truncate", there, "", 0, "", 0);
	release();
	return fd;
}

/* With large files, as this is built, these are open64() and openat64(). */
int open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
	va_end(more);
	return do_open("openat64", AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
	va_end(more);
	return do_open("openat64", at, path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	char path[PATH_MAX];
	ssize_t n;

	if (!of_fd(fd, path) || !inside(path))
		return ((ssize_t(*)(int, const void *, size_t))next("write"))(fd, bytes, length);
	hold();
	n = ((ssize_t(*)(int, const void *, size_t))next("write"))(fd, bytes, length);
	if (n > 0)
		note("write", path, "", lseek(fd, 0, SEEK_CUR) - n, bytes, (size_t)n);
	release();
	return n;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
	char path[PATH_MAX];
	ssize_t n;

	hold();
	n = ((ssize_t(*)(int, const void *, size_t, off64_t))next("pwrite64"))(fd, bytes, length,
									       at);
	if (n > 0 && of_fd(fd, path))
		note("write", path, "", at, bytes, (size_t)n);
	release();
	return n;
}

int ftruncate(int fd, off_t length)
{
	char path[PATH_MAX];
	int rc;

	hold();
	rc = ((int (*)(int, off64_t))next("ftruncate64"))(fd, length);
	if (!rc && of_fd(fd, path))
		note("truncate", path, "", length, "", 0);
	release();
	return rc;
}

static int do_sync(const char *name, int fd)
{
	char path[PATH_MAX];
	int rc;

	hold();
	rc = ((int (*)(int))next(name))(fd);
	if (!rc && of_fd(fd, path))
		note("sync", path, "", 0, "", 0);
	release();
	return rc;
}

/* All that was written, wherever it lies. */
int syncfs(int fd)
{
	const char *root = getenv("TRACE_ROOT");
	int rc;

	hold();
	rc = ((int (*)(int))next("syncfs"))(fd);
	if (!rc && root)
		note("syncfs", root, "", 0, "", 0);
	release();
	return rc;
}

int fsync(int fd)
{
	return do_sync("fsync", fd);
}

int fdatasync(int fd)
{
	return do_sync("fdatasync", fd);
}

/* A call with one path, which has been made. */
static int noted(int rc, const char *name, int at, const char *path)
{
	char there[PATH_MAX];

	whole(at, path, there);
	if (!rc)
		note(name, there, "", 0, "", 0);
	release();
	return rc;
}

static int noted_two(int rc, const char *name, int at, const char *from, int to_at, const char *to)
{
	char one_path[PATH_MAX], other[PATH_MAX];

	whole(at, from, one_path);
	whole(to_at, to, other);
	if (!rc)
		note(name, one_path, other, 0, "", 0);
	release();
	return rc;
}

int rename(const char *from, const char *to)
{
	hold();
	return noted_two(((int (*)(const char *, const char *))next("rename"))(from, to), "rename",
			 AT_FDCWD, from, AT_FDCWD, to);
}

int renameat(int at, const char *from, int to_at, const char *to)
{
	hold();
	return noted_two(((int (*)(int, const char *, int, const char *))next("renameat"))(
				 at, from, to_at, to),
			 "rename", at, from, to_at, to);
}

int link(const char *from, const char *to)
{
	hold();
	return noted_two(((int (*)(const char *, const char *))next("link"))(from, to), "link",
			 AT_FDCWD, from, AT_FDCWD, to);
}

int symlink(const char *target, const char *path)
{
	hold();
	return noted(((int (*)(const char *, const char *))next("symlink"))(target, path),
		     "symlink", AT_FDCWD, path);
}

int unlink(const char *path)
{
	hold();
	return noted(((int (*)(const char *))next("unlink"))(path), "unlink", AT_FDCWD, path);
}

int unlinkat(int at, const char *path, int flags)
{
	hold();
	return noted(((int (*)(int, const char *, int))next("unlinkat"))(at, path, flags),
		     flags & AT_REMOVEDIR ? "rmdir" : "unlink", at, path);
}

int mkdir(const char *path, mode_t mode)
{
	hold();
	return noted(((int (*)(const char *, mode_t))next("mkdir"))(path, mode), "mkdir", AT_FDCWD,
		     path);
}

char *mkdtemp(char *path)
{
	char *made;

	hold();
	made = ((char *(*)(char *))next("mkdtemp"))(path);
	noted(made ? 0 : -1, "mkdir", AT_FDCWD, path);
	return made;
}

int rmdir(const char *path)
{
	hold();
	return noted(((int (*)(const char *))next("rmdir"))(path), "rmdir", AT_FDCWD, path);
}
