/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "local.h"

#include "child.h"
#include "line_splitter.h"
#include "str.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_AT_MEMORY 1.0 /* seconds */
#define SHORT .03          /* of the memory: about where systems begin to kill */
#define LOOK_AGAIN .05 /* seconds, where the kernel has no descriptor for the end of a process */

struct attempt {
	struct abl_child process;
	struct abl_line_splitter lines;
	struct abl_attempt_spec spec; /* its sink and its limits; the texts may be gone */
	double started, asked;        /* asked: when SIGTERM was sent, 0 = not */
	bool killed, timed_out;
	double memory_kills; /* of the system, before */
	int deaf;            /* errno of a failed read: lines may be missing */
};

struct local {
	struct attempt **attempt; /* [running] */
	size_t running, workers;
	double grace;
	double looked;      /* at the memory, in seconds of abl_clock_now() */
	double memory_left; /* share of the machine's that was free then */
};

static bool pass_line(void *data, const char *line, size_t length)
{
	const struct attempt *a = data;

	return a->spec.line(a->spec.data, line, length);
}

static void log_strange(void *data, const char *line, size_t length)
{
	const struct attempt *a = data;
	struct abl_str text = {0};
	ssize_t ignored;

	abl_str_puts(&text, "ablate: unknown line on descriptor 3: ");
	abl_str_add(&text, line, length);
	abl_str_puts(&text, "\n");
	ignored = write(a->process.log, text.text, text.length);
	(void)ignored; /* a full disk must not end the trial */
	abl_str_finish(&text);
}

