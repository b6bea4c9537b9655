/* SPDX-License-Identifier: Apache-2.0 */
#include "remote_worker.h"

#include "str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_WORDS 1.0 /* seconds for whatever carried a link to end and say how */
#define LOOK_AGAIN .05 /* seconds between looks at that */
#define TO_END                                                                                     \
	10.0        /* seconds that a worker gets to end, once it has nothing of ours; and for its \
		       attempts to end once they were killed */
#define AWAITED 5.0 /* seconds for a worker that came back to say what has ended */
#define SILENT 60.0 /* seconds without a hello until that is said, */
#define CALLER 10.0 /* and until one is dropped that has called us by itself */

const char *abl_remote_title(const struct abl_remote_worker *w, char out[120])
{
	const struct abl_hello *h = &w->hello.hello;

	if (!w->hello.root)
		snprintf(out, 120, "%.100s", w->name);
	else if (h->job)
		snprintf(out, 120, "%.30s (host %.30s, job %.20s%s%.10s)", w->name, h->host, h->job,
			 h->array ? "_" : "", h->array ? h->array : "");
	else
		snprintf(out, 120, "%.50s (host %.50s)", w->name, h->host);
	return out;
}

/* Attempts. */

struct abl_remote_attempt *abl_remote_attempt_of(const struct abl_remote_worker *w,
						 const struct abl_wire_attempt *of)
{
	for (size_t i = 0; i < w->running; i++)
		if (w->attempt[i]->of.attempt == of->attempt &&
		    !strcmp(w->attempt[i]->of.key, of->key))
			return w->attempt[i];
	return NULL;
}

