/* SPDX-License-Identifier: Apache-2.0 */
#include "pretended_workers.h"

#include "files.h"
#include "machine.h"
#include "protocol.h"
#include "seal.h"
#include "sealed.h"
#include "str.h"
#include "writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHILE .25 /* seconds */
#define RESULT "{\"result\":{\"accuracy\":0.5,\"examples\":4}}"

static bool drop(void *carrier, const char *text, size_t length)
{
	(void)carrier, (void)text, (void)length;
	return true;
}

static void put_file(const char *folder, const char *name, const char *text)
{
	char *path = abl_path_join(folder, name);

	(void)!abl_file_write_passing(path, text, strlen(text), NULL);
	free(path);
}

void abl_pretended_seal(const char *folder, const char *key, int64_t attempt)
{
	struct abl_protocol_writer writer = {.send = drop};
	const struct abl_events live = abl_protocol_events(&writer);
	struct abl_seal seal;
	struct abl_events e = abl_seal_events(&seal, &live);
	char *path = abl_path_join(folder, "model"), hash[ABL_HASH_TEXT];
	struct abl_made made = {0};

	(void)!abl_mkdir_all(folder, NULL);
	abl_made_begin(&made);
	(void)!abl_file_write(path, key, strlen(key), NULL);
	abl_made_begin(NULL);
	(void)!abl_made_seal(&made, folder, hash, NULL);
	e.sealed(e.data, hash);
	e.result(e.data, "accuracy", .5);
	e.result(e.data, "examples", 4);
	(void)!abl_seal_write(&seal, folder, key, attempt, NULL);
	abl_made_finish(&made);
	free(path);
}

static struct abl_pretended_worker *worker_of(const struct abl_pretended *p, int64_t number)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->workers[i].number == number)
			return &p->workers[i];
	abort();
}

static size_t offers(void *state, struct abl_offer *out, size_t most)
{
	const struct abl_pretended *p = state;
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct abl_pretended_worker *w = &p->workers[i];

		if (!w->number || w->running == w->slots)
			continue;
		if (n++ < most)
			out[n - 1] = (struct abl_offer){
				.worker = w->number,
				.name = w->name,
				.threads = 1,
				.memory = w->memory > 0 ? w->memory : INFINITY,
				.seconds = w->seconds > 0 ? w->seconds : INFINITY,
				.idle = !w->running};
	}
	return n;
}

static size_t running(void *state)
{
	const struct abl_pretended *p = state;
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++)
		n += p->workers[i].running;
	return n;
}

static struct abl_pretended_attempt *add(struct abl_pretended *p, int64_t worker, const char *key,
					 int64_t attempt, const struct abl_attempt_spec *spec)
{
	struct abl_pretended_attempt *a;

	abl_grow(&p->attempts, &p->capacity, p->attempt_count + 1, sizeof *p->attempts);
	a = &p->attempts[p->attempt_count++];
	*a = (struct abl_pretended_attempt){.key = abl_strdup(key),
					    .attempt = attempt,
					    .worker = worker,
					    .spec = *spec,
					    .started = abl_clock_now()};
	worker_of(p, worker)->running++;
	return a;
}

static int start(void *state, const struct abl_attempt_spec *spec, int64_t *number,
		 struct abl_err *err)
{
	struct abl_pretended *p = state;
	struct abl_pretended_attempt *a = add(p, spec->worker, spec->key, spec->attempt, spec);

	(void)err;
	a->folder = abl_strdup(spec->trial);
	a->folder[strlen(a->folder) - strlen(".json")] = '\0';
	*number = (int64_t)p->attempt_count;
	return 0;
}

static void stop(void *state, int64_t number, enum abl_stop how)
{
	(void)state, (void)number, (void)how;
}

static size_t descriptors(void *state, struct pollfd *out, size_t most)
{
	(void)state, (void)out, (void)most;
	return 0;
}

static double deadline(void *state)
{
	(void)state;
	return abl_clock_now() + .01;
}

