/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_fleet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void abl_slurm_fleet_finish(struct abl_slurm_fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->arrays; i++) {
		free(f->array[i].job), free(f->array[i].token);
		free(f->array[i].element);
	}
	for (size_t i = 0; i < f->workers; i++)
		free(f->worker[i].node);
	for (size_t i = 0; i < f->nodes; i++)
		free(f->node[i].name);
	free(f->array), free(f->worker), free(f->node);
	*f = (struct abl_slurm_fleet){0};
}

size_t abl_slurm_fleet_add(struct abl_slurm_fleet *f, const char *job, int64_t count, double now)
{
	struct abl_slurm_array *a;

	abl_grow(&f->array, &f->array_capacity, f->arrays + 1, sizeof *f->array);
	a = &f->array[f->arrays];
	*a = (struct abl_slurm_array){.job = abl_strdup(job),
				      .element = abl_calloc((size_t)count, sizeof *a->element),
				      .count = count,
				      .began = INFINITY};
	for (int64_t i = 0; i < count; i++)
		a->element[i].since = now;
	return f->arrays++;
}

size_t abl_slurm_fleet_adopt(struct abl_slurm_fleet *f, const char *job, int64_t count, double now)
{
	const size_t at = abl_slurm_fleet_add(f, job, count, now);

	f->array[at].adopted = true;
	return at;
}

static void begin(struct abl_slurm_array *a, double now)
{
	if (now < a->began)
		a->began = now;
}

static void set(struct abl_slurm_element *e, enum abl_slurm_state state, double now)
{
	e->state = state;
	e->since = now;
}

void abl_slurm_fleet_begun(struct abl_slurm_fleet *f, size_t array, int64_t element, double now)
{
	struct abl_slurm_element *e = &f->array[array].element[element];

	begin(&f->array[array], now);
	if (e->state == ABL_SLURM_QUEUED || e->state == ABL_SLURM_FORGOTTEN)
		set(e, ABL_SLURM_BEGUN, now);
}

/* "4711" is the job "4711;cluster", too. */
static bool is_job(const struct abl_slurm_array *a, const char *job)
{
	const size_t n = strcspn(a->job, ";");

	return strlen(job) == n && !memcmp(a->job, job, n);
}

static struct abl_slurm_node *node_of(struct abl_slurm_fleet *f, const char *name)
{
	for (size_t i = 0; i < f->nodes; i++)
		if (!strcmp(f->node[i].name, name))
			return &f->node[i];
	abl_grow(&f->node, &f->node_capacity, f->nodes + 1, sizeof *f->node);
	f->node[f->nodes] = (struct abl_slurm_node){.name = abl_strdup(name)};
	return &f->node[f->nodes++];
}

bool abl_slurm_fleet_joined(struct abl_slurm_fleet *f, int64_t number, const char *job,
			    const char *element, const char *node, double now)
{
	int64_t at = 0;

	for (size_t i = 0; i < f->workers; i++)
		if (f->worker[i].number == number)
			return true; /* its link had ended, and it called again */
	for (size_t i = 0; job && i < f->arrays; i++) {
		struct abl_slurm_array *a = &f->array[i];

		if (!is_job(a, job) || (element && !abl_parse_int(element, &at)) || at < 0 ||
		    at >= a->count)
			continue;
		begin(a, now);
		set(&a->element[at], ABL_SLURM_JOINED, now);
		a->element[at].workers++;
		f->silent = 0;
		abl_grow(&f->worker, &f->worker_capacity, f->workers + 1, sizeof *f->worker);
		f->worker[f->workers++] =
			(struct abl_slurm_worker){.number = number,
						  .array = i,
						  .element = at,
						  .node = node ? abl_strdup(node) : NULL};
		if (node)
			(void)node_of(f, node);
		return true;
	}
	return false;
}

/* Where all nodes that we know would be left out, it is not the nodes. */
static bool knows_another(const struct abl_slurm_fleet *f)
{
	for (size_t i = 0; i < f->nodes; i++)
		if (!f->node[i].left_out)
			return true;
	return false;
}

/* Its name, where it is left out by this loss. */
static const char *lose(struct abl_slurm_fleet *f, const char *name)
{
	struct abl_slurm_node *node = node_of(f, name);

	if (++node->lost < ABL_SLURM_NODE_LOSES || node->left_out)
		return NULL;
	node->left_out = true;
	if (f->nodes == 1 || knows_another(f))
		return node->name;
	abl_slurm_fleet_forgive(f);
	return NULL;
}

