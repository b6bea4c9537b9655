/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include "local.h"
#include "machine.h"
#include "store_id.h"
#include "signals.h"
#include "talk.h"
#include "utf8.h"
#include "worker_stages.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define BEAT 15.0    /* seconds; the head's welcome says others */
#define LEASE 60.0   /* the same */
#define LINGER 600.0 /* the same */
#define MARGIN 10.0  /* seconds that are left when all must have been given back */
#define LAST 10.0    /* seconds in which a head may take our last words */
#define LOOK 15.0    /* seconds */
#define NAP 60.0     /* at most, between two looks at the time */

enum { MOST_STRANGE = 100 }; /* that are told: who reads our log may stand still, too */

struct worker {
	const struct abl_worker_setup *setup;
	struct abl_worker_stages stages;
	struct abl_talk talk;
	bool linked, welcome;
	int64_t number;
	double beat, lease, grace, linger;
	char *token;
	double began, beaten, looked; /* of abl_clock_now(); began: to be without a head */
	char trouble[400];            /* in finding one, as it was said last */
	double leaves;                /* since when it takes no more; 0 = it does */
	const char *leaving;          /* why, or NULL */
	bool stopped;                 /* all were asked to stop, since there is no head */
	bool over;
	int rc;
	struct abl_err *err;
	size_t strange, passed_over; /* lines and signals */
	int signals;
	struct pollfd *fds;
	size_t fd_capacity;
};

static const int taken[] = {SIGTERM, SIGUSR1, SIGUSR2, SIGHUP, SIGINT, SIGQUIT};

/* Sent to whole jobs: programs that know nothing of them must not end by them. */
static const int foreign[] = {SIGUSR1, SIGUSR2, SIGHUP};

static void set_of_taken(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		sigaddset(set, taken[i]);
}

