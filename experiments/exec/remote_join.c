/* SPDX-License-Identifier: Apache-2.0 */
/* remote_join.c - a worker that says hello: whether it fits, and what becomes of what it runs. */
#include "remote_worker.h"

#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 65536 };

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
	else if (s->store_id && !*h->store)
		snprintf(why, size,
			 "it does not see our store there: it must be the same folder of a file "
			 "system that both share");
	else if (differs(s->store_id, h->store))
		snprintf(why, size,
			 "the store that it sees is not ours: it must be the same folder of a "
			 "file system that both share");
	else if (h->slots < 1 || h->threads < 1)
		snprintf(why, size, "it has room for no stage");
	else if (h->slots > MOST || h->threads > MOST)
		snprintf(why, size, "more than %d stages at a time, or threads, are no machine's",
			 MOST);
	return *why;
}

/* Whose link may have broken, with our knowing or without. */
static bool may_be(const struct abl_remote_worker *other, int64_t number)
{
	return other->number == number &&
	       (other->state == ABL_REMOTE_AWAY ||
		((other->state == ABL_REMOTE_JOINED || other->state == ABL_REMOTE_LEAVING) &&
		 other->talk.link.ops && other->talk.link.ops->returns));
}

/* A worker whose link broke has come by another: the first attempt that it names tells who it was,
 * or the number that it had. */
static struct abl_remote_worker *who_was(const struct abl_remote_worker *w)
{
	const struct abl_wire_attempts lists[] = {w->hello.hello.running, w->hello.hello.sealed};
	const int64_t was = w->hello.hello.was;
	struct abl_remote_worker *at;

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l].count; i++)
			if (abl_remote_attempt_elsewhere(w, &lists[l].item[i], &at))
				return at;
	for (size_t i = 0; was && i < w->all->count; i++)
		if (w->all->worker[i] != w && may_be(w->all->worker[i], was))
			return w->all->worker[i];
	return NULL;
}

static void settle_running(struct abl_remote_worker *w, const struct abl_wire_attempt *of)
{
	const struct abl_remote_hooks *hooks = &w->all->setup.hooks;
	struct abl_attempt_spec sink = {.worker = w->number};
	struct abl_remote_worker *from;
	struct abl_remote_attempt *a = abl_remote_attempt_elsewhere(w, of, &from);

	if (a) {
		abl_remote_attempt_move(from, w, a);
		a->awaited = 0;
		abl_remote_tell(w, ABL_SAY_KEEP, of);
	} else if (hooks->keep && hooks->keep(hooks->data, w->number, of, &sink)) {
		(void)abl_remote_attempt_add(w, of, &sink);
		abl_remote_tell(w, ABL_SAY_KEEP, of);
	} else {
		abl_remote_drop(w, of);
	}
}

/* Of those that it had its end is said next. */
static void settle_sealed(struct abl_remote_worker *w, const struct abl_wire_attempt *of)
{
	const struct abl_remote_hooks *hooks = &w->all->setup.hooks;
	struct abl_remote_worker *from;
	struct abl_remote_attempt *a = abl_remote_attempt_elsewhere(w, of, &from);

	if (a) {
		abl_remote_attempt_move(from, w, a);
		a->sealed = true;
	} else if (hooks->sealed) {
		hooks->sealed(hooks->data, w->number, of);
	}
}

/* What it had and does not name has ended meanwhile: that is said next. */
static void take_place(struct abl_remote_worker *w, struct abl_remote_worker *was)
{
	while (was->running)
		abl_remote_attempt_move(was, w, was->attempt[0]);
	abl_remote_forget(was);
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

static void refuse(struct abl_remote_worker *w, const char *why)
{
	const struct abl_remote_hooks *hooks = &w->all->setup.hooks;

	if (hooks->refused)
		hooks->refused(hooks->data, w->name, &w->hello.hello, why);
	abl_remote_part(w, ABL_REMOTE_REFUSED, why);
}

void abl_remote_join(struct abl_remote_worker *w)
{
	const struct abl_hello *h = &w->hello.hello;
	struct abl_remote_worker *was = who_was(w);
	struct abl_err err = {0};
	char why[sizeof err.text];
	int rc;

	if (is_unfit(w, why, sizeof why)) {
		refuse(w, why);
		return;
	}
	rc = give_number(w, was, &err);
	if (rc == ABL_EBUSY)
		return; /* asked again at the next look at it */
	if (rc) {
		refuse(w, err.text);
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
		take_place(w, was);
}