/* Reads what is there. Closes the pipe at its end. */
static void drain(struct attempt *a)
{
	char block[1 << 14];
	ssize_t n;

	while (a->process.pipe >= 0) {
		n = read(a->process.pipe, block, sizeof block);
		if (n > 0) {
			abl_line_splitter_feed(&a->lines, block, (size_t)n);
		} else if (!n || (errno != EINTR && errno != EAGAIN)) {
			a->deaf = n ? errno : 0;
			close(a->process.pipe);
			a->process.pipe = -1;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

static void ask_to_stop(struct attempt *a)
{
	if (a->asked > 0)
		return;
	kill(-a->process.pid, SIGTERM);
	a->asked = abl_clock_now();
}

static void kill_group(struct attempt *a)
{
	kill(-a->process.pid, SIGKILL);
	a->killed = true;
}

static void describe(struct abl_end *end, int status, bool lost, int deaf)
{
	end->exit_code = -1;
	if (lost) {
		end->kind = ABL_END_LOST;
		snprintf(end->text, sizeof end->text, "ended, and nobody knows how");
	} else if (deaf) {
		end->kind = ABL_END_LOST;
		snprintf(end->text, sizeof end->text, "what it told could not be read: %s",
			 strerror(deaf));
	} else if (WIFSIGNALED(status)) {
		end->kind = ABL_END_SIGNALLED;
		end->signal = WTERMSIG(status);
		snprintf(end->text, sizeof end->text, "killed by signal %d (%s)", end->signal,
			 strsignal(end->signal));
	} else {
		end->kind = ABL_END_EXITED;
		end->exit_code = WEXITSTATUS(status);
		snprintf(end->text, sizeof end->text, "exit code %d", end->exit_code);
	}
}

/* A SIGKILL that nobody of us has sent, on a machine without memory. */
static void ask_for_memory(const struct local *l, const struct attempt *a, struct abl_end *end)
{
	const bool short_of_it = l->memory_left < SHORT;
	char had[32], all[32];

	end->out_of_memory = abl_machine_memory_kills() > a->memory_kills;
	if (end->signal != SIGKILL || a->killed || (!end->out_of_memory && !short_of_it)) {
		end->out_of_memory = false;
		return;
	}
	snprintf(end->text, sizeof end->text,
		 "killed by signal %d (%s); out of memory? it had %s of the %s here: give fewer "
		 "--workers, or a smaller model",
		 end->signal, strsignal(end->signal),
		 abl_format_bytes(1024 * (double)end->max_rss_kib, had),
		 abl_format_bytes(abl_machine_memory(), all));
}

static void close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void end_attempt(struct local *l, size_t at, int status, bool lost, const struct rusage *use)
{
	struct attempt *a = l->attempt[at];
	struct abl_end end = {.asked = a->asked > 0};

	kill(-a->process.pid, SIGKILL); /* what the child itself may have started */
	drain(a);
	abl_line_splitter_finish(&a->lines);
	describe(&end, status, lost, a->deaf);
	if (a->timed_out)
		end.kind = ABL_END_TIMED_OUT;
	end.seconds = abl_clock_now() - a->started;
	end.cpu_seconds = (double)(use->ru_utime.tv_sec + use->ru_stime.tv_sec) +
			  1e-6 * (double)(use->ru_utime.tv_usec + use->ru_stime.tv_usec);
	end.max_rss_kib = use->ru_maxrss;
	end.strange_lines = a->lines.strange_count;
	ask_for_memory(l, a, &end);
	close_one(a->process.pipe);
	close_one(a->process.handle);
	close_one(a->process.log);
	l->attempt[at] = l->attempt[--l->running];
	a->spec.ended(a->spec.data, &end);
	free(a);
}

static void reap(struct local *l)
{
	for (size_t i = 0; i < l->running;) {
		struct rusage use = {0};
		int status = 0;
		const pid_t pid = l->attempt[i]->process.pid,
			    got = wait4(pid, &status, WNOHANG, &use);

		if (got == pid || (got < 0 && errno == ECHILD))
			end_attempt(l, i, status, got < 0, &use);
		else
			i++;
	}
}

/* When a limit of it is reached; INFINITY. */
static double due(const struct local *l, const struct attempt *a)
{
	if (a->asked > 0)
		return a->killed ? INFINITY : a->asked + l->grace;
	return a->spec.seconds > 0 ? a->started + a->spec.seconds : INFINITY;
}

static void enforce_limits(struct local *l)
{
	for (size_t i = 0; i < l->running; i++) {
		struct attempt *a = l->attempt[i];

		if (abl_clock_now() < due(l, a))
			continue;
		if (a->asked > 0) {
			kill_group(a);
		} else {
			a->timed_out = true;
			ask_to_stop(a);
		}
	}
}

/* The table. */

static size_t offers(void *state, struct abl_offer *out, size_t most)
{
	const struct local *l = state;

	if (l->running == l->workers)
		return 0;
	if (most)
		*out = (struct abl_offer){
			.memory = INFINITY, .seconds = INFINITY, .idle = !l->running};
	return 1;
}

static size_t running(void *state)
{
	return ((const struct local *)state)->running;
}

static int start(void *state, const struct abl_attempt_spec *spec, int64_t *number,
		 struct abl_err *err)
{
	struct local *l = state;
	struct attempt *a = abl_calloc(1, sizeof *a);
	int rc = abl_child_start(&a->process, spec, err);

	if (rc) {
		free(a);
		return rc;
	}
	a->spec = *spec;
	a->lines = (struct abl_line_splitter){.data = a, .line = pass_line, .strange = log_strange};
	a->started = abl_clock_now();
	a->memory_kills = abl_machine_memory_kills();
	l->attempt[l->running++] = a;
	*number = a->process.pid;
	return 0;
}

static void stop(void *state, int64_t number, enum abl_stop how)
{
	struct local *l = state;

	for (size_t i = 0; i < l->running; i++)
		if (number == ABL_EVERY_ATTEMPT || number == l->attempt[i]->process.pid)
			(how == ABL_STOP_GENTLY ? ask_to_stop : kill_group)(l->attempt[i]);
}

static size_t descriptors(void *state, struct pollfd *out, size_t most)
{
	const struct local *l = state;
	size_t n = 0;

	for (size_t i = 0; i < l->running; i++) {
		const int fds[] = {l->attempt[i]->process.pipe, l->attempt[i]->process.handle};

		for (size_t k = 0; k < 2; k++, n++) /* poll() passes over negative ones */
			if (n < most)
				out[n] = (struct pollfd){.fd = fds[k], .events = POLLIN};
	}
	return n;
}

static double deadline(void *state)
{
	const struct local *l = state;
	double first = INFINITY;

	for (size_t i = 0; i < l->running; i++) {
		first = fmin(first, due(l, l->attempt[i]));
		if (l->attempt[i]->process.handle < 0)
			first = fmin(first, abl_clock_now() + LOOK_AGAIN);
	}
	return first;
}

static void advance(void *state)
{
	struct local *l = state;

	if (l->running && abl_clock_now() - l->looked > LOOK_AT_MEMORY) {
		l->looked = abl_clock_now();
		l->memory_left = abl_machine_memory_left() / abl_machine_memory();
	}
	for (size_t i = 0; i < l->running; i++)
		drain(l->attempt[i]);
	reap(l);
	enforce_limits(l);
}

static void destroy(void *state)
{
	struct local *l = state;

	free(l->attempt);
	free(l);
}

static const struct abl_executor_ops ops = {
	.name = "local",
	.offers = offers,
	.running = running,
	.start = start,
	.stop = stop,
	.descriptors = descriptors,
	.deadline = deadline,
	.advance = advance,
	.destroy = destroy,
};

void abl_local_init(struct abl_executor *out, int workers, double grace)
{
	struct local *l = abl_calloc(1, sizeof *l);

	l->workers = (size_t)(workers > 0 ? workers : 1);
	l->grace = grace;
	l->memory_left = 1;
	l->attempt = abl_calloc(l->workers, sizeof(struct attempt *));
	*out = (struct abl_executor){.ops = &ops, .state = l};
}

void abl_local_grace(struct abl_executor *local, double grace)
{
	((struct local *)local->state)->grace = grace;
}
