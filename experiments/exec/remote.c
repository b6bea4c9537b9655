/* SPDX-License-Identifier: Apache-2.0 */
#include "remote.h"

#include "local.h"
#include "machine.h"
#include "remote_worker.h"
#include "str.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define STOOD_STILL 3.0 /* seconds: a loop that did not listen for so long did not hear */
#define GROWN 20.0      /* seconds until an attempt has most of the memory that it will have */
#define LAST_WORDS 3000 /* milliseconds that workers get to end when we do */
#define MOST_DESCRIPTORS 65536
#define NEWS 64 /* links with news that are taken at once */

/* What it said first is answered when that can be written down. */
static void look_at(struct abl_remote_worker *w)
{
	if (w->state == ABL_REMOTE_CALLED && w->hello.root && !*w->broken)
		abl_remote_join(w);
	else
		abl_remote_look_at(w);
}

/* Offers. */

/* Those that fewer attempts have than may share one. */
static const char *const *free_cards(const struct abl_remote_worker *w)
{
	const struct abl_wire_texts *all = &w->hello.hello.cards;
	size_t n = 0;

	for (size_t c = 0; c < all->count; c++) {
		int used = 0;

		for (size_t i = 0; i < w->running; i++)
			for (char **has = w->attempt[i]->cards; has && *has; has++)
				used += !strcmp(*has, all->item[c]);
		if (used < w->all->setup.trials_per_card)
			w->cards[n++] = all->item[c];
	}
	w->cards[n] = NULL;
	return all->count ? w->cards : NULL;
}

/* What its attempts are expected to take, and what of that those have not taken yet that began just
 * now: what is free there was told a while ago. */
static double unclaimed_memory(const struct abl_remote_worker *w)
{
	double claimed = 0, growing = 0;

	for (size_t i = 0; i < w->running; i++) {
		const struct abl_remote_attempt *a = w->attempt[i];

		claimed += a->spec.expected_memory;
		growing += a->started + GROWN > w->told ? a->spec.expected_memory : 0;
	}
	return fmax(0, fmin(w->hello.hello.memory - claimed, w->memory_left - growing));
}

static bool has_room(const struct abl_remote_worker *w, double now)
{
	return w->state == ABL_REMOTE_JOINED && !*w->broken && now >= w->rests &&
	       w->running + w->dropped_count < (size_t)w->hello.hello.slots;
}

static struct abl_offer offer_of(const struct abl_remote_worker *w, double now)
{
	return (struct abl_offer){
		.worker = w->number,
		.name = w->name,
		.threads = (int)w->hello.hello.threads,
		.memory = unclaimed_memory(w),
		.seconds = w->seconds_left - (now - w->told),
		.cards = free_cards(w),
		.idle = !w->running,
	};
}

/* The emptiest first; among equals who has waited longest, then in the order in which they came. */
static int by_load(const void *a, const void *b)
{
	const struct abl_remote_rank *x = a, *y = b;

	if (x->load != y->load)
		return x->load < y->load ? -1 : 1;
	if (x->worker->given != y->worker->given)
		return x->worker->given < y->worker->given ? -1 : 1;
	return x->worker->number < y->worker->number ? -1 : 1;
}

static size_t offers(void *state, struct abl_offer *out, size_t most)
{
	struct abl_remote *r = state;
	const double now = abl_remote_now(r);
	size_t n = 0;

	abl_grow(&r->rank, &r->rank_capacity, r->count + 1, sizeof *r->rank);
	for (size_t i = 0; i < r->count; i++) {
		struct abl_remote_worker *w = r->worker[i];

		if (has_room(w, now))
			r->rank[n++] = (struct abl_remote_rank){
				(double)w->running / (double)w->hello.hello.slots, w};
	}
	if (n > 1)
		qsort(r->rank, n, sizeof *r->rank, by_load);
	for (size_t i = 0; i < n && i < most; i++)
		out[i] = offer_of(r->rank[i].worker, now);
	return n;
}

/* Starting. */

/* The path below the store; NULL: it is elsewhere. */
static const char *below(const char *root, const char *path)
{
	const size_t n = strlen(root);

	return !strncmp(path, root, n) && path[n] == '/' ? path + n + 1 : NULL;
}

static struct abl_remote_worker *find(const struct abl_remote *r, int64_t number)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->worker[i]->number == number && r->worker[i]->state == ABL_REMOTE_JOINED)
			return r->worker[i];
	return NULL;
}

static struct abl_wire_texts texts_of(const char *const *list)
{
	struct abl_wire_texts t = {.item = list};

	while (list && list[t.count])
		t.count++;
	return t;
}

