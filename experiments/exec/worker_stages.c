/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_stages.h"

#include "files.h"
#include "local.h"
#include "machine.h"
#include "protocol.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes that wait for a head which does not listen: beyond the first, points and progress are
 * dropped; beyond the second, all that its sealed file has or nobody needs. */
enum { MANY_WAIT = 8 << 20, TOO_MANY_WAIT = 32 << 20 };

#define SHORT .03 /* of the memory: about where systems begin to kill (local.c) */

/* What kind of line. */

struct line_kind {
	bool point; /* of a curve, or progress: there are many */
	bool last;  /* says why it ends */
};

static void is_point(void *data, int64_t step, const char *name, double value)
{
	((struct line_kind *)data)->point = true;
}

static void is_progress(void *data, double share, int64_t step, int64_t steps)
{
	((struct line_kind *)data)->point = true;
}

static void is_paused(void *data, int64_t step)
{
	((struct line_kind *)data)->last = true;
}

static void is_error(void *data, const char *text, const char *cause)
{
	((struct line_kind *)data)->last = true;
}

static bool look_at_line(const char *line, size_t length, struct line_kind *kind)
{
	const struct abl_protocol_hooks hooks = {
		.events = {.data = kind,
			   .metric = is_point,
			   .progress = is_progress,
			   .paused = is_paused},
		.error = is_error,
	};

	return abl_protocol_read(line, length, &hooks);
}

/* What is said. */

static bool say(const struct abl_worker_stages *s, const struct abl_message *m)
{
	return !s->talk || abl_talk_say(s->talk, m);
}

static struct abl_wire_attempt of(const struct abl_worker_stage *stage)
{
	return (struct abl_wire_attempt){stage->key, stage->attempt};
}

static void say_refused(const struct abl_worker_stages *s, struct abl_wire_attempt attempt,
			enum abl_refusal why, const char *text)
{
	const struct abl_message m = {.say = ABL_SAY_REFUSED, .refused = {attempt, why, text}};

	(void)say(s, &m);
}

static bool has_room(struct abl_worker_stages *s, const struct line_kind *kind)
{
	const size_t waiting = s->talk ? abl_talk_waiting(s->talk) : 0;

	if (kind->last || waiting < MANY_WAIT || (!kind->point && waiting < TOO_MANY_WAIT))
		return true;
	s->dropped++;
	return false;
}

/* One line of a stage. What is understood nowhere stays in the log of the attempt. */
static bool relay(void *data, const char *line, size_t length)
{
	struct abl_worker_stage *stage = data;
	struct line_kind kind = {0};
	struct abl_str text = {0};
	struct abl_message m = {.say = ABL_SAY_LINE};
	bool good = look_at_line(line, length, &kind);

	if (good && has_room(stage->all, &kind)) {
		abl_str_add(&text, line, length);
		m.line = (struct abl_said_line){of(stage), text.text};
		good = say(stage->all, &m);
	}
	if (good && kind.last) {
		abl_str_add(&stage->last, line, length);
		abl_str_puts(&stage->last, "\n");
	}
	abl_str_finish(&text);
	return good;
}

/* Ends. */

static void drop(struct abl_worker_stage *stage)
{
	for (size_t i = 0; stage->environment && stage->environment[i]; i++)
		free(stage->environment[i]);
	free(stage->environment);
	free(stage->key), free(stage->log);
	abl_str_finish(&stage->last);
	free(stage);
}

static void take_out(struct abl_worker_stages *s, const struct abl_worker_stage *stage)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->stage[i] == stage) {
			s->stage[i] = s->stage[--s->count];
			return;
		}
}

static void say_ended(const struct abl_worker_stages *s, struct abl_wire_attempt attempt,
		      const struct abl_end *end)
{
	const struct abl_message m = {.say = ABL_SAY_ENDED, .ended = {attempt, *end}};

	(void)say(s, &m);
}

static void forget(struct abl_worker_ended *e)
{
	free(e->key), free(e->last);
	*e = (struct abl_worker_ended){0};
}

static void end_stage(void *data, const struct abl_end *end)
{
	struct abl_worker_stage *stage = data;
	struct abl_worker_stages *s = stage->all;
	struct abl_worker_ended *e = &s->ended[s->ended_count++ % ABL_WORKER_REMEMBERS];

	forget(e);
	*e = (struct abl_worker_ended){abl_strdup(stage->key), stage->attempt, *end,
				       stage->last.length ? abl_strdup(stage->last.text) : NULL};
	say_ended(s, of(stage), end);
	take_out(s, stage);
	drop(stage);
}

/* Starts. */

static struct abl_worker_stage *find(const struct abl_worker_stages *s,
				     const struct abl_wire_attempt *attempt)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->stage[i]->key, attempt->key) &&
		    s->stage[i]->attempt == attempt->attempt)
			return s->stage[i];
	return NULL;
}

static bool lacks_memory(void)
{
	return abl_machine_memory_left() < SHORT * abl_machine_memory();
}

