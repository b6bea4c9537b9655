/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include "machine.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 30.0 /* seconds, as the warning says */
#define LOOK .05

enum { FIRST = 3, LAST = 1024 }; /* descriptors that no command gets */

/* In the command's own process. */
static _Noreturn void become(const struct abl_study *s, char *const *words, int text, int log)
{
	char path[64];
	sigset_t none;
	int in;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	snprintf(path, sizeof path, "/proc/self/fd/%d", text);
	in = open(path, O_RDONLY | O_CLOEXEC); /* each reads from the beginning */
	if (in < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0 || chdir(s->folder))
		_exit(126);
	execvp(words[0], words);
	_exit(errno == ENOENT ? 127 : 126);
}

static void warn(const char *command, const char *log_path, const char *how)
{
	struct abl_str text = {0};

	abl_str_printf(&text,
		       "ablate: warning: 'notify' command '%s' %s; the run is as it is, what the "
		       "command said is in '%s'\n",
		       command, how, log_path);
	(void)!abl_fd_write(STDERR_FILENO, text.text, text.length);
	abl_str_finish(&text);
}

static void tell_end(const char *command, const char *log_path, int status)
{
	char how[64] = "was not found";

	if (WIFSIGNALED(status))
		snprintf(how, sizeof how, "was killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 127)
		snprintf(how, sizeof how, "failed: exit code %d", WEXITSTATUS(status));
	if (status)
		warn(command, log_path, how);
}

/* Waits for all of them, and kills those that take too long. */
static void watch(const struct abl_study *s, pid_t *pid, const char *log_path)
{
	const double until = abl_clock_now() + MOST;
	size_t left = s->notify_count;
	bool late = false;

	while (left) {
		left = 0;
		late = late || abl_clock_now() > until;
		for (size_t i = 0; i < s->notify_count; i++) {
			int status;

			if (pid[i] <= 0)
				continue;
			if (waitpid(pid[i], &status, WNOHANG) == pid[i]) {
				tell_end(s->notify[i][0], log_path, status);
				kill(-pid[i], SIGKILL); /* what it has left behind */
				pid[i] = 0;
			} else if (late) {
				kill(-pid[i], SIGKILL);
				(void)waitpid(pid[i], &status, 0);
				warn(s->notify[i][0], log_path,
				     "took more than 30 s and was killed");
				pid[i] = 0;
			} else {
				left++;
			}
		}
		if (left)
			nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * LOOK)}, NULL);
	}
}

/* A process between us and the commands: it has none of our files and locks, and waits. */
static _Noreturn void run_all(const struct abl_study *s, int text, int log, const char *log_path)
{
	pid_t *pid = calloc(s->notify_count, sizeof *pid);

	setsid();
	signal(SIGCHLD, SIG_DFL);
	for (int fd = FIRST; fd < LAST; fd++)
		if (fd != text && fd != log)
			close(fd);
	for (size_t i = 0; pid && i < s->notify_count; i++) {
		pid[i] = fork();
		if (!pid[i])
			become(s, s->notify[i], text, log);
		if (pid[i] > 0)
			setpgid(pid[i], pid[i]);
	}
	if (pid)
		watch(s, pid, log_path);
	_exit(0);
}

/* The text as a file that has no name. */
static int file_of(const char *text)
{
	const int fd = memfd_create("notify", MFD_CLOEXEC);

	if (fd >= 0)
		(void)!abl_fd_write(fd, text, strlen(text));
	return fd;
}

void abl_notify(const struct abl_study *study, const char *text, const char *log, bool wait)
{
	const int in = study->notify_count ? file_of(text) : -1;
	const int out = in < 0 ? -1 : abl_file_open_appending(log, true);
	pid_t courier = in < 0 || out < 0 ? -1 : fork();
	int status;

	if (!courier) {
		if (!wait && fork()) /* then nobody has to wait for it */
			_exit(0);
		run_all(study, in, out, log);
	}
	while (courier > 0 && waitpid(courier, &status, 0) < 0 && errno == EINTR)
		continue;
	if (study->notify_count && courier < 0)
		warn(study->notify[0][0], log, "was not started");
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
}
