/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_fleet.h"

#include "bench_run.h"
#include "machine.h"
#include "protocol.h"
#include "remote.h"
#include "sealed.h"
#include "str.h"
#include "talk.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEWS 64

/* A link that is a socket. */

static int fd_of(const void *state)
{
	return (int)(intptr_t)state;
}

static size_t descriptors(void *state, bool writing, struct pollfd *out, size_t most)
{
	if (most)
		*out = (struct pollfd){.fd = fd_of(state),
				       .events = (short)(POLLIN | (writing ? POLLOUT : 0))};
	return 1;
}

static ssize_t receive(void *state, void *out, size_t size)
{
	return recv(fd_of(state), out, size, MSG_DONTWAIT);
}

static ssize_t transmit(void *state, const void *bytes, size_t size)
{
	return send(fd_of(state), bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void close_it(void *state)
{
	close(fd_of(state));
}

static const struct abl_link_ops ops = {.name = "socket",
					.descriptors = descriptors,
					.read = receive,
					.write = transmit,
					.close = close_it};

static struct abl_link link_of(int fd)
{
	return (struct abl_link){&ops, (void *)(intptr_t)fd};
}

/* The workers' process. */

struct pretended {
	struct fleet *all;
	struct abl_talk talk;
	char key[64]; /* of what it runs; "" = nothing */
	int64_t attempt;
	bool trains, scores;
	double due, idle; /* by abl_clock_now() */
};

struct fleet {
	struct pretended *worker; /* [count] */
	size_t count, over;
	struct pretended **queue; /* [count] of what ends at a time; those in order */
	size_t first, queued;
	double seconds, beaten;
	char *store;
	int poll;
	struct abl_bench_waits waits;
};

static bool send_line(void *carrier, const char *text, size_t length)
{
	struct pretended *w = carrier;
	char line[256];
	const struct abl_message m = {.say = ABL_SAY_LINE, .line = {{w->key, w->attempt}, line}};

	snprintf(line, sizeof line, "%.*s", (int)length - 1, text); /* without its newline */
	return abl_talk_say(&w->talk, &m);
}

/* What a stage would say: two curves of a training, or what came out of an evaluation. */
static void tell_stage(const struct pretended *w, const struct abl_events *to)
{
	for (int i = 1; i <= ABL_BENCH_POINTS && w->trains; i++) {
		to->metric(to->data, 10 * i, "loss", 1. / i);
		to->metric(to->data, 10 * i, "learning_rate", 1e-4);
	}
	if (!w->scores)
		return;
	to->result(to->data, "accuracy", .75);
	to->result(to->data, "examples", 100);
	to->result(to->data, "majority", .5);
}

/* As a stage ends: its sealed file is beside its folder, then its end is said. */
static void end_attempt(struct pretended *w)
{
	const struct abl_message m = {
		.say = ABL_SAY_ENDED,
		.ended = {.of = {w->key, w->attempt},
			  .end = {.kind = ABL_END_EXITED, .seconds = 1, .text = "exit code 0"}}};
	struct abl_protocol_writer writer = {.send = send_line, .carrier = w};
	const struct abl_events live = abl_protocol_events(&writer);
	struct abl_seal seal;
	const struct abl_events events = abl_seal_events(&seal, &live);
	struct abl_str folder = {0};

	tell_stage(w, &events);
	abl_str_printf(&folder, "%s/work/%s/%lld", w->all->store, w->key, (long long)w->attempt);
	(void)!abl_seal_write(&seal, folder.text, w->key, w->attempt, NULL); /* it is missed */
	abl_seal_finish(&seal);
	abl_str_finish(&folder);
	(void)abl_talk_say(&w->talk, &m);
	w->idle = abl_clock_now();
	*w->key = 0;
}

static void begin_attempt(struct pretended *w, const struct abl_start_order *order)
{
	struct fleet *f = w->all;
	const double now = abl_clock_now(), waited = now - w->idle;

	if (!f->store)
		f->store = abl_strdup(order->roots[0]);
	snprintf(w->key, sizeof w->key, "%s", order->of.key);
	w->attempt = order->of.attempt;
	w->trains = !strncmp(order->log, "logs/finetune-", 14);
	w->scores = !strncmp(order->log, "logs/evaluate-", 14);
	if (w->idle > 0) {
		f->waits.count++;
		f->waits.sum += waited;
		f->waits.most = fmax(f->waits.most, waited);
	}
	if (!w->trains || f->seconds <= 0) {
		end_attempt(w);
		return;
	}
	w->due = now + f->seconds;
	f->queue[(f->first + f->queued++) % f->count] = w;
}

static bool hear(void *data, const struct abl_message *m)
{
	struct pretended *w = data;

	if (m->say == ABL_SAY_START)
		begin_attempt(w, &m->start);
	return m->say != ABL_SAY_BYE && m->say != ABL_SAY_REFUSE;
}

static void watch(struct pretended *w, int how)
{
	struct pollfd fd[ABL_LINK_DESCRIPTORS];
	struct epoll_event e = {.data.ptr = w};

	if (!abl_talk_descriptors(&w->talk, fd, ABL_LINK_DESCRIPTORS))
		return;
	e.events = (unsigned short)fd[0].events;
	(void)epoll_ctl(w->all->poll, how, fd[0].fd, &e);
}

static void advance(struct pretended *w)
{
	if (!w->talk.link.ops)
		return;
	if (abl_talk_advance(&w->talk)) {
		watch(w, EPOLL_CTL_MOD);
		return;
	}
	abl_talk_finish(&w->talk);
	w->all->over++;
}

static void greet(struct fleet *f, struct pretended *w, int fd)
{
	const struct abl_message hello = {.say = ABL_SAY_HELLO,
					  .hello = {.version = "",
						    .keys = "",
						    .store = "",
						    .host = "pretended",
						    .cpu = "",
						    .engine = "",
						    .compiler = "",
						    .kernels = "",
						    .cores = 1,
						    .slots = 1,
						    .threads = 1,
						    .memory = INFINITY,
						    .seconds_left = INFINITY}};

	w->all = f;
	w->talk = (struct abl_talk){
		.link = link_of(fd), .other = ABL_SIDE_HEAD, .data = w, .hear = hear};
	abl_talk_begin(&w->talk);
	(void)abl_talk_say(&w->talk, &hello);
	watch(w, EPOLL_CTL_ADD);
}

static void beat(struct fleet *f)
{
	const struct abl_message m = {.say = ABL_SAY_BEAT, .beat = {INFINITY, INFINITY}};

	f->beaten = abl_clock_now();
	for (size_t i = 0; i < f->count; i++)
		if (f->worker[i].talk.link.ops) {
			(void)abl_talk_say(&f->worker[i].talk, &m);
			advance(&f->worker[i]);
		}
}

static void live(struct fleet *f)
{
	while (f->over < f->count) {
		struct epoll_event news[NEWS];
		const double now = abl_clock_now(), due = f->queued ? f->queue[f->first]->due
								    : f->beaten + ABL_REMOTE_BEAT;
		const int n = epoll_wait(f->poll, news, NEWS,
					 due > now ? (int)ceil(1e3 * (due - now)) : 0);

		for (int i = 0; i < n; i++)
			advance(news[i].data.ptr);
		while (f->queued && f->queue[f->first]->due <= abl_clock_now()) {
			struct pretended *w = f->queue[f->first];

			f->first = (f->first + 1) % f->count;
			f->queued--;
			end_attempt(w);
			advance(w);
		}
		if (abl_clock_now() > f->beaten + ABL_REMOTE_BEAT)
			beat(f);
	}
}

static _Noreturn void be_the_workers(const int *fd, size_t count, double seconds, int report)
{
	struct fleet f = {.count = count, .seconds = seconds, .poll = epoll_create1(EPOLL_CLOEXEC)};

	f.worker = abl_calloc(count, sizeof *f.worker);
	f.queue = abl_calloc(count, sizeof(struct pretended *));
	f.beaten = abl_clock_now();
	for (size_t i = 0; i < count; i++)
		greet(&f, &f.worker[i], fd[i]);
	live(&f);
	_exit(write(report, &f.waits, sizeof f.waits) == sizeof f.waits ? 0 : 1);
}

/* The head's side. */

static int make_sockets(struct abl_bench_fleet *f, size_t count, int *far_end, struct abl_err *err)
{
	for (; f->count < count; f->count++) {
		int fd[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
			return abl_err_set(err, ABL_EIO, "cannot make %zu sockets: %s", count,
					   strerror(errno));
		f->links[f->count] = link_of(fd[0]);
		far_end[f->count] = fd[1];
	}
	return 0;
}

static void close_links(const struct abl_bench_fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		abl_link_close(&f->links[i]);
}

int abl_bench_fleet_start(struct abl_bench_fleet *f, size_t count, double seconds,
			  struct abl_err *err)
{
	int *far_end = abl_calloc(count, sizeof *far_end), report[2] = {-1, -1}, rc;

	*f = (struct abl_bench_fleet){.report = -1};
	f->links = abl_calloc(count, sizeof *f->links);
	rc = make_sockets(f, count, far_end, err);
	if (!rc && pipe(report))
		rc = abl_err_set(err, ABL_EIO, "cannot make a pipe: %s", strerror(errno));
	f->pid = rc ? -1 : fork();
	if (!f->pid) {
		close_links(f);
		be_the_workers(far_end, count, seconds, report[1]);
	}
	if (!rc && f->pid < 0)
		rc = abl_err_set(err, ABL_EIO, "cannot start workers: %s", strerror(errno));
	for (size_t i = 0; i < f->count; i++)
		close(far_end[i]);
	if (report[1] >= 0)
		close(report[1]);
	f->report = report[0];
	free(far_end);
	return rc;
}

int abl_bench_fleet_end(struct abl_bench_fleet *f, struct abl_bench_waits *out, struct abl_err *err)
{
	ssize_t n;

	close_links(f);
	free(f->links);
	f->links = NULL;
	n = f->report >= 0 ? read(f->report, out, sizeof *out) : -1;
	if (f->report >= 0)
		close(f->report);
	if (f->pid > 0)
		waitpid(f->pid, NULL, 0);
	return n == sizeof *out
		       ? 0
		       : abl_err_set(err, ABL_EFAIL, "the workers have ended without a word");
}
