/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_command.h"

#include "machine.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK .02         /* seconds from look to look at a process that has closed its pipes */
enum { MOST = 1 << 20 }; /* bytes that are kept of what it prints */

extern char **environ;

/* Of SLURM_*, the few that say how to reach Slurm are kept; the rest describes a job. */
static bool inherited(const char *entry)
{
	static const char *const kept[] = {
		"SLURM_CONF=", "SLURM_CONF_SERVER=", "SLURM_CLUSTERS=", "SLURM_DEBUG_FLAGS="};

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (!strncmp(entry, kept[i], strlen(kept[i])))
			return true;
	return strncmp(entry, "SLURM_", 6) != 0 && strncmp(entry, "SRUN_", 5) != 0 &&
	       strncmp(entry, "SLURMD_", 7) != 0;
}

/* The list is the caller's, the texts are not. */
static char **make_environment(void)
{
	size_t n = 0, used = 0;
	char **list;

	while (environ[n])
		n++;
	list = abl_calloc(n + 1, sizeof *list);
	for (size_t i = 0; i < n; i++)
		if (inherited(environ[i]))
			list[used++] = environ[i];
	return list;
}

static _Noreturn void become(char *const *words, char *const *environment, int out, int complaints)
{
	const int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0); /* Ctrl-C is for us, not for what tells Slurm of it */
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(complaints, 2) < 0)
		_exit(126);
	abl_signals_put_back();
	execvpe(words[0], words, environment);
	(void)!write(2, "'", 1);
	(void)!write(2, words[0], strlen(words[0]));
	(void)!write(2, "' was not found\n", 16);
	_exit(127);
}

static void close_both(int fd[2])
{
	for (size_t i = 0; i < 2; i++) {
		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = -1;
	}
}

int abl_slurm_command_start(struct abl_slurm_command *c, char *const *words, double seconds,
			    struct abl_err *err)
{
	int out[2] = {-1, -1}, complaints[2] = {-1, -1};
	char **environment;

	abl_str_clear(&c->printed), abl_str_clear(&c->complained);
	c->exit_code = -1;
	c->killed = false;
	if (pipe2(out, O_CLOEXEC) || pipe2(complaints, O_CLOEXEC) ||
	    fcntl(out[0], F_SETFL, O_NONBLOCK) || fcntl(complaints[0], F_SETFL, O_NONBLOCK)) {
		close_both(out), close_both(complaints);
		return abl_err_set(err, ABL_EIO, "cannot start '%s': %s", words[0],
				   strerror(errno));
	}
	environment = make_environment();
	c->pid = fork();
	if (!c->pid)
		become(words, environment, out[1], complaints[1]);
	free(environment);
	close(out[1]), close(complaints[1]);
	if (c->pid < 0) {
		c->pid = 0;
		close(out[0]), close(complaints[0]);
		return abl_err_set(err, ABL_EIO, "cannot start '%s': %s", words[0],
				   strerror(errno));
	}
	c->pipe[0] = out[0], c->pipe[1] = complaints[0];
	c->until = abl_clock_now() + seconds;
	return 0;
}

size_t abl_slurm_command_descriptors(const struct abl_slurm_command *c, struct pollfd *out,
				     size_t most)
{
	if (!c->pid)
		return 0;
	for (size_t i = 0; i < 2 && i < most; i++) /* poll() passes over negative ones */
		out[i] = (struct pollfd){.fd = c->pipe[i], .events = POLLIN};
	return 2;
}

double abl_slurm_command_deadline(const struct abl_slurm_command *c)
{
	if (!c->pid)
		return INFINITY;
	return c->pipe[0] < 0 && c->pipe[1] < 0 ? abl_clock_now() + LOOK : c->until;
}

static void drain(int *fd, struct abl_str *into)
{
	char block[1 << 12];
	ssize_t n;

	while (*fd >= 0) {
		n = read(*fd, block, sizeof block);
		if (n > 0) {
			for (ssize_t i = 0; i < n; i++) /* texts end with one */
				block[i] = block[i] ? block[i] : '?';
			if (into->length < MOST)
				abl_str_add(into, block, (size_t)n);
		} else if (!n || (errno != EINTR && errno != EAGAIN)) {
			close(*fd);
			*fd = -1;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

bool abl_slurm_command_advance(struct abl_slurm_command *c)
{
	int status = 0;
	pid_t got;

	if (!c->pid)
		return false;
	drain(&c->pipe[0], &c->printed), drain(&c->pipe[1], &c->complained);
	if (!c->killed && abl_clock_now() >= c->until) {
		kill(-c->pid, SIGKILL), kill(c->pid, SIGKILL);
		c->killed = true;
	}
	got = waitpid(c->pid, &status, WNOHANG);
	if (!got || (got < 0 && errno == EINTR))
		return false;
	drain(&c->pipe[0], &c->printed), drain(&c->pipe[1], &c->complained);
	close_both(c->pipe);
	c->exit_code = got > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	c->pid = 0;
	abl_str_puts(&c->printed, ""), abl_str_puts(&c->complained, "");
	return true;
}

void abl_slurm_command_wait(struct abl_slurm_command *c)
{
	while (c->pid && !abl_slurm_command_advance(c)) {
		struct pollfd fds[2];
		const size_t n = abl_slurm_command_descriptors(c, fds, 2);

		(void)poll(fds, n, 20);
	}
}

/* The last line with a word in it, without the name of the program. */
static void add_last_line(const char *text, struct abl_str *out)
{
	const char *found = "";
	size_t length = 0;

	for (const char *line = text; *line;) {
		const size_t n = strcspn(line, "\n");

		if (strspn(line, " \t\r") < n)
			found = line, length = n;
		line += n + (line[n] == '\n');
	}
	if (length > 300)
		length = 300;
	for (size_t i = 0; i < length; i++)
		abl_str_add(out, (unsigned char)found[i] < ' ' ? "?" : found + i, 1);
}

void abl_slurm_command_why(const struct abl_slurm_command *c, struct abl_str *out)
{
	const size_t before = out->length;

	if (c->complained.length)
		add_last_line(c->complained.text, out);
	if (c->killed)
		abl_str_printf(out, "%sno answer in time", out->length > before ? "; " : "");
	else if (out->length == before && c->exit_code)
		abl_str_printf(out, "exit code %d", c->exit_code);
	else if (out->length == before)
		abl_str_puts(out, "it has named no job");
}

void abl_slurm_command_finish(struct abl_slurm_command *c)
{
	if (!c)
		return;
	if (c->pid) {
		kill(-c->pid, SIGKILL), kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		close_both(c->pipe);
		c->pid = 0;
	}
	abl_str_finish(&c->printed), abl_str_finish(&c->complained);
}

bool abl_slurm_passes(const char *complaint)
{
	static const char *const signs[] = {
		"ontact slurm controller", /* Unable to contact, Cannot contact */
		"timed out",
		"onnection",
		"emporarily",
		"Zero Bytes",
		"Slurm backup controller",
		"SlurmDBD",
		"ubmit limit", /* QOSMaxSubmitJobPerUserLimit, job submit limit */
		"SubmitJob",
		"no answer in time",
		"Protocol authentication",
		"munge",
		"unge encode",
		"nvalid authentication credential",
		"Rate limit",
		"rate limit",
		"Retry",
		"retry",
		"Try again",
		"try again",
	};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strstr(complaint, signs[i]))
			return true;
	return false;
}