static char **copy_texts(const struct abl_wire_texts *texts)
{
	char **list = abl_calloc(texts->count + 1, sizeof *list);

	for (size_t i = 0; i < texts->count; i++)
		list[i] = abl_strdup(texts->item[i]);
	return list;
}

static const char *why_not(const struct abl_worker_stages *s, const struct abl_start_order *order,
			   enum abl_refusal *why)
{
	*why = ABL_REFUSED_START;
	if (find(s, &order->of))
		return "it runs already";
	if (s->count >= (size_t)s->setup->hello.slots)
		return "as many as may run at a time are running";
	*why = ABL_REFUSED_MEMORY;
	return lacks_memory() ? "no memory is left on its machine" : NULL;
}

void abl_worker_stages_start(struct abl_worker_stages *s, const struct abl_start_order *order,
			     int64_t worker, const char *refusal)
{
	struct abl_worker_stage *stage;
	enum abl_refusal why = ABL_REFUSED_START;
	struct abl_err err = {0};

	refusal = refusal ? refusal : why_not(s, order, &why);
	if (refusal) {
		say_refused(s, order->of, why, refusal);
		return;
	}
	stage = abl_calloc(1, sizeof *stage);
	stage->all = s;
	stage->key = abl_strdup(order->of.key);
	stage->attempt = order->of.attempt;
	stage->log = abl_path_join(s->roots.store, order->log);
	stage->threads = order->threads < 4096 ? (int)order->threads : 1;
	stage->memory = order->memory, stage->seconds = order->seconds;
	stage->environment = copy_texts(&order->environment);
	if (abl_preparation_begin(&stage->preparing, s->preparer, order, worker, &err)) {
		say_refused(s, order->of, why, err.text);
		drop(stage);
		return;
	}
	abl_grow(&s->stage, &s->capacity, s->count + 1, sizeof *s->stage);
	s->stage[s->count++] = stage;
}

/* Its preparation is done: starts it, or says why not. */
static void go_on(struct abl_worker_stages *s, struct abl_worker_stage *stage)
{
	static const char *const command[] = {"ablate", "stage", NULL};
	enum abl_refusal why;
	struct abl_err err = {0};
	char *trial = NULL;
	int rc = abl_preparation_end(stage->preparing, &trial, &why, &err);
	const struct abl_attempt_spec spec = {
		.path = s->setup->program ? s->setup->program : "/proc/self/exe",
		.argv = command,
		.takes_signals = true,
		.trial = trial,
		.environment = (const char *const *)stage->environment,
		.key = stage->key,
		.attempt = stage->attempt,
		.log = stage->log,
		.cores = stage->threads,
		.memory = stage->memory,
		.seconds = stage->seconds,
		.data = stage,
		.line = relay,
		.ended = end_stage,
	};

	stage->preparing = NULL;
	rc = rc ? rc : s->local.ops->start(s->local.state, &spec, &stage->number, &err);
	if (rc) {
		say_refused(s, of(stage), why, err.text);
		take_out(s, stage);
		drop(stage);
	} else {
		const struct abl_message m = {.say = ABL_SAY_STARTED,
					      .started = {of(stage), stage->number}};

		(void)say(s, &m);
	}
	free(trial);
}

/* One that has not begun ends at once. */
static void stop_one(struct abl_worker_stages *s, struct abl_worker_stage *stage, enum abl_stop how)
{
	struct abl_end end = {.kind = ABL_END_NOT_STARTED, .exit_code = -1, .asked = true};
	enum abl_refusal ignored;
	struct abl_err err = {0};
	char *trial = NULL;

	if (!stage->preparing) {
		s->local.ops->stop(s->local.state, stage->number, how);
		return;
	}
	if (!abl_preparation_end(stage->preparing, &trial, &ignored, &err))
		free(trial);
	snprintf(end.text, sizeof end.text, "stopped before it began");
	end_stage(stage, &end);
}

void abl_worker_stages_stop(struct abl_worker_stages *s, const struct abl_wire_attempt *attempt,
			    enum abl_stop how)
{
	struct abl_worker_stage *one = attempt->key ? find(s, attempt) : NULL;

	if (one)
		stop_one(s, one, how);
	for (size_t i = attempt->key ? 0 : s->count; i > 0; i--) /* ends take out the last */
		stop_one(s, s->stage[i - 1], how);
}

enum { LATER = 2 }; /* one that could not begin leaves no file */

/* When the trial file of that attempt was written; false: there is none. */
static bool is_written(const struct abl_worker_stages *s, const char *key, int64_t attempt,
		       struct timespec *when)
{
	struct abl_str path = {0};
	struct stat st;
	bool there;

	abl_str_printf(&path, "%s/work/%s/%lld.json", s->roots.store, key, (long long)attempt);
	there = !stat(path.text, &st);
	if (there)
		*when = st.st_mtim;
	abl_str_finish(&path);
	return there;
}

