/* SPDX-License-Identifier: Apache-2.0 */
#include "pretended_worker.h"

#include "socket_link.h"
#include "str.h"

#include <check.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STEP 1.0 /* seconds */

double pretended_now;

static double now(void)
{
	return pretended_now;
}

/* The head. */

static int take_joined(void *data, const char *name, const struct abl_hello *hello, int64_t *number,
		       struct abl_err *err)
{
	struct pretended_head *h = data;
	const int rc = h->join_rc;

	ck_assert_str_eq(hello->host, "cas01");
	h->join_rc = 0;
	if (rc)
		return abl_err_set(err, (enum abl_code)rc, "%s is not wanted", name);
	*number = ++h->joins;
	return 0;
}

static void take_gone(void *data, const char *name, int64_t number, enum abl_remote_how how,
		      const char *why)
{
	static const char *const words[] = {"left", "lost", "refused"};
	struct pretended_head *h = data;

	h->goings++;
	snprintf(h->gone, sizeof h->gone, "%s %d %s: %s", name, (int)number, words[how], why);
}

static bool hear_line(void *data, const char *line, size_t length)
{
	struct pretended_attempt *a = data;

	ck_assert(!a->ended);
	a->lines++;
	snprintf(a->last, sizeof a->last, "%.*s", (int)length, line);
	return strncmp(line, "strange", 7) != 0;
}

static void hear_end(void *data, const struct abl_end *end)
{
	struct pretended_attempt *a = data;

	ck_assert(!a->ended);
	a->ended = true;
	a->end = *end;
}

static bool keeps(void *data, int64_t worker, const struct abl_wire_attempt *of,
		  struct abl_attempt_spec *sink)
{
	struct pretended_head *h = data;

	if (!h->kept || strcmp(h->kept, of->key) != 0)
		return false;
	sink->data = &h->kept_sink;
	sink->line = hear_line;
	sink->ended = hear_end;
	return true;
}

static void take_sealed(void *data, int64_t worker, const struct abl_wire_attempt *of)
{
	((struct pretended_head *)data)->sealed_told = abl_intern(of->key);
}

static void take_says(void *data, const char *text)
{
	struct pretended_head *h = data;

	snprintf(h->says, sizeof h->says, "%s", text);
}

static void take_strange(void *data, const char *name, const char *line, size_t length)
{
	struct pretended_head *h = data;

	snprintf(h->strange, sizeof h->strange, "%s %.*s", name, (int)length, line);
}

void pretended_begin(struct pretended_head *h)
{
	const struct abl_remote_setup setup = {
		.store = "/srv/store",
		.data = "/srv/data",
		.version = "1",
		.keys = "k",
		.store_id = "s",
		.hooks = {.data = h,
			  .joined = take_joined,
			  .gone = take_gone,
			  .keep = keeps,
			  .sealed = take_sealed,
			  .says = take_says,
			  .strange = take_strange},
		.now = now,
	};
	struct abl_err err = {0};

	*h = (struct pretended_head){.count = 0};
	pretended_now = 1000;
	ck_assert_int_eq(abl_remote_init(&h->remote, &setup, &err), 0);
}

void pretended_end(struct pretended_head *h)
{
	for (size_t i = 0; i < h->count; i++) { /* ours go first: nobody waits for them */
		struct pretended_worker *w = h->worker[i];

		abl_talk_finish(&w->talk);
		for (size_t k = 0; k < w->heard_count; k++)
			abl_message_finish(&w->heard[k]);
		free(w);
	}
	abl_executor_finish(&h->remote);
}

/* A worker. */

static bool hear(void *data, const struct abl_message *m)
{
	struct pretended_worker *w = data;

	ck_assert_uint_lt(w->heard_count, PRETENDED_HEARD);
	ck_assert_int_eq(
		abl_message_read(&w->heard[w->heard_count++], m->root, ABL_SIDE_HEAD, NULL), 0);
	return true;
}

struct pretended_worker *pretended_add(struct pretended_head *h, const char *name)
{
	struct pretended_worker *w = abl_calloc(1, sizeof *w);
	struct abl_link link;
	int fd[2];

	ck_assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	link = socket_link(fd[0], h->returns);
	abl_remote_add(&h->remote, &link, name);
	w->fd = fd[1];
	w->talk = (struct abl_talk){
		.link = socket_link(fd[1], false), .other = ABL_SIDE_HEAD, .data = w, .hear = hear};
	abl_talk_begin(&w->talk);
	h->worker[h->count++] = w;
	return w;
}

