/* SPDX-License-Identifier: Apache-2.0 */
#include "link_process.h"

#include "child.h"
#include "machine.h"
#include "secret_name.h"
#include "signals.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define PATIENCE 5.0 /* seconds from SIGTERM to SIGKILL */

struct streams {
	int in, out; /* our ends; -1 = closed */
	pid_t pid;   /* of the launcher; 0: the streams are our own */
	bool ended;  /* with `status` */
	int status;
};

/* Launchers that were told to end: they are looked after whenever another link begins or ends. */
static struct {
	struct leaver {
		pid_t pid;
		double told;
	} * list;
	size_t count, capacity;
} leaving;

static void look_after_leaving(void)
{
	for (size_t i = 0; i < leaving.count;) {
		const struct leaver *l = &leaving.list[i];

		if (waitpid(l->pid, NULL, WNOHANG)) {
			leaving.list[i] = leaving.list[--leaving.count];
			continue;
		}
		if (abl_clock_now() - l->told > PATIENCE)
			kill(-l->pid, SIGKILL);
		i++;
	}
}

/* The table. */

static size_t descriptors(void *state, bool writing, struct pollfd *out, size_t most)
{
	const struct streams *s = state;
	const struct pollfd all[] = {{.fd = s->in, .events = POLLIN},
				     {.fd = writing ? s->out : -1, .events = POLLOUT}};

	for (size_t i = 0; i < 2 && i < most; i++)
		out[i] = all[i];
	return 2;
}

static ssize_t take(void *state, void *out, size_t size)
{
	return read(((const struct streams *)state)->in, out, size);
}

/* A reader that is gone is an error of ours alone, whatever SIGPIPE is set to. */
static ssize_t give(void *state, const void *bytes, size_t size)
{
	const struct timespec now = {0};
	sigset_t pipe, before, pending;
	ssize_t n;
	int why;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	n = write(((const struct streams *)state)->out, bytes, size);
	why = errno;
	if (n < 0 && why == EPIPE && !sigismember(&pending, SIGPIPE))
		(void)sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return n;
}

static bool ended(void *state, char *text, size_t size)
{
	struct streams *s = state;

	if (s->pid && !s->ended)
		s->ended = waitpid(s->pid, &s->status, WNOHANG) == s->pid;
	if (!s->ended)
		return false;
	if (WIFSIGNALED(s->status))
		snprintf(text, size, "killed by signal %d (%s)", WTERMSIG(s->status),
			 strsignal(WTERMSIG(s->status)));
	else
		snprintf(text, size, "exit code %d", WEXITSTATUS(s->status));
	return true;
}

/* Not asked of one that runs: SIGCONT takes away a SIGSTOP that is under way, and whoever sent that
 * to look at its threads (a sanitizer, at its end) waits for ever. */
static bool stands_still(pid_t pid)
{
	siginfo_t info = {0};

	return !waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG | WNOWAIT) && info.si_pid == pid;
}

static void close_streams(void *state)
{
	struct streams *s = state;
	char ignored[80];

	close(s->in);
	close(s->out);
	if (s->pid && !ended(s, ignored, sizeof ignored)) {
		abl_grow(&leaving.list, &leaving.capacity, leaving.count + 1, sizeof *leaving.list);
		leaving.list[leaving.count++] = (struct leaver){s->pid, abl_clock_now()};
		kill(-s->pid, SIGTERM);
		if (stands_still(s->pid))
			kill(-s->pid, SIGCONT); /* it ends, too */
	}
	look_after_leaving();
	free(s);
}

static const struct abl_link_ops ops = {
	.name = "process",
	.descriptors = descriptors,
	.read = take,
	.write = give,
	.ended = ended,
	.close = close_streams,
};

static void make_link(struct abl_link *out, const struct streams *streams)
{
	struct streams *s = abl_calloc(1, sizeof *s);

	*s = *streams;
	*out = (struct abl_link){&ops, s};
}

/* Starting one. */

enum { IN, OUT, LOG, WHY, ENDS = 8 };

struct ends { /* pairs of pipes; [2 * i] reads, [2 * i + 1] writes */
	int fd[ENDS];
};

static void close_ends(struct ends *e)
{
	for (int i = 0; i < ENDS; i++)
		if (e->fd[i] >= 0)
			close(e->fd[i]);
}

/* All above the standard streams, which we may have been started without. */
static int lift(int *fd)
{
	int moved;

	if (*fd < 0 || *fd > STDERR_FILENO)
		return *fd < 0;
	moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(*fd);
	*fd = moved;
	return moved < 0;
}