/* What an earlier life of the store has left is older than our own. */
static bool is_overtaken(const struct abl_worker_stages *s, const struct abl_worker_stage *stage)
{
	struct timespec own, later;

	if (!is_written(s, stage->key, stage->attempt, &own))
		return false;
	for (int64_t i = 1; i <= LATER; i++)
		if (is_written(s, stage->key, stage->attempt + i, &later) &&
		    (later.tv_sec > own.tv_sec ||
		     (later.tv_sec == own.tv_sec && later.tv_nsec >= own.tv_nsec)))
			return true;
	return false;
}

void abl_worker_stages_look(struct abl_worker_stages *s)
{
	const struct abl_worker_hooks *h = &s->setup->hooks;

	for (size_t i = 0; i < s->count; i++) {
		struct abl_worker_stage *stage = s->stage[i];
		struct abl_str text = {0};

		if (stage->preparing || stage->overtaken || !is_overtaken(s, stage))
			continue;
		stage->overtaken = true;
		s->local.ops->stop(s->local.state, stage->number, ABL_STOP_HARD);
		abl_str_printf(&text, "attempt %lld of %.12s is ended: a later one has begun",
			       (long long)stage->attempt, stage->key);
		if (h->says)
			h->says(h->data, text.text);
		abl_str_finish(&text);
	}
}

void abl_worker_stages_advance(struct abl_worker_stages *s)
{
	abl_preparer_heard(s->preparer);
	for (size_t i = s->count; i > 0; i--)
		if (s->stage[i - 1]->preparing &&
		    abl_preparation_is_done(s->stage[i - 1]->preparing))
			go_on(s, s->stage[i - 1]);
	s->local.ops->advance(s->local.state);
}

size_t abl_worker_stages_descriptors(const struct abl_worker_stages *s, struct pollfd *out,
				     size_t most)
{
	if (most)
		*out = (struct pollfd){abl_preparer_descriptor(s->preparer), POLLIN, 0};
	return 1 +
	       s->local.ops->descriptors(s->local.state, most ? out + 1 : out, most ? most - 1 : 0);
}

/* For a head. */

static bool is_sealed(const struct abl_worker_stages *s, const struct abl_worker_ended *e)
{
	struct abl_str path = {0};
	bool sealed;

	abl_str_printf(&path, "%s/work/%s/%lld.sealed", s->roots.store, e->key,
		       (long long)e->attempt);
	sealed = abl_is_regular(path.text);
	abl_str_finish(&path);
	return sealed;
}

void abl_worker_stages_list(const struct abl_worker_stages *s, struct abl_hello *hello)
{
	struct abl_wire_attempt *running = abl_calloc(s->count + 1, sizeof *running),
				*sealed = abl_calloc(ABL_WORKER_REMEMBERS, sizeof *sealed);
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		running[i] = of(s->stage[i]);
	for (size_t i = 0; i < ABL_WORKER_REMEMBERS; i++)
		if (s->ended[i].key && is_sealed(s, &s->ended[i]))
			sealed[n++] =
				(struct abl_wire_attempt){s->ended[i].key, s->ended[i].attempt};
	hello->running = (struct abl_wire_attempts){running, s->count};
	hello->sealed = (struct abl_wire_attempts){sealed, n};
}

static void tell_lines(const struct abl_worker_stages *s, struct abl_wire_attempt attempt,
		       const char *lines)
{
	char *copy = abl_strdup(lines), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) && *line) {
		const struct abl_message m = {.say = ABL_SAY_LINE, .line = {attempt, line}};

		(void)say(s, &m);
	}
	free(copy);
}

void abl_worker_stages_tell_again(const struct abl_worker_stages *s)
{
	const size_t n =
		s->ended_count < ABL_WORKER_REMEMBERS ? s->ended_count : ABL_WORKER_REMEMBERS;

	for (size_t i = s->ended_count - n; i < s->ended_count; i++) {
		const struct abl_worker_ended *e = &s->ended[i % ABL_WORKER_REMEMBERS];
		const struct abl_wire_attempt attempt = {e->key, e->attempt};

		if (e->last)
			tell_lines(s, attempt, e->last);
		say_ended(s, attempt, &e->end);
	}
}

int abl_worker_stages_init(struct abl_worker_stages *s, const struct abl_worker_setup *setup,
			   double grace, struct abl_err *err)
{
	*s = (struct abl_worker_stages){.setup = setup, .roots = {setup->store, setup->data}};
	abl_local_init(&s->local, (int)setup->hello.slots, grace);
	return abl_preparer_create(&s->preparer, &s->roots, err);
}

void abl_worker_stages_finish(struct abl_worker_stages *s)
{
	if (!s)
		return;
	while (s->count) {
		struct abl_worker_stage *stage = s->stage[--s->count];
		enum abl_refusal ignored;
		char *trial = NULL;

		if (stage->preparing &&
		    !abl_preparation_end(stage->preparing, &trial, &ignored, NULL))
			free(trial);
		drop(stage);
	}
	for (size_t i = 0; i < ABL_WORKER_REMEMBERS; i++)
		forget(&s->ended[i]);
	free(s->stage);
	abl_executor_finish(&s->local);
	abl_preparer_destroy(s->preparer);
}
