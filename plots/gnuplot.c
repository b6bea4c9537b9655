/* SPDX-License-Identifier: Apache-2.0 */
#include "gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Starts a program in a folder, with its output going to `out` and its messages to `messages` (-1:
 * nowhere); 0 or an errno. */
static int start(pid_t *pid, char *const argv[], const char *folder, int out, int messages)
{
	posix_spawn_file_actions_t actions;
	int failed;

	if ((failed = posix_spawn_file_actions_init(&actions)))
		return failed;
	if (!(failed = posix_spawn_file_actions_addchdir_np(&actions, folder)) &&
	    !(failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) &&
	    !(failed = posix_spawn_file_actions_adddup2(&actions, out, 1)) &&
	    !(failed = posix_spawn_file_actions_adddup2(&actions, messages < 0 ? 0 : messages, 2)))
		failed = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

/* All that is written to fd until its other end closes. */
static void drain(int fd, struct abl_str *out)
{
	char buffer[4096];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			abl_str_add(out, buffer, (size_t)n);
}

/* gnuplot echoes the line, marks the column with '^' and then says what is wrong: the last line
 * that is not blank is the message. */
static const char *last_line(struct abl_str *messages)
{
	char *end;

	abl_str_puts(messages, "");
	while (messages->length && strchr(" \t\r\n", messages->text[messages->length - 1]))
		messages->text[--messages->length] = 0;
	end = strrchr(messages->text, '\n');
	end = end ? end + 1 : messages->text;
	return end + strspn(end, " \t");
}

static int missing(struct abl_err *err)
{
	return abl_err_set(err, ABL_EIO, "gnuplot is not installed: run ./setup.sh");
}

int abl_gnuplot_run(const char *folder, const char *script, struct abl_err *err)
{
	char *argv[] = {(char *)"gnuplot", (char *)"-d", (char *)script, NULL};
	struct abl_str messages = {0};
	int channel[2], failed, status = 0, rc = 0;
	pid_t pid;

	if (pipe2(channel, O_CLOEXEC))
		return abl_err_set(err, ABL_EIO, "cannot start gnuplot: %s", strerror(errno));
	failed = start(&pid, argv, folder, channel[1], channel[1]);
	close(channel[1]);
	if (failed == ENOENT)
		rc = missing(err);
	else if (failed)
		rc = abl_err_set(err, ABL_EIO, "cannot start gnuplot: %s", strerror(failed));
	else {
		drain(channel[0], &messages);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
			rc = missing(err);
		else if (status)
			rc = abl_err_set(err, ABL_EFAIL, "gnuplot failed on '%s/%s': %s", folder,
					 script,
					 *last_line(&messages) ? last_line(&messages)
							       : "it printed no message");
	}
	close(channel[0]);
	abl_str_finish(&messages);
	return rc;
}

bool abl_gnuplot_charsets(struct abl_str *out)
{
	char *argv[] = {(char *)"fc-list", (char *)"--format", (char *)"%{charset}\n", NULL};
	int channel[2], status = 0;
	bool done;
	pid_t pid;

	if (pipe2(channel, O_CLOEXEC))
		return false;
	done = !start(&pid, argv, "/", channel[1], -1);
	close(channel[1]);
	if (done) {
		drain(channel[0], out);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(channel[0]);
	return done && !status;
}
