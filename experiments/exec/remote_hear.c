/* SPDX-License-Identifier: Apache-2.0 */
/* remote_hear.c - what a worker says, and what is done about it. */
#include "remote_worker.h"

#include "str.h"
#include "utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST 15.0       /* seconds without an offer after a first refusal for want of memory, */
#define LONGEST 240.0   /* and after many */
#define MOST_FAILURES 3 /* attempts in a row that a worker could not start */

/* Whom we have started has the name of its place; who has called us has an address until it says
 * what it is called. */
static void take_name(struct abl_remote_worker *w)
{
	const char *name = w->hello.hello.name;
	char text[60];

	if (!name || !*name || !w->talk.link.ops || !w->talk.link.ops->returns)
		return;
	abl_utf8_visible_in(text, sizeof text, name);
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\t' || *c == '\r')
			*c = '?'; /* in a line */
	free(w->name);
	w->name = abl_strdup(text);
}

static void hear_hello(struct abl_remote_worker *w, const struct abl_message *m)
{
	if (w->hello.root) {
		abl_remote_break(w, "it has said hello twice");
		return;
	}
	if (abl_message_read(&w->hello, m->root, ABL_SIDE_WORKER, NULL)) /* to be kept */
		return;
	take_name(w);
	abl_remote_join(w);
}

/* The attempt, if it is this worker's. Its own are also those that it had when its last link ended:
 * what became of them then is said by the next. */
static struct abl_remote_attempt *own(struct abl_remote_worker *w,
				      const struct abl_wire_attempt *of)
{
	struct abl_remote_attempt *a = abl_remote_attempt_of(w, of);
	struct abl_remote_worker *from;

	if (a)
		return a;
	a = abl_remote_attempt_elsewhere(w, of, &from);
	if (!a || from->state != ABL_REMOTE_AWAY)
		return NULL;
	abl_remote_attempt_move(from, w, a);
	return a;
}

/* Of an attempt that is none of ours any more: the worker is told so. */
static void hear_started(struct abl_remote_worker *w, const struct abl_message *m)
{
	if (!own(w, &m->started.of)) {
		abl_remote_tell(w, ABL_SAY_DROP, &m->started.of);
		return;
	}
	w->failures = 0;
	w->pause = 0;
}

static void hear_line(struct abl_remote_worker *w, const struct abl_message *m)
{
	struct abl_remote_attempt *a = own(w, &m->line.of);

	if (!a)
		abl_remote_tell(w, ABL_SAY_DROP, &m->line.of);
	else if (!a->spec.line(a->spec.data, m->line.text, strlen(m->line.text)))
		a->strange++;
}

static void hear_ended(struct abl_remote_worker *w, const struct abl_message *m)
{
	struct abl_remote_attempt *a = own(w, &m->ended.of);
	struct abl_end end = m->ended.end;

	abl_remote_dropped(w, &m->ended.of);
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
	struct abl_remote_attempt *a = own(w, &m->refused.of);
	struct abl_end end = {.kind = ABL_END_NOT_STARTED, .exit_code = -1};
	char title[120];

	if (!a)
		return;
	snprintf(end.text, sizeof end.text, "%.120s", m->refused.text);
	end.given_back = m->refused.why != ABL_REFUSED_START || w->state == ABL_REMOTE_LEAVING;
	if (w->state == ABL_REMOTE_LEAVING) {
		/* the order met its last word on the way */
	} else if (m->refused.why == ABL_REFUSED_MEMORY) {
		rest(w);
	} else if (m->refused.why == ABL_REFUSED_DATA) {
		abl_remote_bar(w, ABL_REMOTE_REFUSED, m->refused.text);
		abl_remote_says(w->all, "worker %s gets no more stages: %s",
				abl_remote_title(w, title), w->leaves);
	} else if (++w->failures >= MOST_FAILURES) {
		abl_remote_bar(w, ABL_REMOTE_REFUSED, m->refused.text);
		abl_remote_says(w->all,
				"worker %s gets no more stages, since it could not start %d: %s",
				abl_remote_title(w, title), w->failures, w->leaves);
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
