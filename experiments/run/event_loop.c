/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"
#include "event_loop.h"

#include "signals.h"
#include "str.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK .2      /* seconds */
#define START_FOR .1 /* seconds: hundreds of workers to fill do not keep us from what is said */

struct loop {
	const struct abl_event_loop_hooks *hooks;
	const struct abl_executor *executors;
	size_t count;
	struct pollfd *fds; /* the signals', then the executors' */
	size_t fd_capacity;
	struct abl_offer *offers; /* of the executor that is asked */
	size_t offer_capacity;
	int signals; /* signalfd */
	int stops;
	bool unsettled; /* some have started */
	bool more;      /* could have started, but for the time it took */
	double ticked;
};

struct taken { /* what the signals were set to before */
	sigset_t mask;
	struct sigaction child;
};

static size_t running(const struct loop *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		n += l->executors[i].ops->running(l->executors[i].state);
	return n;
}

/* Starts what comes next there, if anything does. */
static bool start_one(struct loop *l, const struct abl_executor *e, const struct abl_offer *offer)
{
	struct abl_attempt_spec spec = {0};
	struct abl_err err = {0};
	int64_t number = 0;

	if (l->stops || !l->hooks->next(l->hooks->data, offer, &spec))
		return false;
	l->unsettled = true;
	spec.worker = offer->worker;
	if (e->ops->start(e->state, &spec, &number, &err)) {
		struct abl_end end = {.kind = ABL_END_NOT_STARTED, .exit_code = -1};

		snprintf(end.text, sizeof end.text, "%.150s", err.text);
		spec.ended(spec.data, &end);
	} else if (l->hooks->started) {
		l->hooks->started(l->hooks->data, spec.data, number);
	}
	return true;
}

/* Fills the executor, until `until`. Asks for all offers anew when one was taken: the others' texts
 * may be gone, and another may be the best now. */
static void fill(struct loop *l, const struct abl_executor *e, double until)
{
	size_t n, at;

	do {
		n = e->ops->offers(e->state, l->offers, l->offer_capacity);
		if (n > l->offer_capacity) {
			abl_grow(&l->offers, &l->offer_capacity, n, sizeof *l->offers);
			n = e->ops->offers(e->state, l->offers, n);
		}
		for (at = 0; at < n && !start_one(l, e, &l->offers[at]); at++)
			;
		l->more = at < n && abl_clock_now() >= until;
	} while (at < n && !l->more);
}

static void start(struct loop *l)
{
	const double until = abl_clock_now() + START_FOR;

	l->more = false;
	for (size_t i = 0; i < l->count && !l->more; i++)
		fill(l, &l->executors[i], until);
	if (l->unsettled && l->hooks->settle)
		l->hooks->settle(l->hooks->data);
	l->unsettled = false;
}

static bool has_more_later(const struct loop *l)
{
	return !l->stops && l->hooks->later && l->hooks->later(l->hooks->data);
}

static void stop(struct loop *l)
{
	const enum abl_stop how = l->stops++ ? ABL_STOP_HARD : ABL_STOP_GENTLY;

	for (size_t i = 0; i < l->count; i++)
		l->executors[i].ops->stop(l->executors[i].state, ABL_EVERY_ATTEMPT, how);
}

static void take_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof info) == sizeof info)
		stop(l);
}

static void tick(struct loop *l)
{
	if (!l->hooks->tick || abl_clock_now() - l->ticked < .5 * TICK)
		return;
	if (!l->hooks->tick(l->hooks->data, l->stops) && !l->stops)
		stop(l);
	l->ticked = abl_clock_now();
}

/* All descriptors there are; returns how many. */
static size_t collect(struct loop *l)
{
	size_t n = 1;

	for (size_t i = 0; i < l->count; i++) {
		const struct abl_executor *e = &l->executors[i];
		const size_t most = e->ops->descriptors(e->state, NULL, 0);

		abl_grow(&l->fds, &l->fd_capacity, n + most, sizeof *l->fds);
		n += e->ops->descriptors(e->state, l->fds + n, most);
	}
	l->fds[0] = (struct pollfd){.fd = l->signals, .events = POLLIN};
	return n;
}

static void wait_for_news(struct loop *l)
{
	const size_t n = collect(l);
	double left = l->more ? 0 : TICK;

	for (size_t i = 0; i < l->count; i++)
		left = fmin(left,
			    l->executors[i].ops->deadline(l->executors[i].state) - abl_clock_now());
	(void)poll(l->fds, n, left > 0 ? (int)ceil(1e3 * left) : 0);
	/* Signals first: who is told to end together with us had been asked to. */
	take_signals(l);
	for (size_t i = 0; i < l->count; i++)
		l->executors[i].ops->advance(l->executors[i].state);
}

/* SIGCHLD must not be ignored, or the ends of our children are lost; no signal is to be seen. */
static int take_over(struct loop *l, struct taken *before, struct abl_err *err)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
	const struct sigaction seen = {.sa_handler = SIG_DFL};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
		if (!abl_signals_ignored(stops[i]))
			sigaddset(&set, stops[i]);
	l->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l->signals < 0)
		return abl_err_set(err, ABL_EIO, "cannot wait for signals: %s", strerror(errno));
	sigprocmask(SIG_BLOCK, &set, &before->mask);
	sigaction(SIGCHLD, &seen, &before->child);
	return 0;
}

int abl_event_loop_run(const struct abl_event_loop_hooks *hooks,
		       const struct abl_executor *executors, size_t count, struct abl_err *err)
{
	struct loop l = {.hooks = hooks, .executors = executors, .count = count};
	struct taken before;
	int rc = take_over(&l, &before, err);

	if (rc)
		return rc;
	abl_grow(&l.fds, &l.fd_capacity, 1, sizeof *l.fds);
	for (start(&l); l.more || running(&l) || has_more_later(&l); start(&l)) {
		wait_for_news(&l);
		tick(&l);
	}
	take_signals(&l); /* one that came with the last end */
	close(l.signals);
	free(l.fds), free(l.offers);
	sigaction(SIGCHLD, &before.child, NULL);
	sigprocmask(SIG_SETMASK, &before.mask, NULL);
	return l.stops ? abl_err_set(err, ABL_ESTOP, "stopped") : 0;
}
