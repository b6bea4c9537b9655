/* SPDX-License-Identifier: Apache-2.0 */
#include "ask_program.h"

#include "files.h"
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MOST_SAID = 4096 };

/* ---- finding ---- */

static bool is_program(const char *path)
{
	return abl_is_regular(path) && !access(path, X_OK);
}

char *abl_find_program(const char *name, const char *path, const char *directory)
{
	struct abl_str at = {0};

	if (strchr(name, '/')) {
		abl_str_printf(&at, "%s%s%s", *name == '/' ? "" : directory,
			       *name == '/' ? "" : "/", name);
		if (is_program(at.text))
			return at.text;
		path = "";
	}
	for (size_t length; *path; path += length + (path[length] == ':')) {
		length = strcspn(path, ":");
		abl_str_clear(&at);
		abl_str_printf(&at, "%.*s/%s", (int)length, path, name);
		if (*path == '/' && is_program(at.text))
			return at.text;
	}
	abl_str_finish(&at);
	return NULL;
}

/* ---- asking ---- */

/* In a group of its own, with nothing of ours but the pipes. */
static int start(const struct abl_ask *a, int out, int said, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t how;
	sigset_t none, all;
	char *const *environment = a->environment ? (char *const *)a->environment : environ;
	int why;

	sigemptyset(&none);
	sigfillset(&all);
	if ((why = posix_spawn_file_actions_init(&actions)))
		return why;
	if ((why = posix_spawnattr_init(&how))) {
		posix_spawn_file_actions_destroy(&actions);
		return why;
	}
	if (!(why = posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
							   POSIX_SPAWN_SETSIGDEF)) &&
	    !(why = posix_spawnattr_setsigmask(&how, &none)) &&
	    !(why = posix_spawnattr_setsigdefault(&how, &all)) &&
	    !(why = posix_spawn_file_actions_addchdir_np(&actions, a->directory)) &&
	    !(why = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) &&
	    !(why = posix_spawn_file_actions_adddup2(&actions, out, 1)) &&
	    !(why = posix_spawn_file_actions_adddup2(&actions, said, 2)))
		why = posix_spawn(pid, a->argv[0], &actions, &how, (char *const *)a->argv,
				  environment);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&actions);
	return why;
}

/* One reading; false: the pipe is at its end. What goes beyond `limit` sets `much`. */
static bool take(int fd, struct abl_str *out, size_t limit, bool *much)
{
	char block[1 << 14];
	ssize_t n = read(fd, block, sizeof block);
	size_t room = limit > out->length ? limit - out->length : 0;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	*much = *much || (size_t)n > room;
	abl_str_add(out, block, (size_t)n < room ? (size_t)n : room);
	return n > 0;
}

/* Until both pipes are at their end; false: too late or too much. */
static bool listen_to(const struct abl_ask *a, const int pipes[2], struct abl_str *const text[2])
{
	struct pollfd fd[2] = {{pipes[0], POLLIN, 0}, {pipes[1], POLLIN, 0}};
	const double end = abl_clock_now() + a->seconds;
	bool much = false, ignored = false;

	while (fd[0].fd >= 0 || fd[1].fd >= 0) {
		double left = end - abl_clock_now();

		if (left <= 0 || much)
			return false;
		if (poll(fd, 2, (int)(left * 1000) + 1) < 0 && errno != EINTR)
			return false;
		for (int i = 0; i < 2; i++)
			if (fd[i].fd >= 0 && fd[i].revents &&
			    !take(fd[i].fd, text[i], i ? MOST_SAID : a->limit,
				  i ? &ignored : &much))
				fd[i].fd = -1;
	}
	return !much;
}

static int end_of(pid_t pid, bool answered, double seconds)
{
	const double end = abl_clock_now() + seconds;
	int status = 0;
	pid_t ended = 0;

	while (answered && (ended = waitpid(pid, &status, WNOHANG)) == 0 && abl_clock_now() < end)
		usleep(1000); /* its pipes are closed: it is about to end */
	kill(-pid, SIGKILL);
	while (ended != pid && (ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	return answered && ended == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int abl_ask_program(const struct abl_ask *a, struct abl_str *out, struct abl_str *said)
{
	struct abl_str unheard = {0}, *const text[2] = {out, said ? said : &unheard};
	int answer[2] = {-1, -1}, error[2] = {-1, -1}, code = -1;
	pid_t pid;
	bool started;

	abl_str_add(out, "", 0);
	abl_str_add(text[1], "", 0);
	started = !pipe2(answer, O_CLOEXEC) && !pipe2(error, O_CLOEXEC) &&
		  !start(a, answer[1], error[1], &pid);
	for (int i = 0; i < 2; i++)
		if ((i ? error : answer)[1] >= 0)
			close((i ? error : answer)[1]);
	if (started)
		code = end_of(pid, listen_to(a, (int[]){answer[0], error[0]}, text), 1);
	for (int i = 0; i < 2; i++)
		if ((i ? error : answer)[0] >= 0)
			close((i ? error : answer)[0]);
	abl_str_finish(&unheard);
	return code;
}
