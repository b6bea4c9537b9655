/* SPDX-License-Identifier: Apache-2.0 */
/* workers_hooks.c - what the executor of workers' links tells their supervisor. */
#include "workers.h"

#include "attempt.h"
#include "left_attempts.h"
#include "remote.h"
#include "store_worker.h"
#include "str.h"
#include "supervisor.h"

#include <stdio.h>
#include <stdlib.h>

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

static int put_row(struct abl_supervisor *s, const struct abl_worker *w, const struct abl_hello *h,
		   int64_t *number, struct abl_err *err)
{
	struct abl_str cards = {0};
	struct abl_worker_row row = {.run = s->run.row,
				     .name = w->name,
				     .made_by = &w->made_by,
				     .slots = w->slots,
				     .memory = w->memory,
				     .job = h->job,
				     .array = h->array,
				     .node = h->node};
	int rc;

	for (size_t i = 0; i < h->cards.count; i++)
		abl_str_printf(&cards, "%s%s", i ? "," : "", h->cards.item[i]);
	row.cards = cards.text;
	rc = abl_store_worker_joined(s->run.store, &row, number, err);
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

	(void)name; /* one that never joined is told to whoever looks on */
	if (!number)
		return;
	for (size_t i = 0; i < s->workers.count; i++)
		if (s->workers.list[i].number == number)
			s->workers.list[i].there = false;
	count_slots(s);
	(void)!abl_store_worker_left(s->run.store, number, ends[how], why, &ignored);
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
					 .keep = take_kept,
					 .sealed = take_sealed,
					 .says = say};
}
