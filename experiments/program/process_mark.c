/* SPDX-License-Identifier: Apache-2.0 */
/* process_mark.c - processes that carry a mark in their environment. */
#include "process.h"
#include "process_tree.h"
#include "str.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 4 << 20 }; /* of an environment, in bytes */

static void read_environment(pid_t pid, struct abl_str *out)
{
	char path[64], block[1 << 14];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/environ", (long)pid);
	abl_str_clear(out);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && out->length < LONGEST && (n = read(fd, block, sizeof block)) > 0)
		abl_str_add(out, block, (size_t)n);
	if (fd >= 0)
		close(fd);
	abl_str_add(out, "", 1); /* the last variable ends, too */
}

static bool is_marked(const struct abl_str *environment, const char *variable)
{
	const char *at = environment->text, *end = at + environment->length;

	for (; at < end; at += strlen(at) + 1)
		if (!strcmp(at, variable))
			return true;
	return false;
}

static bool is_ours(pid_t pid)
{
	char path[64];
	struct stat s;

	snprintf(path, sizeof path, "/proc/%ld", (long)pid);
	return pid != getpid() && !stat(path, &s) && s.st_uid == getuid();
}

static void list_marked(const void *variable, struct abl_pids *out)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	struct abl_str environment = {0};

	out->count = 0;
	while (d && (e = readdir(d))) {
		const pid_t pid =
			isdigit((unsigned char)*e->d_name) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;

		if (!pid || !is_ours(pid))
			continue;
		read_environment(pid, &environment); /* that of a zombie is empty */
		if (is_marked(&environment, variable))
			abl_pids_add(out, pid);
	}
	if (d)
		closedir(d);
	abl_str_finish(&environment);
}

size_t abl_process_kill_marked(const char *variable)
{
	const struct timespec moment = {.tv_nsec = 5000000};
	const size_t count = abl_pids_kill(list_marked, variable, 10);

	/* one that is about to become another program has no environment for a moment, and what it
	 * forks after that has its mark again */
	nanosleep(&moment, NULL);
	return count + abl_pids_kill(list_marked, variable, 10);
}
