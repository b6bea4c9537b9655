/* SPDX-License-Identifier: Apache-2.0 */
/* remote_hear.c - what a worker says, and what is done about it. */
#include "remote_worker.h"

#include "str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST 15.0       /* seconds without an offer after a first refusal for want of memory, */
#define LONGEST 240.0   /* and after many */
#define MOST_FAILURES 3 /* attempts in a row that a worker could not start */

static void tell(struct abl_remote_worker *w, enum abl_say say, const struct abl_wire_attempt *of)
{
	const struct abl_message m = {.say = say, .drop = *of /* keep is the same */};

	(void)abl_remote_say(w, &m);
}

/* Joining. */

static bool differs(const char *wanted, const char *is)
{
	return wanted && strcmp(wanted, is) != 0;
}

/* Why it cannot be taken in; false: it can. */
static bool is_unfit(const struct abl_remote_worker *w, char *why, size_t size)
{
	const struct abl_remote_setup *s = &w->all->setup;
	const struct abl_hello *h = &w->hello.hello;

	*why = 0;
	if (differs(s->version, h->version))
		snprintf(why, size,
			 "its ablate is version %.60s, ours is %.60s: install the same there",
			 h->version, s->version);
	else if (differs(s->keys, h->keys))
		snprintf(why, size,
			 "its ablate knows other keys than ours, though both are version %.60s: "
			 "build both from the same source",
			 h->version);
	else if (differs(s->store_id, h->store))
		snprintf(why, size,
			 "the store that it sees is not ours: it must be the same folder of a "
			 "file system that both share");
	else if (h->slots < 1 || h->threads < 1)
		snprintf(why, size, "it has room for no stage");
	return *why;
}

static struct abl_remote_attempt *find_elsewhere(const struct abl_remote_worker *w,
						 const struct abl_wire_attempt *of,
						 struct abl_remote_worker **at)
{
	for (size_t i = 0; i < w->all->count; i++) {
		struct abl_remote_worker *other = w->all->worker[i];
		struct abl_remote_attempt *a = other == w ? NULL : abl_remote_attempt_of(other, of);

		*at = other;
		if (a)
			return a;
	}
	return NULL;
}

/* A worker whose link broke has come by another: the first one that it names tells who it was. */
static struct abl_remote_worker *who_was(const struct abl_remote_worker *w)
{
	const struct abl_wire_attempts lists[] = {w->hello.hello.running, w->hello.hello.sealed};
	struct abl_remote_worker *at;

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l].count; i++)
			if (find_elsewhere(w, &lists[l].item[i], &at))
				return at;
	return NULL;
}

static void settle_running(struct abl_remote_worker *w, const struct abl_wire_attempt *of)
{
	const struct abl_remote_hooks *hooks = &w->all->setup.hooks;
	struct abl_attempt_spec sink = {.worker = w->number};
	struct abl_remote_worker *from;
	struct abl_remote_attempt *a = find_elsewhere(w, of, &from);

	if (a) {
		abl_remote_attempt_move(from, w, a);
		tell(w, ABL_SAY_KEEP, of);
	} else if (hooks->keep && hooks->keep(hooks->data, w->number, of, &sink)) {
		(void)abl_remote_attempt_add(w, of, &sink);
		tell(w, ABL_SAY_KEEP, of);
	} else {
		tell(w, ABL_SAY_DROP, of);
	}
}

/* Its end was said to nobody; what lies in its folder tells the rest. */
static void settle_sealed(struct abl_remote_worker *w, const struct abl_wire_attempt *of)
{
	const struct abl_remote_hooks *hooks = &w->all->setup.hooks;
	struct abl_end end = {.kind = ABL_END_EXITED, .text = "exit code 0"};
	struct abl_remote_worker *from;
	struct abl_remote_attempt *a = find_elsewhere(w, of, &from);

	if (a) {
		end.seconds = abl_remote_now(w->all) - a->started;
		abl_remote_attempt_end(from, a, &end);
	} else if (hooks->sealed) {
		hooks->sealed(hooks->data, w->number, of);
	}
}

/* What it had and does not name is lost. */
static void take_place(struct abl_remote_worker *old)
{
	while (old->running) {
		struct abl_end end = {.kind = ABL_END_LOST,
				      .exit_code = -1,
				      .text = "lost: its worker came back without it"};

		abl_remote_attempt_end(old, old->attempt[0], &end);
	}
	abl_remote_forget(old);
}

static void welcome(struct abl_remote_worker *w)
{
	const struct abl_remote_setup *s = &w->all->setup;
	const struct abl_message m = {.say = ABL_SAY_WELCOME,
				      .welcome = {w->number, s->beat, s->lease, s->grace, s->linger,
						  s->token ? s->token : ""}};

	(void)abl_remote_say(w, &m);
}

static int give_number(struct abl_remote_worker *w, const struct abl_remote_worker *was,
		       struct abl_err *err)
{
	const struct abl_remote_hooks *hooks = &w->all->setup.hooks;

	if (was) {
		w->number = was->number;
		return 0;
	}
	if (hooks->joined)
		return hooks->joined(hooks->data, w->name, &w->hello.hello, &w->number, err);
	w->number = ++w->all->workers;
	return 0;
}