static void join(struct abl_pretended *p)
{
	struct abl_err err = {0};

	for (size_t i = 0; i < p->count; i++) {
		struct abl_pretended_worker *w = &p->workers[i];
		const struct abl_hello hello = {.host = w->name,
						.kernels = "skx",
						.cores = 2,
						.slots = (int64_t)w->slots,
						.memory = w->memory > 0 ? w->memory : INFINITY,
						.seconds_left = INFINITY};

		if (p->hooks.joined(p->hooks.data, w->name, &hello, &w->number, &err)) {
			fprintf(stderr, "%s\n", err.text);
			abort();
		}
	}
	for (size_t i = 0; i < p->sealed_count; i++)
		p->hooks.sealed(p->hooks.data, p->workers[0].number, &p->sealed[i]);
	for (size_t i = 0; i < p->running_count; i++) {
		struct abl_attempt_spec sink = {0};

		if (!p->hooks.keep(p->hooks.data, p->workers[0].number, &p->running[i], &sink))
			continue;
		p->kept++;
		add(p, p->workers[0].number, p->running[i].key, p->running[i].attempt, &sink);
	}
	p->joined = true;
}

/* The sink is gone after it. */
static void end(struct abl_pretended *p, struct abl_pretended_attempt *a, const struct abl_end *e)
{
	a->ended = true;
	worker_of(p, a->worker)->running--;
	a->spec.ended(a->spec.data, e);
}

static void go_on(struct abl_pretended *p, struct abl_pretended_attempt *a)
{
	const enum abl_pretends what = p->decide ? p->decide(a) : ABL_PRETENDS_DONE;
	const bool lost = what == ABL_PRETENDS_LOST || what == ABL_PRETENDS_SEALED ||
			  what == ABL_PRETENDS_LATE;
	struct abl_end e = {.kind = lost ? ABL_END_LOST : ABL_END_EXITED,
			    .exit_code = lost ? -1 : 0,
			    .asked = what == ABL_PRETENDS_BACK,
			    .given_back = what == ABL_PRETENDS_BACK,
			    .seconds = 1,
			    .text = "worker w is lost"};

	if (what == ABL_PRETENDS_ON)
		return;
	if (a->folder && (lost || what == ABL_PRETENDS_BACK))
		put_file(a->folder, "state", "saved");
	if (what == ABL_PRETENDS_BACK)
		a->spec.line(a->spec.data, "{\"paused\":4}", strlen("{\"paused\":4}"));
	if (what == ABL_PRETENDS_DONE || what == ABL_PRETENDS_SEALED)
		abl_pretended_seal(a->folder, a->key, a->attempt);
	if (!lost && what != ABL_PRETENDS_BACK)
		a->spec.line(a->spec.data, RESULT, strlen(RESULT));
	if (a->folder && (what == ABL_PRETENDS_LATE || what == ABL_PRETENDS_UNSEEN))
		a->late = abl_clock_now() + WHILE;
	end(p, a, &e);
}

static void advance(void *state)
{
	struct abl_pretended *p = state;

	if (!p->joined)
		join(p);
	for (size_t i = 0; i < p->attempt_count; i++) {
		struct abl_pretended_attempt *a = &p->attempts[i];

		if (a->ended && a->late > 0 && abl_clock_now() >= a->late) {
			a->late = 0;
			abl_pretended_seal(a->folder, a->key, a->attempt);
		} else if (!a->ended) {
			go_on(p, a);
		}
	}
}

static const struct abl_executor_ops ops = {
	.name = "pretended workers",
	.offers = offers,
	.running = running,
	.start = start,
	.stop = stop,
	.descriptors = descriptors,
	.deadline = deadline,
	.advance = advance,
};

void abl_pretended_init(struct abl_executor *out, struct abl_pretended *p)
{
	for (size_t i = 0; i < p->count && !p->joined; i++)
		p->workers[i].number = 0; /* of an earlier head */
	*out = (struct abl_executor){.ops = &ops, .state = p};
}

void abl_pretended_finish(struct abl_pretended *p)
{
	for (size_t i = 0; i < p->attempt_count; i++)
		free(p->attempts[i].key), free(p->attempts[i].folder);
	free(p->attempts);
	p->attempts = NULL;
	p->attempt_count = p->capacity = 0;
}
