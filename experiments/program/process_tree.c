/* SPDX-License-Identifier: Apache-2.0 */
#include "process_tree.h"

#include "machine.h"
#include "str.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void abl_pids_add(struct abl_pids *p, pid_t pid)
{
	abl_grow(&p->pid, &p->capacity, p->count + 1, sizeof *p->pid);
	p->pid[p->count++] = pid;
}

void abl_pids_finish(struct abl_pids *p)
{
	if (!p)
		return;
	free(p->pid);
	*p = (struct abl_pids){0};
}

static bool has(const struct abl_pids *p, pid_t pid)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->pid[i] == pid)
			return true;
	return false;
}

/* /proc. */

/* The start of a file of /proc; its length, or 0. */
static size_t read_start(const char *path, char *out, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0, got = 0;

	while (fd >= 0 && (size_t)n < size - 1 &&
	       (got = read(fd, out + n, size - 1 - (size_t)n)) > 0)
		n += got;
	if (fd >= 0)
		close(fd);
	out[n] = '\0';
	return (size_t)n;
}

/* False: it is gone, or a zombie without a thread that runs on. */
static bool lives(pid_t pid, pid_t *parent)
{
	char path[64], text[1024];
	const char *end;
	char state = 'X';
	long threads = 0;
	int up = 0;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	/* its name, in parentheses, can contain anything */
	if (!read_start(path, text, sizeof text) || !(end = strrchr(text, ')')) ||
	    sscanf(end + 1,
		   " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld", &state,
		   &up, &threads) != 3)
		return false;
	*parent = (pid_t)up;
	return (state != 'Z' && state != 'X') || threads > 1;
}

static void each_number(const char *folder, void (*found)(void *data, pid_t number), void *data)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (isdigit((unsigned char)*e->d_name))
			found(data, (pid_t)strtol(e->d_name, NULL, 10));
	if (d)
		closedir(d);
}

/* By the lists of children that most kernels have: as fast as the tree is small. */

struct asked {
	pid_t pid;
	struct abl_pids *out;
};

static void add_children_of_thread(void *data, pid_t thread)
{
	const struct asked *a = data;
	char path[96], text[1 << 14], *at = text, *end;
	long pid;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)a->pid, (long)thread);
	read_start(path, text, sizeof text);
	while ((pid = strtol(at, &end, 10)) > 0 && end != at) {
		if (!has(a->out, (pid_t)pid))
			abl_pids_add(a->out, (pid_t)pid);
		at = end;
	}
}

static void list_children(struct abl_pids *out)
{
	for (size_t i = 0; i < out->count; i++) { /* it grows on the way */
		struct asked a = {out->pid[i], out};
		char folder[64];

		snprintf(folder, sizeof folder, "/proc/%ld/task", (long)a.pid);
		each_number(folder, add_children_of_thread, &a);
	}
}

/* By the parents of all processes. */

struct everyone {
	struct abl_pids pid, parent;
};

static void add_process(void *data, pid_t pid)
{
	struct everyone *e = data;
	pid_t parent = 0;

	(void)lives(pid, &parent);
	abl_pids_add(&e->pid, pid);
	abl_pids_add(&e->parent, parent);
}

static void list_by_parents(struct abl_pids *out)
{
	struct everyone e = {0};

	each_number("/proc", add_process, &e);
	for (size_t i = 0; i < out->count; i++)
		for (size_t k = 0; k < e.pid.count; k++)
			if (e.parent.pid[k] == out->pid[i] && !has(out, e.pid.pid[k]))
				abl_pids_add(out, e.pid.pid[k]);
	abl_pids_finish(&e.pid);
	abl_pids_finish(&e.parent);
}

void abl_tree_list(pid_t root, pid_t except, struct abl_pids *out)
{
	size_t kept = 0;
	pid_t parent;

	out->count = 0;
	abl_pids_add(out, root);
	if (access("/proc/thread-self/children", R_OK))
		list_by_parents(out);
	else
		list_children(out);
	for (size_t i = 1; i < out->count; i++)
		if (out->pid[i] != except && lives(out->pid[i], &parent))
			out->pid[kept++] = out->pid[i];
	out->count = kept;
}

void abl_tree_signal(pid_t root, pid_t except, int signal)
{
	struct abl_pids all = {0};

	abl_tree_list(root, except, &all);
	for (size_t i = 0; i < all.count; i++)
		kill(all.pid[i], signal);
	abl_pids_finish(&all);
}

/* Killing. */

enum { ROUNDS = 20 }; /* of stopping, until nothing new is found */

static void stop_all(void (*list)(const void *what, struct abl_pids *out), const void *what,
		     struct abl_pids *all, struct abl_pids *seen)
{
	bool fresh = true;

	for (int round = 0; round < ROUNDS && fresh; round++) {
		fresh = false;
		list(what, all);
		for (size_t i = 0; i < all->count; i++) {
			kill(all->pid[i], SIGSTOP);
			if (has(seen, all->pid[i]))
				continue;
			abl_pids_add(seen, all->pid[i]);
			fresh = true;
		}
	}
}

size_t abl_pids_kill(void (*list)(const void *what, struct abl_pids *out), const void *what,
		     double seconds)
{
	const double began = abl_clock_now();
	struct abl_pids all = {0}, seen = {0};
	struct timespec wait = {.tv_nsec = 500000};
	size_t count;

	for (;;) {
		stop_all(list, what, &all, &seen);
		if (!all.count || abl_clock_now() > began + seconds)
			break;
		for (size_t i = 0; i < all.count; i++)
			kill(all.pid[i], SIGKILL);
		nanosleep(&wait, NULL);
		if (wait.tv_nsec < 20000000)
			wait.tv_nsec *= 2;
	}
	count = seen.count;
	abl_pids_finish(&all);
	abl_pids_finish(&seen);
	return count;
}

struct tree {
	pid_t root, except;
};

static void list_tree(const void *what, struct abl_pids *out)
{
	const struct tree *t = what;

	abl_tree_list(t->root, t->except, out);
}

size_t abl_tree_kill(pid_t root, pid_t except, double seconds)
{
	return abl_pids_kill(list_tree, &(struct tree){root, except}, seconds);
}