static int open_ends(struct ends *e, const char *log)
{
	static const int pipes[] = {IN, OUT, WHY};
	bool bad = false;

	for (int i = 0; i < ENDS; i++)
		e->fd[i] = -1;
	for (int i = 0; i < 3 && !bad; i++)
		bad = pipe2(&e->fd[2 * pipes[i]], O_CLOEXEC);
	if (!bad)
		bad = (e->fd[2 * LOG] = abl_child_log(log)) < 0;
	for (int i = 0; i < ENDS && !bad; i++)
		bad = (i != 2 * LOG + 1) && lift(&e->fd[i]);
	return bad ? errno : 0;
}

/* In the child: system calls only. */
static _Noreturn void become(const char *path, char *const *argv, char *const *environment,
			     const struct ends *e)
{
	const unsigned kept = (unsigned)e->fd[2 * WHY + 1];
	int why;

	setsid();
	if (dup2(e->fd[2 * IN], STDIN_FILENO) >= 0 &&
	    dup2(e->fd[2 * OUT + 1], STDOUT_FILENO) >= 0 &&
	    dup2(e->fd[2 * LOG], STDERR_FILENO) >= 0) {
		abl_signals_put_back();
		(void)close_range(STDERR_FILENO + 1, kept - 1, 0); /* what we were started with */
		(void)close_range(kept + 1, ~0u, 0);
		execvpe(path, argv, environment);
	}
	why = errno;
	if (write(e->fd[2 * WHY + 1], &why, sizeof why) < 0)
		_exit(126);
	_exit(127);
}

/* Ours without what is secret: the launcher may be anybody's. */
static char **own_environment(void)
{
	size_t n = 0, used = 0;
	char **list;

	while (environ[n])
		n++;
	list = abl_calloc(n + 1, sizeof *list);
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], ABL_SECRET_VARIABLE, strlen(ABL_SECRET_VARIABLE)) != 0)
			list[used++] = environ[i];
	return list;
}

/* Why it could not be executed; 0: it was. Waits for that, which is short. */
static int hear_why(struct ends *e)
{
	int why = 0;
	ssize_t n;

	close(e->fd[2 * WHY + 1]);
	e->fd[2 * WHY + 1] = -1;
	do
		n = read(e->fd[2 * WHY], &why, sizeof why);
	while (n < 0 && errno == EINTR);
	return n == sizeof why ? why : 0;
}

static int keep_ours(struct ends *e, struct streams *s)
{
	s->in = e->fd[2 * OUT];
	s->out = e->fd[2 * IN + 1];
	if (fcntl(s->in, F_SETFL, O_NONBLOCK) || fcntl(s->out, F_SETFL, O_NONBLOCK))
		return errno;
	e->fd[2 * OUT] = e->fd[2 * IN + 1] = -1;
	return 0;
}

int abl_link_process_start(struct abl_link *out, const char *const *argv, const char *log,
			   struct abl_err *err)
{
	char **environment = own_environment();
	struct streams s = {0};
	struct ends e;
	int why = open_ends(&e, log);

	look_after_leaving();
	if (!why) {
		s.pid = fork();
		if (!s.pid)
			become(argv[0], (char *const *)(uintptr_t)argv, environment, &e);
		why = s.pid < 0 ? errno : hear_why(&e);
		if (why && s.pid > 0)
			waitpid(s.pid, NULL, 0);
		why = why ? why : keep_ours(&e, &s);
	}
	close_ends(&e);
	free(environment);
	if (why)
		return abl_err_set(err, ABL_EINPUT, "cannot start '%s' with log '%s': %s", argv[0],
				   log, strerror(why));
	make_link(out, &s);
	return 0;
}

/* A copy of the stream for us alone, and in its place what harms nobody. */
static int take_over(int stream, int instead)
{
	const int fd = fcntl(stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (fd < 0 || instead < 0 || dup2(instead, stream) < 0)
		return -1;
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) ? -1 : fd;
}

int abl_link_streams(struct abl_link *out, struct abl_err *err)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const struct streams s = {.in = take_over(STDIN_FILENO, null),
				  .out = take_over(STDOUT_FILENO, STDERR_FILENO)};
	const int why = errno;

	if (null >= 0)
		close(null);
	if (s.in < 0 || s.out < 0)
		return abl_err_set(err, ABL_EIO, "cannot use the standard streams: %s",
				   strerror(why));
	make_link(out, &s);
	return 0;
}
