/* SPDX-License-Identifier: Apache-2.0 */
#include "process_keeper.h"

#include "process_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* The descriptors of the keeper; the program has the first three of them. */
enum { NOTHING, OUTPUT, ERRORS, LIFE, NEWS, LAST };
#define LAST_SIGNAL 64
#define LONGEST_KILL 30. /* seconds */
#define OUTPUT_IN_FLIGHT (1 << 20)

static void tell(int news, int value)
{
	const struct abl_keeper_report report = {news, value};
	ssize_t ignored = write(NEWS, &report, sizeof report); /* less than a pipe's atom */

	(void)ignored; /* nobody is there any more */
}

/* Whatever we have done to signals, and whatever was done to us: a program begins with none of it.
 */
static void reset_signals(void)
{
	const struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i <= LAST_SIGNAL; i++)
		sigaction(i, &action, NULL); /* fails for the few that nobody may change */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* System calls only. */
static _Noreturn void become(const struct abl_process_spec *spec, const char *path, pid_t keeper)
{
	setsid();
	reset_signals();
	/* A parent that died before prctl() sends no signal any more. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != keeper)
		_exit(126);
	if (chdir(spec->directory)) {
		tell(ABL_KEEPER_NO_FOLDER, errno);
		_exit(126);
	}
	execve(path, (char *const *)spec->argv, (char *const *)spec->environment);
	tell(ABL_KEEPER_NO_START, errno);
	_exit(127);
}

static bool is_gone(const struct pollfd *life)
{
	return life->revents & (POLLHUP | POLLERR | POLLIN);
}

/* Deaf to all signals: those that mean the program are sent to the program. */
static _Noreturn void keep(const struct abl_process_spec *spec, const char *path)
{
	struct pollfd wait[] = {{.fd = LIFE, .events = POLLIN}, {.events = POLLIN}};
	struct signalfd_siginfo ignored;
	sigset_t all, children;
	int status;
	pid_t program, got;

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_NAME, "trial-keeper");
	prctl(PR_SET_PDEATHSIG, SIGCONT); /* one that was stopped would not see that we are gone */
	signal(SIGCHLD, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	wait[1].fd = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	program = wait[1].fd < 0 ? -1 : fork();
	if (!program)
		become(spec, path, getppid());
	if (program < 0) {
		tell(ABL_KEEPER_NO_START, errno);
		_exit(126);
	}
	dup2(NOTHING, OUTPUT); /* who reads is to see the end of it */
	dup2(NOTHING, ERRORS);
	while (!is_gone(&wait[0])) {
		(void)!poll(wait, 2, -1);
		while (read(wait[1].fd, &ignored, sizeof ignored) > 0)
			;
		while ((got = waitpid(-1, &status, WNOHANG)) > 0)
			if (got == program)
				tell(ABL_KEEPER_ENDED, status);
	}
	abl_tree_kill(getpid(), 0, LONGEST_KILL);
	_exit(0);
}

/* In the child: the five descriptors to their places, all others closed. */
static void arrange(const int fd[LAST])
{
	int high[LAST];

	for (int i = 0; i < LAST; i++)
		high[i] = fcntl(fd[i], F_DUPFD, LAST);
	for (int i = 0; i < LAST; i++)
		if (high[i] < 0 || dup2(high[i], i) < 0)
			_exit(126);
	fcntl(LIFE, F_SETFD, FD_CLOEXEC);
	fcntl(NEWS, F_SETFD, FD_CLOEXEC);
	if (close_range(LAST, ~0u, 0)) /* an old kernel cannot */
		for (int i = LAST; i < 1024; i++)
			close(i);
}

static void close_all(const int *fd, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

int abl_keeper_start(struct abl_keeper *out, const struct abl_process_spec *spec, const char *path,
		     struct abl_err *err)
{
	int output[2] = {-1, -1}, news[2] = {-1, -1}, life[2] = {-1, -1};
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int why = 0;
	pid_t pid = -1;

	if (null < 0 || pipe2(output, O_CLOEXEC) || pipe2(news, O_CLOEXEC) ||
	    pipe2(life, O_CLOEXEC) || fcntl(output[0], F_SETFL, O_NONBLOCK) ||
	    fcntl(news[0], F_SETFL, O_NONBLOCK))
		why = errno;
	if (!why) {
		fcntl(output[1], F_SETPIPE_SZ, OUTPUT_IN_FLIGHT); /* may be more than is allowed */
		pid = fork();
		why = pid < 0 ? errno : 0;
	}
	if (!pid) {
		arrange((int[LAST]){null, output[1], output[1], life[0], news[1]});
		keep(spec, path);
	}
	close_all((int[]){null, output[1], news[1], life[0]}, 4);
	if (why) {
		close_all((int[]){output[0], news[0], life[1]}, 3);
		return abl_err_set(err, ABL_EIO, "cannot start '%s': %s", spec->argv[0],
				   strerror(why));
	}
	*out = (struct abl_keeper){
		.pid = pid, .output = output[0], .news = news[0], .life = life[1]};
	return 0;
}