const char *abl_slurm_fleet_gone(struct abl_slurm_fleet *f, int64_t number, bool lost, double now)
{
	for (size_t i = 0; i < f->workers; i++) {
		struct abl_slurm_worker w = f->worker[i];
		struct abl_slurm_element *e;
		const char *left_out = NULL;

		if (w.number != number)
			continue;
		f->worker[i] = f->worker[--f->workers];
		e = &f->array[w.array].element[w.element];
		if (!--e->workers)
			set(e, ABL_SLURM_ENDED, now);
		if (lost && w.node)
			left_out = lose(f, w.node);
		free(w.node);
		return left_out;
	}
	return NULL;
}

#define LONGER 5 /* times: an earlier head's may have to wait in the queue */

static bool is_late(const struct abl_slurm_array *a, const struct abl_slurm_element *e,
		    double patience, double now)
{
	if (a->adopted && e->state == ABL_SLURM_QUEUED)
		return now - e->since >= LONGER * patience;
	return e->state == ABL_SLURM_BEGUN && now - e->since >= patience;
}

bool abl_slurm_fleet_silent(struct abl_slurm_fleet *f, double patience, double now, size_t *array,
			    int64_t *element)
{
	for (size_t i = 0; i < f->arrays; i++)
		for (int64_t k = 0; k < f->array[i].count; k++) {
			const struct abl_slurm_array *a = &f->array[i];

			if (!is_late(a, &a->element[k], patience, now))
				continue;
			set(&a->element[k],
			    a->element[k].state == ABL_SLURM_QUEUED ? ABL_SLURM_FORGOTTEN
			    : a->adopted                            ? ABL_SLURM_ENDED
								    : ABL_SLURM_SILENT,
			    now);
			if (a->adopted)
				continue;
			f->silent++;
			*array = i, *element = k;
			return true;
		}
	return false;
}

/* When the first array behind that one began. */
static double overtaken(const struct abl_slurm_fleet *f, size_t array)
{
	double first = INFINITY;

	for (size_t i = array + 1; i < f->arrays; i++)
		first = fmin(first, f->array[i].began);
	return first;
}

int64_t abl_slurm_fleet_forget(struct abl_slurm_fleet *f, double patience, double now)
{
	int64_t n = 0;

	for (size_t i = 0; i < f->arrays; i++) {
		const struct abl_slurm_array *a = &f->array[i];

		if (now - overtaken(f, i) < patience)
			continue;
		for (int64_t k = 0; k < a->count; k++)
			if (a->element[k].state == ABL_SLURM_QUEUED) {
				set(&a->element[k], ABL_SLURM_FORGOTTEN, now);
				n++;
			}
	}
	return n;
}

int64_t abl_slurm_fleet_in(const struct abl_slurm_fleet *f, enum abl_slurm_state state)
{
	int64_t n = 0;

	for (size_t i = 0; i < f->arrays; i++)
		for (int64_t k = 0; k < f->array[i].count; k++)
			n += f->array[i].element[k].state == state;
	return n;
}

int64_t abl_slurm_fleet_count(const struct abl_slurm_fleet *f)
{
	return abl_slurm_fleet_in(f, ABL_SLURM_QUEUED) + abl_slurm_fleet_in(f, ABL_SLURM_BEGUN) +
	       abl_slurm_fleet_in(f, ABL_SLURM_JOINED);
}

bool abl_slurm_fleet_is_hopeless(const struct abl_slurm_fleet *f)
{
	return f->silent >= ABL_SLURM_NEVER;
}

void abl_slurm_fleet_left_out(const struct abl_slurm_fleet *f, struct abl_str *out)
{
	bool first = true;

	for (size_t i = 0; i < f->nodes; i++) {
		if (!f->node[i].left_out)
			continue;
		abl_str_printf(out, "%s%s", first ? "" : ",", f->node[i].name);
		first = false;
	}
}

void abl_slurm_fleet_forgive(struct abl_slurm_fleet *f)
{
	for (size_t i = 0; i < f->nodes; i++) {
		f->node[i].left_out = false;
		f->node[i].lost = 0;
	}
}

bool abl_slurm_fleet_is_open(const struct abl_slurm_fleet *f, size_t array)
{
	const struct abl_slurm_array *a = &f->array[array];

	for (int64_t k = 0; k < a->count; k++)
		if (a->element[k].state != ABL_SLURM_ENDED)
			return true;
	return false;
}
