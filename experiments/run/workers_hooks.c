/* SPDX-License-Identifier: Apache-2.0 */
/* workers_hooks.c - what the executor of workers' links tells their supervisor. */
#include "workers.h"

#include "attempt.h"
#include "left_attempts.h"
#include "remote.h"
#include "store_worker.h"
#include "str.h"
#include "supervisor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many stages at a time as there is room for, wherever. */
static void count_slots(struct abl_supervisor *s)
{
	int slots = s->workers.own;

	for (size_t i = 0; i < s->workers.count; i++)
		slots += s->workers.list[i].there ? s->workers.list[i].slots : 0;
	s->run.workers = slots > 0 ? slots : 1;
	s->run.elsewhere = slots - s->workers.own;
}

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static void read_facts(struct abl_worker *w, const struct abl_hello *h)
{
	struct abl_provenance *p = &w->made_by;

	copy(p->host, sizeof p->host, h->host);
	copy(p->cpu, sizeof p->cpu, h->cpu);
	copy(p->engine, sizeof p->engine, h->engine);
	copy(p->compiler, sizeof p->compiler, h->compiler);
	copy(p->kernels, sizeof p->kernels, h->kernels);
	p->cores = (int)h->cores;
	w->memory = h->memory;
	w->slots = (int)h->slots;
	w->cards = (int)h->cards.count;
	w->there = true;
}

/* With a list of its cards, which is the caller's. */
static struct abl_worker_row row_of(const struct abl_supervisor *s, const struct abl_worker *w,
				    const struct abl_hello *h, struct abl_str *cards)
{
	for (size_t i = 0; i < h->cards.count; i++)
		abl_str_printf(cards, "%s%s", i ? "," : "", h->cards.item[i]);
	return (struct abl_worker_row){.run = s->run.row,
				       .name = w->name,
				       .made_by = &w->made_by,
				       .slots = w->slots,
				       .memory = w->memory,
				       .cards = cards->text,
				       .job = h->job,
				       .array = h->array,
				       .node = h->node};
}

static int put_row(struct abl_supervisor *s, const struct abl_worker *w, const struct abl_hello *h,
		   int64_t *number, struct abl_err *err)
{
	struct abl_str cards = {0};
	const struct abl_worker_row row = row_of(s, w, h, &cards);
	const int rc = abl_store_worker_joined(s->run.store, &row, number, err);

	abl_str_finish(&cards);
	return rc;
}

/* One that cannot be written down now is asked again in a while. */
static int take_joined(void *data, const char *name, const struct abl_hello *hello, int64_t *number,
		       struct abl_err *err)
{
	struct abl_supervisor *s = data;
	struct abl_workers *all = &s->workers;
	struct abl_worker w = {.name = abl_strdup(name)};

	read_facts(&w, hello);
	if (put_row(s, &w, hello, number, err)) {
		free(w.name);
		return ABL_EBUSY;
	}
	w.number = *number;
	abl_grow(&all->list, &all->capacity, all->count + 1, sizeof *all->list);
	all->list[all->count++] = w;
	count_slots(s);
	return 0;
}

static const enum abl_worker_end ends[] = {
	[ABL_REMOTE_LEFT] = ABL_WORKER_LEFT,
	[ABL_REMOTE_LOST] = ABL_WORKER_LOST,
	[ABL_REMOTE_REFUSED] = ABL_WORKER_REFUSED,
};

static void take_gone(void *data, const char *name, int64_t number, enum abl_remote_how how,
		      const char *why)
{
	struct abl_supervisor *s = data;
	struct abl_err ignored = {0}; /* what it has run says more */

	(void)name;
	if (!number) /* never joined: abl_workers_refused() has heard what is to be kept of it */
		return;
	for (size_t i = 0; i < s->workers.count; i++)
		if (s->workers.list[i].number == number)
			s->workers.list[i].there = false;
	count_slots(s);
	(void)!abl_store_worker_left(s->run.store, number, ends[how], why, &ignored);
}

enum { MOST_REFUSALS = 1000 }; /* rows for those that never joined; a script may call for ever */

/* Who calls has another port each time. */
static bool was_refused(struct abl_workers *all, const char *name, const struct abl_hello *h,
			const char *why)
{
	const char *port = strrchr(name, ':');
	struct abl_str text = {0};
	bool known = all->refusals == MOST_REFUSALS;

	abl_str_printf(&text, "%.*s %s %s %s %s", port ? (int)(port - name) : (int)strlen(name),
		       name, h && h->host ? h->host : "", h && h->job ? h->job : "",
		       h && h->array ? h->array : "", why);
	for (size_t i = 0; i < all->refusals && !known; i++)
		known = !strcmp(all->refusal[i], text.text);
	if (known) {
		abl_str_finish(&text);
		return true;
	}
	abl_grow(&all->refusal, &all->refusal_capacity, all->refusals + 1, sizeof *all->refusal);
	all->refusal[all->refusals++] = text.text;
	return false;
}

void abl_workers_refused(struct abl_supervisor *s, const char *name, const struct abl_hello *hello,
			 const char *why)
{
	struct abl_worker w = {.name = (char *)(uintptr_t)name};
	const struct abl_hello none = {.memory = INFINITY};
	struct abl_err ignored = {0}; /* whoever looks on has heard of it */
	struct abl_str cards = {0};
	struct abl_worker_row row;

	if (was_refused(&s->workers, name, hello, why))
		return;
	if (hello)
		read_facts(&w, hello);
	row = row_of(s, &w, hello ? hello : &none, &cards);
	(void)!abl_store_worker_refused(s->run.store, &row, why, &ignored);
	abl_str_finish(&cards);
}

static void take_refused(void *data, const char *name, const struct abl_hello *hello,
			 const char *why)
{
	abl_workers_refused(data, name, hello, why);
}

static bool take_kept(void *data, int64_t worker, const struct abl_wire_attempt *of,
		      struct abl_attempt_spec *sink)
{
	struct abl_supervisor *s = data;
	struct abl_err ignored = {0}; /* the row says another number of the same worker then */
	size_t stage;

	if (!abl_left_take(s, of->key, of->attempt, &stage))
		return false;
	abl_supervisor_keeps(s, abl_attempt_keep(&s->run, stage, worker, sink), sink);
	(void)!abl_store_attempt_kept(s->run.store, of->key, of->attempt, worker, &ignored);
	return true;
}

static void take_sealed(void *data, int64_t worker, const struct abl_wire_attempt *of)
{
	(void)worker;
	abl_left_sealed(data, of->key, of->attempt);
}

static void say(void *data, const char *text)
{
	abl_supervisor_says(data, text);
}

void abl_workers_hooks(struct abl_supervisor *s, struct abl_remote_hooks *out)
{
	*out = (struct abl_remote_hooks){.data = s,
					 .joined = take_joined,
					 .gone = take_gone,
					 .refused = take_refused,
					 .keep = take_kept,
					 .sealed = take_sealed,
					 .says = say};
}
