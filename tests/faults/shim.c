/* SPDX-License-Identifier: Apache-2.0 */
/* shim.c - preloaded into the program (LD_PRELOAD), it makes one call of the system's fail. What
 *and which is said by the environment:
 *
 *	FAULT_CALL=write	write, pwrite, read, fsync, rename, open, mkdir,
 *				unlink, truncate, pipe, fork, malloc, openat,
 *				unlinkat, opendir, link
 *	FAULT_AT=12		the 12th call of it in each process that is meant, from 1
 *	FAULT_ERRNO=28		what it fails with (28: no space left); 0: a short write, of half
 *	FAULT_IN=child		child: processes with $ABLATE_TRIAL alone; parent: all others; or
 *all FAULT_FILE=...		only calls on files whose path has this in it
 *	FAULT_LOG=PATH		made when it has happened, with the name; it happens once in all
 *	FAULT_ALWAYS=1		once it has happened, each further call fails, too
 *	FAULT_WHILE=PATH	each call fails while that file is there; no AT, no LOG */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t width);
void *__libc_realloc(void *old, size_t bytes);

static struct {
	const char *call, *file, *log, *during;
	long at;
	int error;
	bool always;
	atomic_bool on;
} plan;
static atomic_long calls;
static atomic_bool fired;

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void read_plan(void)
{
	const char *call = getenv("FAULT_CALL"), *in = getenv("FAULT_IN"), *at = getenv("FAULT_AT"),
		   *error = getenv("FAULT_ERRNO");
	const bool child = getenv("ABLATE_TRIAL");

	plan.during = getenv("FAULT_WHILE");
	if (!call || (!at && !plan.during) || (in && !strcmp(in, "child") && !child) ||
	    (in && !strcmp(in, "parent") && child))
		return;
	plan.call = call;
	plan.at = at ? strtol(at, NULL, 10) : 0;
	plan.error = error ? (int)strtol(error, NULL, 10) : EIO;
	plan.file = getenv("FAULT_FILE");
	plan.log = getenv("FAULT_LOG");
	plan.always = getenv("FAULT_ALWAYS");
	plan.on = true;
}

/* The first of all processes to make the log; without one, each. */
static bool is_first(void)
{
	int fd = plan.log ? (int)syscall(SYS_openat, AT_FDCWD, plan.log,
					 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)
			  : -1;

	if (fd < 0)
		return !plan.log;
	(void)!syscall(SYS_write, fd, plan.call, strlen(plan.call));
	syscall(SYS_close, fd);
	return true;
}

static bool strikes(const char *call)
{
	if (!plan.on || strcmp(call, plan.call))
		return false;
	if (plan.during)
		return !syscall(SYS_access, plan.during, F_OK);
	if (fired)
		return plan.always;
	if (++calls != plan.at || !is_first())
		return false;
	fired = true;
	return true;
}

static bool is_of_file(const char *path)
{
	return !plan.file || (path && strstr(path, plan.file));
}

static bool is_of_fd(int fd)
{
	char link[40], path[4096];
	ssize_t n;

	if (!plan.on || !plan.file)
		return plan.on;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return is_of_file(path);
}

static int fail(void)
{
	errno = plan.error ? plan.error : EIO;
	return -1;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	if (is_of_fd(fd) && strikes("write")) {
		if (plan.error || length < 2)
			return fail();
		length /= 2;
	}
	return ((ssize_t(*)(int, const void *, size_t))next("write"))(fd, bytes, length);
}

static ssize_t do_pwrite(const char *name, int fd, const void *bytes, size_t length, off64_t at)
{
	if (is_of_fd(fd) && strikes("pwrite")) {
		if (plan.error || length < 2)
			return fail();
		length /= 2;
	}
	return ((ssize_t(*)(int, const void *, size_t, off64_t))next(name))(fd, bytes, length, at);
}

/* With large files, as this is built, these are pwrite64() and open64(). */
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
	return do_pwrite("pwrite64", fd, bytes, length, at);
}

int fsync(int fd)
{
	return is_of_fd(fd) && strikes("fsync") ? fail() : ((int (*)(int))next("fsync"))(fd);
}

int fdatasync(int fd)
{
	return is_of_fd(fd) && strikes("fsync") ? fail() : ((int (*)(int))next("fdatasync"))(fd);
}

int rename(const char *from, const char *to)
{
	return is_of_file(to) && strikes("rename")
		       ? fail()
		       : ((int (*)(const char *, const char *))next("rename"))(from, to);
}

int mkdir(const char *path, mode_t mode)
{
	return is_of_file(path) && strikes("mkdir")
		       ? fail()
		       : ((int (*)(const char *, mode_t))next("mkdir"))(path, mode);
}

/* Its own files: what the loader and libraries read of the system is no part of
 * it. */
ssize_t read(int fd, void *bytes, size_t length)
{
	if (is_of_fd(fd) && strikes("read")) {
		if (plan.error || length < 2)
			return fail();
		length /= 2;
	}
	return ((ssize_t(*)(int, void *, size_t))next("read"))(fd, bytes, length);
}

int unlink(const char *path)
{
	return is_of_file(path) && strikes("unlink")
		       ? fail()
		       : ((int (*)(const char *))next("unlink"))(path);
}

/* With large files, as this is built, it is ftruncate64(). */
int ftruncate(int fd, off_t length)
{
	return is_of_fd(fd) && strikes("truncate")
		       ? fail()
		       : ((int (*)(int, off64_t))next("ftruncate64"))(fd, length);
}

int openat(int at, const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
	va_end(more);
	return is_of_file(path) && strikes("openat")
		       ? fail()
		       : ((int (*)(int, const char *, int, ...))next("openat64"))(at, path, flags,
										  mode);
}

int unlinkat(int at, const char *path, int flags)
{
	return is_of_file(path) && strikes("unlinkat")
		       ? fail()
		       : ((int (*)(int, const char *, int))next("unlinkat"))(at, path, flags);
}

int link(const char *from, const char *to)
{
	return is_of_file(to) && strikes("link")
		       ? fail()
		       : ((int (*)(const char *, const char *))next("link"))(from, to);
}

DIR *opendir(const char *path)
{
	if (is_of_file(path) && strikes("opendir")) {
		(void)fail();
		return NULL;
	}
	return ((DIR * (*)(const char *)) next("opendir"))(path);
}

int pipe2(int ends[2], int flags)
{
	return plan.on && strikes("pipe") ? fail()
					  : ((int (*)(int *, int))next("pipe2"))(ends, flags);
}

pid_t fork(void)
{
	return plan.on && strikes("fork") ? fail() : ((pid_t(*)(void))next("fork"))();
}

static int do_open(const char *name, const char *path, int flags, mode_t mode)
{
	return is_of_file(path) && strikes("open")
		       ? fail()
		       : ((int (*)(const char *, int, ...))next(name))(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
	va_end(more);
	return do_open("open64", path, flags, mode);
}

#ifdef FAULT_MALLOC
void *malloc(size_t bytes)
{
	return strikes("malloc") ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t width)
{
	return strikes("malloc") ? NULL : __libc_calloc(count, width);
}

void *realloc(void *old, size_t bytes)
{
	return strikes("malloc") ? NULL : __libc_realloc(old, bytes);
}
#endif