struct abl_hello pretended_hello(void)
{
	return (struct abl_hello){.version = "1",
				  .keys = "k",
				  .store = "s",
				  .host = "cas01",
				  .cpu = "c",
				  .engine = "e",
				  .compiler = "gcc",
				  .kernels = "avx512",
				  .cores = 8,
				  .slots = 2,
				  .threads = 4,
				  .memory = 8e9,
				  .seconds_left = INFINITY};
}

struct pretended_worker *pretended_joined(struct pretended_head *h, const char *name)
{
	struct pretended_worker *w = pretended_add(h, name);
	const struct abl_message m = {.say = ABL_SAY_HELLO, .hello = pretended_hello()};

	pretended_say(w, &m);
	pretended_go(h, 0);
	ck_assert_ptr_nonnull(pretended_heard(w, ABL_SAY_WELCOME));
	return w;
}

void pretended_say(struct pretended_worker *w, const struct abl_message *m)
{
	ck_assert(abl_talk_say(&w->talk, m));
	abl_talk_advance(&w->talk);
}

void pretended_say_text(struct pretended_worker *w, const char *text)
{
	ck_assert_int_eq(send(w->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

void pretended_kill(struct pretended_worker *w)
{
	abl_talk_finish(&w->talk);
}

static void hear_each_other(struct pretended_head *h)
{
	for (int i = 0; i < 3; i++) {
		h->remote.ops->advance(h->remote.state);
		for (size_t k = 0; k < h->count; k++)
			if (!h->worker[k]->deaf)
				abl_talk_advance(&h->worker[k]->talk);
	}
}

void pretended_go(struct pretended_head *h, double seconds)
{
	const double until = pretended_now + seconds;

	hear_each_other(h);
	while (pretended_now < until) {
		pretended_now = fmin(until, pretended_now + STEP);
		hear_each_other(h);
	}
}

const struct abl_message *pretended_heard(const struct pretended_worker *w, enum abl_say say)
{
	for (size_t i = w->heard_count; i-- > 0;)
		if (w->heard[i].say == say)
			return &w->heard[i];
	return NULL;
}

/* Attempts. */

size_t pretended_offers(struct pretended_head *h, struct abl_offer *out, size_t most)
{
	return h->remote.ops->offers(h->remote.state, out, most);
}

int pretended_start(struct pretended_head *h, int64_t worker, const char *key, int64_t attempt,
		    struct pretended_attempt *sink, struct abl_attempt_spec *more)
{
	struct abl_attempt_spec spec = more ? *more : (struct abl_attempt_spec){.cores = 3};
	struct abl_err err = {0};
	int rc;

	spec.worker = worker;
	spec.key = key;
	spec.attempt = attempt;
	spec.trial = spec.trial ? spec.trial : "/srv/store/work/k/1.json";
	spec.log = "/srv/store/logs/train-1.log";
	spec.data = sink;
	spec.line = hear_line;
	spec.ended = hear_end;
	*sink = (struct pretended_attempt){.lines = 0};
	rc = h->remote.ops->start(h->remote.state, &spec, &sink->number, &err);
	snprintf(sink->last, sizeof sink->last, "%.79s", err.text);
	pretended_go(h, 0);
	return rc;
}

void pretended_started(struct pretended_worker *w, const char *key, int64_t attempt)
{
	const struct abl_message m = {.say = ABL_SAY_STARTED,
				      .started = {.of = {key, attempt}, .pid = 7}};

	pretended_say(w, &m);
}

void pretended_line(struct pretended_worker *w, const char *key, int64_t attempt, const char *text)
{
	const struct abl_message m = {.say = ABL_SAY_LINE, .line = {{key, attempt}, text}};

	pretended_say(w, &m);
}

void pretended_ended(struct pretended_worker *w, const char *key, int64_t attempt, bool asked)
{
	const struct abl_message m = {.say = ABL_SAY_ENDED,
				      .ended = {.of = {key, attempt},
						.end = {.kind = ABL_END_EXITED,
							.seconds = 2,
							.cpu_seconds = 3,
							.max_rss_kib = 4,
							.asked = asked,
							.text = "exit code 0"}}};

	pretended_say(w, &m);
}