void abl_worker_guard(void)
{
	const struct sigaction seen = {.sa_handler = SIG_DFL}, passed = {.sa_handler = SIG_IGN};
	sigset_t set;

	set_of_taken(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		sigaction(taken[i], &seen, NULL); /* what is ignored would not be seen */
	sigaction(SIGCHLD, &seen, NULL);
	sigaction(SIGPIPE, &passed, NULL);
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		abl_signals_pass_over(foreign[i]);
}

static void says(const struct worker *w, const char *text)
{
	if (w->setup->hooks.says)
		w->setup->hooks.says(w->setup->hooks.data, text);
}

static double seconds_left(const struct worker *w)
{
	const struct abl_worker_hooks *h = &w->setup->hooks;

	return h->seconds_left ? fmax(0, h->seconds_left(h->data)) : INFINITY;
}

static bool say(struct worker *w, const struct abl_message *m)
{
	return w->linked && abl_talk_say(&w->talk, m);
}

/* What ends it. */

static void leave(struct worker *w, const char *why, bool tell)
{
	const struct abl_message m = {.say = ABL_SAY_LEAVING, .leaving = {why}};
	const struct abl_wire_attempt all = {NULL, 0};
	const size_t n = w->stages.count;
	struct abl_str text = {0};

	if (w->leaving)
		return;
	w->leaving = why;
	w->leaves = abl_clock_now();
	abl_str_printf(&text, "leaving: %s", why);
	if (n)
		abl_str_printf(&text, "; what %zu stage%s did is saved", n, abl_plural((int64_t)n));
	says(w, text.text);
	abl_str_finish(&text);
	if (w->welcome && tell)
		(void)say(w, &m);
	abl_worker_stages_stop(&w->stages, &all, ABL_STOP_GENTLY);
}

static void take_signals(struct worker *w)
{
	struct signalfd_siginfo info;
	char text[80];

	while (read(w->signals, &info, sizeof info) == sizeof info) {
		const int signal = (int)info.ssi_signo;

		if (signal == SIGTERM || signal == SIGUSR1) {
			leave(w,
			      signal == SIGTERM ? "asked to end by SIGTERM"
						: "its machine is taken away (SIGUSR1)",
			      true);
		} else if (w->passed_over++ < MOST_STRANGE) {
			snprintf(text, sizeof text, "signal %d (%s) passed over", signal,
				 strsignal(signal));
			says(w, text);
		}
	}
}

/* What the head says. */

static void take_welcome(struct worker *w, const struct abl_welcome *m)
{
	const bool again = w->number != 0;
	char text[80];

	w->number = m->worker;
	w->beat = m->beat > 0 ? m->beat : BEAT;
	w->lease = m->lease > 0 ? m->lease : LEASE;
	w->grace = m->grace > 0 ? m->grace : w->grace;
	w->linger = m->linger;
	abl_local_grace(&w->stages.local, w->grace);
	free(w->token);
	w->token = abl_strdup(m->token);
	w->welcome = true;
	snprintf(text, sizeof text, "worker %lld%s", (long long)w->number, again ? ", again" : "");
	says(w, text);
	if (w->leaving)
		(void)say(w,
			  &(struct abl_message){.say = ABL_SAY_LEAVING, .leaving = {w->leaving}});
	abl_worker_stages_tell_again(&w->stages);
}

static bool hear(void *data, const struct abl_message *m)
{
	struct worker *w = data;

	switch (m->say) {
	case ABL_SAY_WELCOME:
		take_welcome(w, &m->welcome);
		break;
	case ABL_SAY_REFUSE:
		w->rc = abl_err_set(w->err, ABL_ESTOP, "%s", m->refuse.text);
		abl_err_plain(w->err);
		w->over = true;
		break;
	case ABL_SAY_START:
		abl_worker_stages_start(&w->stages, &m->start, w->number, w->leaving);
		break;
	case ABL_SAY_STOP:
		abl_worker_stages_stop(&w->stages, &m->stop.of,
				       m->stop.hard ? ABL_STOP_HARD : ABL_STOP_GENTLY);
		break;
	case ABL_SAY_DROP:
		abl_worker_stages_stop(&w->stages, &m->drop, ABL_STOP_HARD);
		break;
	case ABL_SAY_BYE:
		leave(w, "nothing is left to do", false);
		break;
	default: /* keep: it runs on anyway */
		break;
	}
	return true;
}

static void hear_strange(void *data, const char *line, size_t length)
{
	struct worker *w = data;
	struct abl_str text = {0};

	if (w->strange++ >= MOST_STRANGE)
		return;

	abl_str_puts(&text, "not understood: ");
	abl_utf8_visible(&text, line, length < 200 ? length : 200);
	says(w, text.text);
	abl_str_finish(&text);
}

/* The link. */

static void greet(struct worker *w)
{
	struct abl_message m = {.say = ABL_SAY_HELLO, .hello = w->setup->hello};
	char store[ABL_HASH_TEXT];

	m.hello.seconds_left = seconds_left(w);
	m.hello.was = w->number;
	m.hello.store =
		abl_store_id_read(w->setup->store, store); /* a head may have made it since */
	abl_worker_stages_list(&w->stages, &m.hello);
	if (!say(w, &m)) {
		w->rc = abl_err_set(w->err, ABL_EINPUT,
				    "cannot say hello: a name of this machine is not UTF-8");
		w->over = true;
	}
	free((void *)(uintptr_t)m.hello.running.item);
	free((void *)(uintptr_t)m.hello.sealed.item);
}

static void take_link(struct worker *w, struct abl_link *link)
{
	w->talk = (struct abl_talk){.link = *link,
				    .other = ABL_SIDE_HEAD,
				    .data = w,
				    .hear = hear,
				    .strange = hear_strange};
	*link = (struct abl_link){0};
	abl_talk_begin(&w->talk);
	w->stages.talk = &w->talk;
	w->linked = true;
	w->welcome = w->stopped = false;
	w->beaten = abl_clock_now();
	greet(w);
}

static void lose_link(struct worker *w)
{
	struct abl_str text = {0};

	abl_str_printf(&text, "no head: %s", w->talk.why.text);
	if (w->stages.count && !w->leaving)
		abl_str_printf(&text, "; %zu stage%s may end within %.0f seconds", w->stages.count,
			       abl_plural((int64_t)w->stages.count), w->linger);
	says(w, text.text);
	abl_str_finish(&text);
	abl_talk_finish(&w->talk);
	w->stages.talk = NULL;
	w->linked = w->welcome = false;
	w->began = abl_clock_now();
	if (w->setup->dial)
		abl_dial_again(w->setup->dial);
}

/* One that leaves calls as long as it has an end to tell of. */
static bool is_calling(const struct worker *w)
{
	return !w->linked && w->setup->dial && (!w->leaving || w->stages.count);
}

static void look_for_head(struct worker *w)
{
	struct abl_dial *d = w->setup->dial;
	struct abl_link link = {0};

	if (!is_calling(w))
		return;
	if (abl_dial_advance(d, &link)) {
		*w->trouble = '\0';
		take_link(w, &link);
	} else if (*abl_dial_trouble(d) && strcmp(w->trouble, abl_dial_trouble(d)) != 0) {
		snprintf(w->trouble, sizeof w->trouble, "%s", abl_dial_trouble(d));
		says(w, w->trouble);
	}
}

/* Time. */

static void beat(struct worker *w)
{
	const struct abl_message m = {.say = ABL_SAY_BEAT,
				      .beat = {seconds_left(w), abl_machine_memory_left()}};

	if (!w->welcome || abl_clock_now() < w->beaten + w->beat)
		return;
	w->beaten = abl_clock_now();
	/* who does not listen needs none of the beats that wait already */
	if (abl_talk_waiting(&w->talk) < ABL_FRAME_MAX)
		(void)say(w, &m);
}

static bool is_without_head(const struct worker *w)
{
	return !w->linked && abl_clock_now() >= w->began + w->linger;
}

/* Seconds between two looks whether our attempts are the last ones. */
static double look(const struct worker *w)
{
	return fmin(LOOK, w->lease / 4);
}

/* What is due, and whether it is over. */
static void look_at_time(struct worker *w)
{
	const struct abl_wire_attempt all = {NULL, 0};

	if (!w->leaving && seconds_left(w) < w->grace + MARGIN)
		leave(w, "its time is up", true);
	look_for_head(w);
	if (w->linked)
		beat(w);
	if (abl_clock_now() >= w->looked + look(w)) {
		w->looked = abl_clock_now();
		abl_worker_stages_look(&w->stages);
	}
	if (is_without_head(w) && !w->stopped) {
		w->stopped = true;
		if (w->stages.count)
			says(w, "no head came back: what runs is asked to save its state");
		abl_worker_stages_stop(&w->stages, &all, ABL_STOP_GENTLY);
	}
	if (w->stages.count)
		return;
	if (w->leaving)
		w->over = !w->linked || !abl_talk_waiting(&w->talk) ||
			  abl_clock_now() > w->leaves + w->grace + LAST;
	else if (!w->linked)
		w->over = !w->setup->dial || w->stopped;
}

static double next_look(const struct worker *w)
{
	double next = abl_clock_now() + NAP;

	if (!w->leaving)
		next = fmin(next, abl_clock_now() + seconds_left(w) - w->grace - MARGIN);
	if (w->stages.count)
		next = fmin(next, w->looked + look(w));
	next = fmin(next, w->stages.local.ops->deadline(w->stages.local.state));
	if (w->welcome)
		next = fmin(next, w->beaten + w->beat);
	if (!w->linked && !w->stopped)
		next = fmin(next, w->began + w->linger);
	if (is_calling(w))
		next = fmin(next, abl_dial_deadline(w->setup->dial));
	if (w->leaving && !w->stages.count)
		next = fmin(next, abl_clock_now() + 1);
	return next;
}

/* What leads to the head, or to one: at most so many. */
static size_t head_descriptors(const struct worker *w, struct pollfd *out)
{
	if (w->linked)
		return abl_talk_descriptors(&w->talk, out, ABL_LINK_DESCRIPTORS);
	return is_calling(w) ? abl_dial_descriptors(w->setup->dial, out, 1) : 0;
}

/* Returns for how long we stood still beyond what was to be waited. */
static double wait_for_news(struct worker *w)
{
	const size_t most = abl_worker_stages_descriptors(&w->stages, NULL, 0);
	const double left = fmax(0, next_look(w) - abl_clock_now()), due = abl_clock_now() + left;
	size_t n = 1;

	abl_grow(&w->fds, &w->fd_capacity, n + ABL_LINK_DESCRIPTORS + most, sizeof *w->fds);
	w->fds[0] = (struct pollfd){w->signals, POLLIN, 0};
	n += head_descriptors(w, w->fds + n);
	n += abl_worker_stages_descriptors(&w->stages, w->fds + n, most);
	(void)poll(w->fds, n, (int)ceil(1e3 * left));
	return abl_clock_now() - due;
}

/* We stood still for longer than a head waits, and it is gone: what runs is somebody else's. */
static void give_up(struct worker *w)
{
	const struct abl_wire_attempt all = {NULL, 0};

	says(w, "stood still for longer than a lease, and the head is gone: what runs is ended");
	abl_worker_stages_stop(&w->stages, &all, ABL_STOP_HARD);
	w->stopped = !w->setup->dial;
}

static void work(struct worker *w)
{
	while (!w->over) {
		const bool stood_still = wait_for_news(w) > w->lease;

		take_signals(w);
		abl_worker_stages_advance(&w->stages);
		if (w->linked && !abl_talk_advance(&w->talk)) {
			lose_link(w);
			if (stood_still)
				give_up(w);
		}
		look_at_time(w);
	}
	if (w->linked)
		(void)abl_talk_advance(&w->talk);
}

int abl_worker_run(const struct abl_worker_setup *setup, struct abl_link *link, struct abl_err *err)
{
	struct worker w = {.setup = setup,
			   .beat = setup->beat > 0 ? setup->beat : BEAT,
			   .lease = LEASE,
			   .grace = setup->grace > 0 ? setup->grace : ABL_LOCAL_GRACE,
			   .linger = setup->linger > 0 ? setup->linger : LINGER,
			   .began = abl_clock_now(),
			   .err = err};
	sigset_t set;
	int rc = abl_worker_stages_init(&w.stages, setup, w.grace, err);

	abl_worker_guard();
	set_of_taken(&set);
	w.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (!rc && w.signals < 0)
		rc = abl_err_set(err, ABL_EIO, "cannot wait for signals: %s", strerror(errno));
	if (!rc) {
		if (link->ops)
			take_link(&w, link);
		work(&w);
		rc = w.rc;
	}
	if (!rc && !w.number && setup->dial && !w.leaving)
		rc = abl_err_set(err, ABL_EFAIL, "found no head for %.0f seconds: %s", w.linger,
				 *w.trouble ? w.trouble : abl_dial_trouble(setup->dial));
	if (w.linked)
		abl_talk_finish(&w.talk);
	abl_link_close(link);
	if (w.signals >= 0)
		close(w.signals);
	abl_worker_stages_finish(&w.stages);
	free(w.token), free(w.fds);
	return rc;
}