static bool put_order(struct abl_remote_worker *w, const struct abl_attempt_spec *spec)
{
	const struct abl_remote_setup *s = &w->all->setup;
	struct abl_message m = {.say = ABL_SAY_START};
	struct abl_wire_file *files;
	size_t n = 0;
	bool done;

	while (spec->files && spec->files[n].path)
		n++;
	files = abl_calloc(n + 1, sizeof *files);
	for (size_t i = 0; i < n; i++)
		files[i] = (struct abl_wire_file){spec->files[i].path, spec->files[i].hash};
	m.start = (struct abl_start_order){.of = {spec->key, spec->attempt},
					   .trial = below(s->store, spec->trial),
					   .log = below(s->store, spec->log),
					   .roots = {s->store, s->data},
					   .threads = spec->cores > 0 ? spec->cores : 1,
					   .cards = texts_of(spec->cards),
					   .memory = spec->memory,
					   .seconds = spec->seconds,
					   .environment = texts_of(spec->environment),
					   .files = {files, n}};
	done = m.start.trial && m.start.log && abl_remote_say(w, &m);
	free(files);
	return done;
}

static int start(void *state, const struct abl_attempt_spec *spec, int64_t *number,
		 struct abl_err *err)
{
	struct abl_remote *r = state;
	const struct abl_wire_attempt of = {spec->key, spec->attempt};
	struct abl_remote_worker *w = find(r, spec->worker);

	if (!w || !has_room(w, abl_remote_now(r)))
		return abl_err_set(err, ABL_EIO, "cannot start '%s' with worker %lld: %s",
				   spec->trial, (long long)spec->worker,
				   w ? "it has no room any more" : "it is gone");
	if (!put_order(w, spec))
		return abl_err_set(err, ABL_EIO,
				   "cannot start '%s' with worker %s: what it is to be told does "
				   "not fit into a message, or its files are not in the store",
				   spec->trial, w->name);
	*number = abl_remote_attempt_add(w, &of, spec)->number;
	w->given = abl_remote_now(r);
	return 0;
}

/* The rest of the table. */

static size_t running(void *state)
{
	return ((const struct abl_remote *)state)->running;
}

static void stop_one(struct abl_remote_worker *w, struct abl_remote_attempt *a, bool hard,
		     bool tell)
{
	const struct abl_message m = {.say = ABL_SAY_STOP, .stop = {a->of, hard}};

	a->asked = true;
	if (hard && a->killed <= 0)
		a->killed = abl_remote_now(w->all);
	if (tell)
		(void)abl_remote_say(w, &m);
}

static void stop(void *state, int64_t number, enum abl_stop how)
{
	const struct abl_message all = {.say = ABL_SAY_STOP,
					.stop = {.hard = how == ABL_STOP_HARD}};
	const struct abl_remote *r = state;

	for (size_t i = 0; i < r->count; i++) {
		struct abl_remote_worker *w = r->worker[i];

		if (number == ABL_EVERY_ATTEMPT && w->running)
			(void)abl_remote_say(w, &all);
		for (size_t k = 0; k < w->running; k++)
			if (number == ABL_EVERY_ATTEMPT || number == w->attempt[k]->number)
				stop_one(w, w->attempt[k], all.stop.hard,
					 number != ABL_EVERY_ATTEMPT);
	}
}

static size_t descriptors(void *state, struct pollfd *out, size_t most)
{
	const struct abl_remote *r = state;

	if (most)
		*out = (struct pollfd){.fd = r->poll, .events = POLLIN};
	return 1;
}

static double deadline(void *state)
{
	const struct abl_remote *r = state;
	double first = INFINITY;

	for (size_t i = 0; i < r->count; i++)
		first = fmin(first, abl_remote_due(r->worker[i]));
	return first;
}

/* What we did not listen to is no silence, but for what a busy loop takes anyway. */
static void forgive_silence(struct abl_remote *r)
{
	const double now = abl_remote_now(r), still = now - r->listened;

	for (size_t i = 0; still > STOOD_STILL && i < r->count; i++)
		r->worker[i]->heard += still - STOOD_STILL;
	r->listened = now;
}

static void take_news(const struct abl_remote *r)
{
	struct epoll_event news[NEWS];
	const int n = epoll_wait(r->poll, news, NEWS, 0);

	for (int i = 0; i < n; i++)
		abl_remote_talk(news[i].data.ptr);
}

static void take_out_gone(struct abl_remote *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++)
		if (r->worker[i]->state == ABL_REMOTE_GONE)
			abl_remote_worker_destroy(r->worker[i]);
		else
			r->worker[kept++] = r->worker[i];
	r->count = kept;
}

static void advance(void *state)
{
	struct abl_remote *r = state;

	forgive_silence(r);
	take_news(r);
	for (size_t i = 0; i < r->count; i++) {
		look_at(r->worker[i]);
		if (r->worker[i]->unsent && r->worker[i]->state != ABL_REMOTE_GONE)
			abl_remote_talk(r->worker[i]);
	}
	take_out_gone(r);
}

/* Workers end by themselves when they are told that nothing is left to do: a launcher that was
 * killed instead would say that its job failed. */
