/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include "protocol_fd.h"
#include "secret_name.h"
#include "signals.h"
#include "str.h"
#include "thread_waits.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static bool inherited(const char *entry)
{
	static const char *const dropped[] = {"OMP_",  "GOMP_",         "KMP_",
					      "BLIS_", "ABLATE_TRIAL=", ABL_SECRET_VARIABLE};

	for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
		if (!strncmp(entry, dropped[i], strlen(dropped[i])))
			return false;
	return true;
}

struct environment {
	char **list;
	struct abl_str own[3];
};

static void make_environment(struct environment *e, const struct abl_attempt_spec *spec)
{
	size_t n = 0, more = 0, used = 0;

	while (environ[n])
		n++;
	while (spec->environment && spec->environment[more])
		more++;
	e->list = abl_calloc(n + more + 3 + ABL_THREAD_WAITS + 1, sizeof *e->list);
	for (size_t i = 0; i < n; i++)
		if (inherited(environ[i]))
			e->list[used++] = environ[i];
	abl_str_printf(&e->own[0], "ABLATE_TRIAL=%s", spec->trial);
	abl_str_printf(&e->own[1], "OMP_NUM_THREADS=%d", spec->cores > 0 ? spec->cores : 1);
	abl_str_puts(&e->own[2], "BLIS_NUM_THREADS=1"); /* our OpenMP splits the work */
	for (int i = 0; i < 3; i++)
		e->list[used++] = e->own[i].text;
	for (int i = 0; i < ABL_THREAD_WAITS; i++)
		e->list[used++] = (char *)(uintptr_t)abl_thread_waits[i];
	for (size_t i = 0; i < more; i++)
		e->list[used++] = (char *)(uintptr_t)spec->environment[i];
}

static void free_environment(struct environment *e)
{
	for (int i = 0; i < 3; i++)
		abl_str_finish(&e->own[i]);
	free(e->list);
}

static const char *path_of(const struct abl_attempt_spec *spec)
{
	return spec->path ? spec->path : spec->argv[0];
}

/* In the child: system calls only. The descriptors are all above 3 (see above_three()). */
static _Noreturn void become(const struct abl_attempt_spec *spec, char **environment, int null,
			     int log, int line, pid_t parent)
{
	const struct rlimit memory = {(rlim_t)spec->memory, (rlim_t)spec->memory};

	if (setpgid(0, 0) || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ||
	    dup2(line, ABL_PROTOCOL_FD) < 0 ||
	    (spec->memory > 0 && setrlimit(RLIMIT_DATA, &memory)))
		_exit(126);
	if (spec->takes_signals)
		abl_signals_put_back_held();
	else
		abl_signals_put_back();
	/* A parent that died before prctl() sends no signal any more. */
	(void)close_range(ABL_PROTOCOL_FD + 1, ~0u,
			  0); /* what we were started with; an old kernel cannot */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(126);
	execve(path_of(spec), (char *const *)spec->argv, environment);
	_exit(127);
}

/* The descriptor moved to a number above 3, so that dup2() in the child overwrites none of them. */
static int above_three(int fd)
{
	int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, ABL_PROTOCOL_FD + 1);

	if (fd >= 0)
		close(fd);
	return moved;
}

static void close_all(const int *fd, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

int abl_child_log(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
}

int abl_child_start(struct abl_child *out, const struct abl_attempt_spec *spec, struct abl_err *err)
{
	struct environment e = {0};
	int ends[2] = {-1, -1}, fd[4]; /* fd: null, log, writing end, reading end */
	pid_t parent = getpid(), pid = -1;
	sigset_t mask;
	int why = 0;

	if (pipe2(ends, O_CLOEXEC))
		why = errno;
	fd[0] = above_three(open("/dev/null", O_RDONLY | O_CLOEXEC));
	fd[1] = above_three(abl_child_log(spec->log));
	fd[2] = above_three(ends[1]);
	fd[3] = above_three(ends[0]);
	for (int i = 0; i < 4 && !why; i++)
		why = fd[i] < 0 ? errno : 0;
	if (!why && fcntl(fd[3], F_SETFL, O_NONBLOCK))
		why = errno;
	if (!why) {
		make_environment(&e, spec);
		abl_signals_hold(&mask);
		pid = fork();
		if (!pid)
			become(spec, e.list, fd[0], fd[1], fd[2], parent);
		why = pid < 0 ? errno : 0;
		sigprocmask(SIG_SETMASK, &mask, NULL);
		free_environment(&e);
	}
	if (why) {
		close_all(fd, 4);
		return abl_err_set(err, ABL_EIO, "cannot start '%s' with log '%s': %s",
				   path_of(spec), spec->log, strerror(why));
	}
	setpgid(pid, pid); /* in both processes: whichever is first */
	close_all((int[]){fd[0], fd[2]}, 2);
	*out = (struct abl_child){
		.pid = pid,
		.pipe = fd[3],
		.log = fd[1],
		.handle = (int)syscall(SYS_pidfd_open, pid, 0),
	};
	return 0;
}
