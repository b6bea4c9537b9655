/* SPDX-License-Identifier: Apache-2.0 */
/* network_shim.c - preloaded (LD_PRELOAD), it makes a disk look like a network file system, and
 *this machine like another host, as the environment says:
 *
 *	NETWORK_PATH=TEXT	statfs() of what lies in a folder with that in its path says NFS
 *	NETWORK_TYPE=HEX	or this number
 *	NETWORK_LOCKS=none	fcntl()'s locks fail with ENOLCK there, as without a lock server;
 *alone: they succeed, known to nobody else, as where it is mounted with nolock NETWORK_HOST=NAME
 *the name of this host NETWORK_BOOT=FILE	has its boot id */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static const char *wanted(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* As the program is built, with large files, these are statfs64() and fcntl64(). */
int statfs(const char *path, struct statfs *out)
{
	const int rc = ((int (*)(const char *, struct statfs *))next("statfs64"))(path, out);
	const char *there = wanted("NETWORK_PATH"), *type = wanted("NETWORK_TYPE");
	char *whole = realpath(path, NULL);

	if (!rc && there && whole && strstr(whole, there))
		out->f_type = type ? strtol(type, NULL, 16) : 0x6969;
	free(whole);
	return rc;
}

int fcntl(int fd, int command, ...)
{
	const char *locks = wanted("NETWORK_LOCKS");
	va_list more;
	void *value;

	va_start(more, command);
	value = va_arg(more, void *);
	va_end(more);
	if (locks && (command == F_SETLK || command == F_SETLKW || command == F_GETLK ||
		      command == F_OFD_SETLK || command == F_OFD_GETLK)) {
		if (!strcmp(locks, "none")) {
			errno = ENOLCK;
			return -1;
		}
		if (command == F_GETLK || command == F_OFD_GETLK)
			((struct flock *)value)->l_type = F_UNLCK;
		return 0;
	}
	return ((int (*)(int, int, void *))next("fcntl64"))(fd, command, value);
}

int gethostname(char *out, size_t size)
{
	const char *name = wanted("NETWORK_HOST");

	if (!name)
		return ((int (*)(char *, size_t))next("gethostname"))(out, size);
	snprintf(out, size, "%s", name);
	return 0;
}

FILE *fopen(const char *path, const char *mode)
{
	const char *boot = wanted("NETWORK_BOOT");

	if (boot && !strcmp(path, "/proc/sys/kernel/random/boot_id"))
		path = boot;
	return ((FILE * (*)(const char *, const char *)) next("fopen64"))(path, mode);
}