static void say_goodbye(struct abl_remote *r)
{
	const struct abl_message bye = {.say = ABL_SAY_BYE};
	const double until = abl_clock_now() + 1e-3 * LAST_WORDS;

	for (size_t i = 0; i < r->count; i++) {
		struct abl_remote_worker *w = r->worker[i];

		if (w->state == ABL_REMOTE_CALLED || w->state == ABL_REMOTE_AWAY ||
		    (r->lets_go && w->state == ABL_REMOTE_JOINED && w->talk.link.ops &&
		     w->talk.link.ops->returns)) {
			abl_remote_forget(w);
			continue;
		}
		if (w->state != ABL_REMOTE_ENDING)
			(void)abl_remote_say(w, &bye);
		w->state = ABL_REMOTE_ENDING;
		abl_remote_talk(w);
	}
	for (;;) {
		struct pollfd fd = {.fd = r->poll, .events = POLLIN};
		double left = until - abl_clock_now();

		for (size_t i = 0; i < r->count; i++)
			if (*r->worker[i]->broken)
				abl_remote_forget(r->worker[i]);
		take_out_gone(r);
		if (!r->count || left <= 0)
			break;
		(void)poll(&fd, 1, (int)ceil(1e3 * left));
		take_news(r);
	}
}

static void destroy(void *state)
{
	struct abl_remote *r = state;

	say_goodbye(r);
	for (size_t i = 0; i < r->count; i++)
		abl_remote_worker_destroy(r->worker[i]);
	if (r->poll >= 0)
		close(r->poll);
	free((char *)(uintptr_t)r->setup.store), free((char *)(uintptr_t)r->setup.data);
	free((char *)(uintptr_t)r->setup.version), free((char *)(uintptr_t)r->setup.keys);
	free((char *)(uintptr_t)r->setup.store_id), free((char *)(uintptr_t)r->setup.token);
	free(r->worker), free(r->rank);
	free(r);
}

static const struct abl_executor_ops ops = {
	.name = "remote",
	.offers = offers,
	.running = running,
	.start = start,
	.stop = stop,
	.descriptors = descriptors,
	.deadline = deadline,
	.advance = advance,
	.destroy = destroy,
};

static const char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

/* Links of hundreds of workers take more descriptors than processes usually begin with. */
static void allow_many(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= MOST_DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < MOST_DESCRIPTORS ? limit.rlim_max : MOST_DESCRIPTORS;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void take_setup(struct abl_remote_setup *s)
{
	s->store = copy(s->store), s->data = copy(s->data);
	s->version = copy(s->version), s->keys = copy(s->keys);
	s->store_id = copy(s->store_id), s->token = copy(s->token);
	s->beat = s->beat > 0 ? s->beat : ABL_REMOTE_BEAT;
	s->lease = s->lease > 0 ? s->lease : ABL_REMOTE_LEASE;
	s->grace = s->grace > 0 ? s->grace : ABL_LOCAL_GRACE;
	s->linger = s->linger > 0 ? s->linger : ABL_REMOTE_LINGER;
	s->trials_per_card = s->trials_per_card > 0 ? s->trials_per_card : 1;
}

int abl_remote_init(struct abl_executor *out, const struct abl_remote_setup *setup,
		    struct abl_err *err)
{
	const int fd = epoll_create1(EPOLL_CLOEXEC);
	struct abl_remote *r;

	if (fd < 0)
		return abl_err_set(err, ABL_EIO, "cannot wait for workers: %s", strerror(errno));
	allow_many();
	r = abl_calloc(1, sizeof *r);
	r->setup = *setup;
	r->poll = fd;
	r->attempts = (int64_t)1 << 32; /* no process of this machine has such a number */
	take_setup(&r->setup);
	r->listened = abl_remote_now(r);
	*out = (struct abl_executor){.ops = &ops, .state = r};
	return 0;
}

/* A launcher may say what is wrong before there is any worker. */
static void hear_strange(void *worker, const char *line, size_t length)
{
	struct abl_remote_worker *w = worker;
	const struct abl_remote_hooks *hooks = &w->all->setup.hooks;

	snprintf(w->last, sizeof w->last, "%.*s", length < 110 ? (int)length : 110, line);
	for (char *c = w->last; *c; c++)
		*c = (unsigned char)*c < ' ' || *c == 127 ? '?' : *c;
	if (hooks->strange)
		hooks->strange(hooks->data, w->name, line, length);
}

void abl_remote_add(struct abl_executor *remote, struct abl_link *link, const char *name)
{
	struct abl_remote *r = remote->state;
	struct abl_remote_worker *w = abl_calloc(1, sizeof *w);

	w->all = r;
	w->name = abl_strdup(name);
	w->talk = (struct abl_talk){.link = *link,
				    .other = ABL_SIDE_WORKER,
				    .data = w,
				    .hear = abl_remote_hear,
				    .strange = hear_strange};
	*link = (struct abl_link){0};
	abl_talk_begin(&w->talk);
	w->added = w->heard = abl_remote_now(r);
	abl_grow(&r->worker, &r->capacity, r->count + 1, sizeof(struct abl_remote_worker *));
	r->worker[r->count++] = w;
	w->unsent = true; /* and it is to be waited for */
}

void abl_remote_let_go(struct abl_executor *remote)
{
	((struct abl_remote *)remote->state)->lets_go = true;
}