struct abl_remote_attempt *abl_remote_attempt_elsewhere(const struct abl_remote_worker *w,
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

static void push(struct abl_remote_worker *w, struct abl_remote_attempt *a)
{
	abl_grow(&w->attempt, &w->capacity, w->running + 1, sizeof(struct abl_remote_attempt *));
	w->attempt[w->running++] = a;
}

static void pull(struct abl_remote_worker *w, const struct abl_remote_attempt *a)
{
	for (size_t i = 0; i < w->running; i++)
		if (w->attempt[i] == a) {
			w->attempt[i] = w->attempt[--w->running];
			return;
		}
}

static char **copy_texts(const char *const *list)
{
	char **copy;
	size_t n = 0;

	while (list && list[n])
		n++;
	if (!n)
		return NULL;
	copy = abl_calloc(n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = abl_strdup(list[i]);
	return copy;
}

struct abl_remote_attempt *abl_remote_attempt_add(struct abl_remote_worker *w,
						  const struct abl_wire_attempt *of,
						  const struct abl_attempt_spec *spec)
{
	struct abl_remote_attempt *a = abl_calloc(1, sizeof *a);

	a->number = ++w->all->attempts;
	a->of = (struct abl_wire_attempt){abl_strdup(of->key), of->attempt};
	a->spec = *spec;
	a->cards = copy_texts(spec->cards);
	a->started = abl_remote_now(w->all);
	push(w, a);
	w->all->running++;
	return a;
}

static void free_attempt(struct abl_remote_attempt *a)
{
	for (size_t i = 0; a->cards && a->cards[i]; i++)
		free(a->cards[i]);
	free(a->cards);
	free((char *)(uintptr_t)a->of.key);
	free(a);
}

void abl_remote_attempt_end(struct abl_remote_worker *w, struct abl_remote_attempt *a,
			    struct abl_end *end)
{
	const size_t said = strlen(end->text);
	const struct abl_attempt_spec spec = a->spec;
	char title[120];

	if (said && said < sizeof end->text - 8)
		snprintf(end->text + said, sizeof end->text - said, ", on %s",
			 abl_remote_title(w, title));
	end->asked |= a->asked;
	end->strange_lines += a->strange;
	pull(w, a);
	w->all->running--;
	free_attempt(a);
	spec.ended(spec.data, end);
}

void abl_remote_attempt_move(struct abl_remote_worker *from, struct abl_remote_worker *to,
			     struct abl_remote_attempt *a)
{
	pull(from, a);
	push(to, a);
	a->awaited = abl_remote_now(to->all);
}

/* Those that a worker was told to let go of have their slots until they have ended. */
void abl_remote_drop(struct abl_remote_worker *w, const struct abl_wire_attempt *of)
{
	abl_grow(&w->dropped, &w->dropped_capacity, w->dropped_count + 1, sizeof *w->dropped);
	w->dropped[w->dropped_count++] =
		(struct abl_wire_attempt){abl_strdup(of->key), of->attempt};
	abl_remote_tell(w, ABL_SAY_DROP, of);
}

void abl_remote_dropped(struct abl_remote_worker *w, const struct abl_wire_attempt *of)
{
	for (size_t i = 0; i < w->dropped_count; i++)
		if (w->dropped[i].attempt == of->attempt && !strcmp(w->dropped[i].key, of->key)) {
			free((char *)(uintptr_t)w->dropped[i].key);
			w->dropped[i] = w->dropped[--w->dropped_count];
			return;
		}
}

/* Ends. */

static void lose_attempts(struct abl_remote_worker *w, const char *why)
{
	while (w->running) {
		struct abl_remote_attempt *a = w->attempt[0];
		struct abl_end end = {.kind = ABL_END_LOST, .exit_code = -1};

		end.seconds = abl_remote_now(w->all) - a->started;
		snprintf(end.text, sizeof end.text, "lost: %.100s", why);
		abl_remote_attempt_end(w, a, &end);
	}
}

static void tell_gone(const struct abl_remote_worker *w, enum abl_remote_how how, const char *why)
{
	const struct abl_remote_hooks *hooks = &w->all->setup.hooks;

	if (hooks->gone)
		hooks->gone(hooks->data, w->name, w->number, how, why);
}

void abl_remote_part(struct abl_remote_worker *w, enum abl_remote_how how, const char *why)
{
	const bool joined = w->state != ABL_REMOTE_CALLED;
	const struct abl_message stop = {.say = ABL_SAY_STOP, .stop = {.hard = true}},
				 refuse = {.say = ABL_SAY_REFUSE, .refuse = {why}},
				 bye = {.say = ABL_SAY_BYE};

	w->state = ABL_REMOTE_ENDING;
	w->until = abl_remote_now(w->all) + TO_END;
	if (joined && how == ABL_REMOTE_LOST)
		(void)abl_remote_say(w, &stop);
	(void)abl_remote_say(w, how == ABL_REMOTE_REFUSED ? &refuse : &bye);
	lose_attempts(w, why);
	tell_gone(w, how, why);
}

void abl_remote_forget(struct abl_remote_worker *w)
{
	abl_remote_hang_up(w);
	w->state = ABL_REMOTE_GONE;
}

static bool has_called(const struct abl_remote_worker *w)
{
	return w->state == ABL_REMOTE_CALLED && !w->hello.root && w->talk.link.ops &&
	       w->talk.link.ops->returns;
}

/* Nobody has started whoever called, so nobody else would hear of its end. */
static void tell_caller(const struct abl_remote_worker *w)
{
	if (!has_called(w) || w->all->told_caller)
		return;
	w->all->told_caller = true;
	abl_remote_says(w->all, "dropped a connection from %s: %s (said once; the run goes on)",
			w->name, w->broken);
}

/* What had carried its link is gone: nothing can be told it any more. */
static void let_go(struct abl_remote_worker *w)
{
	const bool left = w->state == ABL_REMOTE_LEAVING && !w->running;
	char why[400], ended[80] = "";

	abl_link_ended(&w->talk.link, ended, sizeof ended);
	snprintf(why, sizeof why, "%s%s%s%s%s%s", w->broken, *ended ? " (" : "", ended,
		 *ended ? ")" : "", !w->number && *w->last ? "; it said: " : "",
		 w->number ? "" : w->last);
	tell_caller(w);
	abl_remote_forget(w);
	lose_attempts(w, why);
	tell_gone(w, left ? w->how : ABL_REMOTE_LOST, left ? w->leaves : why);
}

void abl_remote_bar(struct abl_remote_worker *w, enum abl_remote_how how, const char *why)
{
	if (w->state != ABL_REMOTE_JOINED)
		return;
	w->state = ABL_REMOTE_LEAVING;
	w->how = how;
	snprintf(w->leaves, sizeof w->leaves, "%s", why);
}

/* The link cannot be used: waits a moment for the words of whatever carried it, or for the worker
 * to come back by another. */
static void look_at_broken(struct abl_remote_worker *w, double now)
{
	char text[80];

	if (w->state == ABL_REMOTE_ENDING) {
		abl_remote_forget(w);
		return;
	}
	if (w->talk.link.ops->returns && w->number && w->running) {
		w->state = ABL_REMOTE_AWAY;
		abl_remote_hang_up(w);
		return;
	}
	if (w->until <= 0) {
		w->until = now + LAST_WORDS;
		abl_remote_talk(w); /* it is not waited for any more */
	}
	abl_link_ended(&w->talk.link, text, sizeof text);
	if (*text || !w->talk.link.ops->ended || now >= w->until)
		let_go(w);
}

static bool was_killed_in_vain(const struct abl_remote_worker *w, double now)
{
	for (size_t i = 0; i < w->running; i++)
		if (w->attempt[i]->killed > 0 && now >= w->attempt[i]->killed + TO_END)
			return true;
	return false;
}

/* Its link was another one when it ended, and nobody has said how. */
static void end_awaited(struct abl_remote_worker *w, double now)
{
	for (size_t i = w->running; i-- > 0;) {
		struct abl_remote_attempt *a = w->attempt[i];
		struct abl_end end = {.kind = a->sealed ? ABL_END_EXITED : ABL_END_LOST,
				      .exit_code = a->sealed ? 0 : -1,
				      .seconds = now - a->started};

		if (a->awaited <= 0 || now < a->awaited + AWAITED)
			continue;
		snprintf(end.text, sizeof end.text,
			 a->sealed ? "exit code 0" : "lost: its worker came back without it");
		abl_remote_attempt_end(w, a, &end);
	}
}

static void look_at_lease(struct abl_remote_worker *w, double now)
{
	char text[32], why[120];

	end_awaited(w, now);
	if (w->state == ABL_REMOTE_AWAY && !w->running) {
		abl_remote_forget(w);
		tell_gone(w, ABL_REMOTE_LEFT, "it came back by another link");
	} else if (now >= w->heard + w->all->setup.lease) {
		snprintf(why, sizeof why, "no sign of life for %s",
			 abl_format_duration(now - w->heard, text));
		abl_remote_part(w, ABL_REMOTE_LOST, why);
	} else if (was_killed_in_vain(w, now)) {
		abl_remote_part(w, ABL_REMOTE_LOST, "it does not say that what was killed ended");
	} else if (w->state == ABL_REMOTE_LEAVING && w->how == ABL_REMOTE_REFUSED && !w->running) {
		abl_remote_part(w, w->how, w->leaves);
	}
}

static void look_at_silence(struct abl_remote_worker *w, double now)
{
	if (has_called(w) && now >= w->added + CALLER) {
		abl_remote_break(w, "it has not said hello");
	} else if (!w->silent_told && now >= w->added + SILENT) {
		w->silent_told = true;
		abl_remote_says(
			w->all,
			"worker %s: nothing has been heard of it so far%s%s; it is waited for",
			w->name, *w->last ? "; its launcher says: " : "", w->last);
	}
}

void abl_remote_look_at(struct abl_remote_worker *w)
{
	const double now = abl_remote_now(w->all);

	if (w->state == ABL_REMOTE_GONE)
		return;
	if (w->state == ABL_REMOTE_AWAY)
		look_at_lease(w, now);
	else if (*w->broken)
		look_at_broken(w, now);
	else if (w->state == ABL_REMOTE_ENDING && now >= w->until)
		abl_remote_forget(w);
	else if (w->state == ABL_REMOTE_JOINED || w->state == ABL_REMOTE_LEAVING)
		look_at_lease(w, now);
	else if (w->state == ABL_REMOTE_CALLED)
		look_at_silence(w, now);
}

double abl_remote_due(const struct abl_remote_worker *w)
{
	double due = INFINITY;

	if (w->unsent)
		return abl_remote_now(w->all);
	if (*w->broken && w->state != ABL_REMOTE_AWAY)
		return abl_remote_now(w->all) + LOOK_AGAIN;
	if (w->state == ABL_REMOTE_ENDING)
		return w->until;
	if (w->state == ABL_REMOTE_CALLED)
		return has_called(w) ? w->added + CALLER : INFINITY;
	for (size_t i = 0; i < w->running; i++) {
		if (w->attempt[i]->killed > 0)
			due = fmin(due, w->attempt[i]->killed + TO_END);
		if (w->attempt[i]->awaited > 0)
			due = fmin(due, w->attempt[i]->awaited + AWAITED);
	}
	return fmin(due, w->heard + w->all->setup.lease);
}

void abl_remote_worker_destroy(struct abl_remote_worker *w)
{
	abl_talk_finish(&w->talk);
	abl_message_finish(&w->hello);
	for (size_t i = 0; i < w->running; i++) /* a run that failed has left them */
		free_attempt(w->attempt[i]);
	for (size_t i = 0; i < w->dropped_count; i++)
		free((char *)(uintptr_t)w->dropped[i].key);
	free(w->dropped), free(w->attempt), free(w->cards), free(w->name);
	free(w);
}