void abl_remote_join(struct abl_remote_worker *w)
{
	const struct abl_hello *h = &w->hello.hello;
	struct abl_remote_worker *was = who_was(w);
	struct abl_err err = {0};
	char why[sizeof err.text];
	int rc;

	if (is_unfit(w, why, sizeof why)) {
		abl_remote_part(w, ABL_REMOTE_REFUSED, why);
		return;
	}
	rc = give_number(w, was, &err);
	if (rc == ABL_EBUSY)
		return; /* asked again at the next look at it */
	if (rc) {
		abl_remote_part(w, ABL_REMOTE_REFUSED, err.text);
		return;
	}
	w->state = ABL_REMOTE_JOINED;
	w->heard = w->told = abl_remote_now(w->all);
	w->seconds_left = h->seconds_left;
	w->memory_left = h->memory;
	w->cards = abl_calloc(h->cards.count + 1, sizeof *w->cards);
	welcome(w);
	for (size_t i = 0; i < h->sealed.count; i++)
		settle_sealed(w, &h->sealed.item[i]);
	for (size_t i = 0; i < h->running.count; i++)
		settle_running(w, &h->running.item[i]);
	if (was)
		take_place(was);
}

/* Each message. */

static void hear_hello(struct abl_remote_worker *w, const struct abl_message *m)
{
	if (w->hello.root) {
		abl_remote_break(w, "it has said hello twice");
		return;
	}
	if (!abl_message_read(&w->hello, m->root, ABL_SIDE_WORKER, NULL)) /* to be kept */
		abl_remote_join(w);
}

/* Of an attempt that is none of ours any more: the worker is told so. */
static void hear_started(struct abl_remote_worker *w, const struct abl_message *m)
{
	if (!abl_remote_attempt_of(w, &m->started.of)) {
		tell(w, ABL_SAY_DROP, &m->started.of);
		return;
	}
	w->failures = 0;
	w->pause = 0;
}

static void hear_line(struct abl_remote_worker *w, const struct abl_message *m)
{
	struct abl_remote_attempt *a = abl_remote_attempt_of(w, &m->line.of);

	if (!a)
		tell(w, ABL_SAY_DROP, &m->line.of);
	else if (!a->spec.line(a->spec.data, m->line.text, strlen(m->line.text)))
		a->strange++;
}

static void hear_ended(struct abl_remote_worker *w, const struct abl_message *m)
{
	struct abl_remote_attempt *a = abl_remote_attempt_of(w, &m->ended.of);
	struct abl_end end = m->ended.end;

	if (!a)
		return; /* it had been given up, and counts as that */
	end.given_back = end.asked && !a->asked && end.kind != ABL_END_TIMED_OUT;
	abl_remote_attempt_end(w, a, &end);
}

static void rest(struct abl_remote_worker *w)
{
	w->pause = w->pause > 0 ? fmin(2 * w->pause, LONGEST) : REST;
	w->rests = abl_remote_now(w->all) + w->pause;
}

static void hear_refused(struct abl_remote_worker *w, const struct abl_message *m)
{
	struct abl_remote_attempt *a = abl_remote_attempt_of(w, &m->refused.of);
	struct abl_end end = {.kind = ABL_END_NOT_STARTED, .exit_code = -1};
	char title[120];

	if (!a)
		return;
	snprintf(end.text, sizeof end.text, "%.120s", m->refused.text);
	end.given_back = m->refused.why != ABL_REFUSED_START;
	if (m->refused.why == ABL_REFUSED_MEMORY) {
		rest(w);
	} else if (m->refused.why == ABL_REFUSED_DATA && w->state == ABL_REMOTE_JOINED) {
		abl_remote_says(w->all, "worker %s gets no more stages: %s",
				abl_remote_title(w, title), m->refused.text);
		abl_remote_bar(w, ABL_REMOTE_REFUSED, m->refused.text);
	} else if (m->refused.why == ABL_REFUSED_START && ++w->failures >= MOST_FAILURES) {
		abl_remote_says(w->all,
				"worker %s gets no more stages, since it could not start %d: %s",
				abl_remote_title(w, title), w->failures, m->refused.text);
		abl_remote_bar(w, ABL_REMOTE_REFUSED, m->refused.text);
	}
	abl_remote_attempt_end(w, a, &end);
}

static void hear_beat(struct abl_remote_worker *w, const struct abl_message *m)
{
	w->told = abl_remote_now(w->all);
	w->seconds_left = m->beat.seconds_left;
	w->memory_left = m->beat.memory_left;
}

static void hear_leaving(struct abl_remote_worker *w, const struct abl_message *m)
{
	abl_remote_bar(w, ABL_REMOTE_LEFT, m->leaving.why);
}

bool abl_remote_hear(void *worker, const struct abl_message *m)
{
	static void (*const hear[ABL_SAYS])(struct abl_remote_worker *,
					    const struct abl_message *) = {
		[ABL_SAY_HELLO] = hear_hello,     [ABL_SAY_STARTED] = hear_started,
		[ABL_SAY_REFUSED] = hear_refused, [ABL_SAY_LINE] = hear_line,
		[ABL_SAY_ENDED] = hear_ended,     [ABL_SAY_BEAT] = hear_beat,
		[ABL_SAY_LEAVING] = hear_leaving,
	};
	struct abl_remote_worker *w = worker;

	if (w->state == ABL_REMOTE_ENDING)
		return true; /* whatever it says */
	w->heard = abl_remote_now(w->all);
	if (!w->hello.root && m->say != ABL_SAY_HELLO)
		abl_remote_break(w, "it has not said hello first");
	else
		hear[m->say](w, m);
	return !*w->broken;
}
