/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include "child.h"
#include "str.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 200
#define GRACE 20.0             /* seconds from SIGTERM to SIGKILL: time to save a checkpoint */
#define LONGEST_LINE (1 << 20) /* bytes; longer lines are strange ones */
#define MOST_STRANGE 1000      /* strange lines that are kept in one log; all are counted */

struct child {
	struct abl_spawned process;
	void *data;
	struct abl_str line;          /* what has come of the next line */
	bool too_long;                /* the rest of an overlong line is being skipped */
	double started, limit, asked; /* asked: when SIGTERM was sent, 0 = not */
	bool killed, timed_out;
	size_t strange;
};

struct pool {
	const struct abl_pool_hooks *hooks;
	struct child *child; /* [running] */
	size_t running, workers;
	int signals; /* signalfd */
	int stops;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void strange_line(struct child *c, const char *line, size_t length)
{
	struct abl_str text = {0};
	ssize_t ignored;

	if (c->strange++ >= MOST_STRANGE)
		return;
	abl_str_puts(&text, "ablate: unknown line on descriptor 3: ");
	abl_str_add(&text, line, length);
	abl_str_puts(&text, "\n");
	ignored = write(c->process.log, text.text, text.length);
	(void)ignored; /* a full disk must not end the trial */
	abl_str_finish(&text);
}

static void take_line(struct pool *p, struct child *c)
{
	if (c->too_long)
		strange_line(c, "(longer than 1 MiB, dropped)", 28);
	else if (c->line.length &&
		 !p->hooks->line(p->hooks->data, c->data, c->line.text, c->line.length))
		strange_line(c, c->line.text, c->line.length);
	c->too_long = false;
	abl_str_clear(&c->line);
}

static void take_bytes(struct pool *p, struct child *c, const char *bytes, size_t n)
{
	while (n) {
		const char *end = memchr(bytes, '\n', n);
		size_t part = end ? (size_t)(end - bytes) : n;

		c->too_long |= c->line.length + part > LONGEST_LINE;
		if (!c->too_long)
			abl_str_add(&c->line, bytes, part);
		if (end)
			take_line(p, c);
		bytes += part + (end != NULL);
		n -= part + (end != NULL);
	}
}

/* Reads what is there. Closes the pipe at its end. */
static void drain(struct pool *p, struct child *c)
{
	char block[1 << 14];
	ssize_t n;

	while (c->process.pipe >= 0) {
		n = read(c->process.pipe, block, sizeof block);
		if (n > 0) {
			take_bytes(p, c, block, (size_t)n);
		} else if (!n || (errno != EINTR && errno != EAGAIN)) {
			close(c->process.pipe);
			c->process.pipe = -1;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

static void ask_to_stop(struct child *c)
{
	if (!c->asked) {
		kill(-c->process.pid, SIGTERM);
		c->asked = now();
	}
}

static void kill_child(struct child *c)
{
	kill(-c->process.pid, SIGKILL);
	c->killed = true;
}

static void describe(struct abl_pool_end *end, int status)
{
	if (WIFSIGNALED(status)) {
		end->exit_code = -1;
		end->signal = WTERMSIG(status);
		snprintf(end->text, sizeof end->text, "killed by signal %d (%s)", end->signal,
			 strsignal(end->signal));
		return;
	}
	end->exit_code = WEXITSTATUS(status);
	snprintf(end->text, sizeof end->text, "exit code %d", end->exit_code);
}

static void finish_child(struct pool *p, size_t at, int status, const struct rusage *use)
{
	struct child c = p->child[at];
	struct abl_pool_end end = {
		.spawned = true, .stopped = c.asked > 0, .timed_out = c.timed_out};

	kill(-c.process.pid, SIGKILL); /* what the child itself may have started */
	drain(p, &c);
	take_line(p, &c);
	describe(&end, status);
	end.seconds = now() - c.started;
	end.cpu_seconds = (double)(use->ru_utime.tv_sec + use->ru_stime.tv_sec) +
			  1e-6 * (double)(use->ru_utime.tv_usec + use->ru_stime.tv_usec);
	end.max_rss_kib = use->ru_maxrss;
	end.strange_lines = c.strange;
	if (c.process.pipe >= 0)
		close(c.process.pipe);
	close(c.process.log);
	abl_str_finish(&c.line);
	p->child[at] = p->child[--p->running];
	p->hooks->finished(p->hooks->data, c.data, &end);
}

static void reap(struct pool *p)
{
	struct rusage use;
	int status;

	for (size_t i = 0; i < p->running;)
		if (wait4(p->child[i].process.pid, &status, WNOHANG, &use) ==
		    p->child[i].process.pid)
			finish_child(p, i, status, &use);
		else
			i++;
}

static void start(struct pool *p)
{
	struct abl_pool_job job = {0};

	while (!p->stops && p->running < p->workers && p->hooks->next(p->hooks->data, &job)) {
		struct child c = {.data = job.data, .limit = job.limit, .started = now()};
		struct abl_err err = {0};

		if (abl_spawn(&c.process, &job, &err)) {
			struct abl_pool_end end = {.exit_code = -1};

			snprintf(end.text, sizeof end.text, "%.150s", err.text);
			p->hooks->finished(p->hooks->data, job.data, &end);
		} else {
			p->child[p->running++] = c;
			if (p->hooks->started)
				p->hooks->started(p->hooks->data, job.data, (int)c.process.pid);
		}
		job = (struct abl_pool_job){0};
	}
}

static void enforce_limits(struct pool *p)
{
	for (size_t i = 0; i < p->running; i++) {
		struct child *c = &p->child[i];

		if (c->limit > 0 && !c->asked && now() - c->started > c->limit) {
			c->timed_out = true;
			ask_to_stop(c);
		}
		if (c->asked && !c->killed && now() - c->asked > GRACE)
			kill_child(c);
	}
}

static void stop(struct pool *p)
{
	p->stops++;
	for (size_t i = 0; i < p->running; i++)
		if (p->stops == 1)
			ask_to_stop(&p->child[i]);
		else
			kill_child(&p->child[i]);
}

static void take_signals(struct pool *p)
{
	struct signalfd_siginfo info;

	while (read(p->signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo != SIGCHLD)
			stop(p);
}

static void tick(struct pool *p, double *last)
{
	if (!p->hooks->tick || now() - *last < 5e-4 * TICK_MS)
		return;
	if (!p->hooks->tick(p->hooks->data, p->stops) && !p->stops)
		stop(p);
	*last = now();
}

static void wait_for_news(struct pool *p)
{
	struct pollfd *fds = abl_calloc(p->running + 1, sizeof *fds);

	fds[0] = (struct pollfd){.fd = p->signals, .events = POLLIN};
	for (size_t i = 0; i < p->running; i++) /* poll() passes over negative descriptors */
		fds[i + 1] = (struct pollfd){.fd = p->child[i].process.pipe, .events = POLLIN};
	(void)poll(fds, p->running + 1, TICK_MS);
	free(fds);
	for (size_t i = 0; i < p->running; i++)
		drain(p, &p->child[i]);
	take_signals(p);
}

int abl_pool_run(const struct abl_pool_hooks *hooks, int workers, struct abl_err *err)
{
	struct pool p = {.hooks = hooks, .workers = (size_t)(workers > 0 ? workers : 1)};
	sigset_t set, before;
	double ticked = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGINT), sigaddset(&set, SIGTERM), sigaddset(&set, SIGHUP),
		sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &before);
	p.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (p.signals < 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return abl_err_set(err, ABL_EIO, "cannot wait for signals: %s", strerror(errno));
	}
	p.child = abl_calloc(p.workers, sizeof *p.child);
	for (start(&p); p.running; start(&p)) {
		wait_for_news(&p);
		reap(&p);
		enforce_limits(&p);
		tick(&p, &ticked);
	}
	take_signals(&p); /* one that came with the last end */
	close(p.signals);
	free(p.child);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return p.stops ? abl_err_set(err, ABL_ESTOP, "stopped") : 0;
}
