/* SPDX-License-Identifier: Apache-2.0 */
#include "forecast.h"

#include "past.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME 1e-6      /* costs that differ by less, of themselves, are the same */
#define MOST_WEIGHT 20 /* of stages with one cost: more of them do not say more */
#define REFIT 1.02     /* so many more stages make a new fit */

/* Stages that are alike: of one cost, or of a study's variant and task. */
struct group {
	double count, cost, seconds, cpu_seconds; /* sums */
	double memory;                            /* the most */
};

struct class_past {
	struct group *groups; /* [count], each of one cost, rising */
	size_t count, capacity;
	struct group all;
	double base, slope; /* cpu seconds = base + slope x cost */
	double fitted;      /* of how many stages */
};

struct abl_forecasts {
	int threads;
	size_t variants, tasks;
	struct class_past *classes; /* [ABL_KINDS_MAX] */
	struct group
		*cells; /* [variants x (tasks + 1) x ABL_KINDS_MAX] of this study; NULL: none */
};

static void add(struct group *g, const struct abl_past_cost *c)
{
	const double n = (double)c->count;

	g->count += n;
	g->cost += n * c->cost;
	g->seconds += n * c->seconds;
	g->cpu_seconds += n * c->cpu_seconds;
	g->memory = fmax(g->memory, c->memory); /* NaN: the other */
}

/* Where the group of that cost is, or is to be. */
static size_t place_of(const struct class_past *p, double cost)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		const size_t i = (low + high) / 2;

		if (p->groups[i].cost / p->groups[i].count < cost * (1 - SAME))
			low = i + 1;
		else
			high = i;
	}
	return low;
}

static struct group *group_of(const struct class_past *p, double cost)
{
	const size_t i = place_of(p, cost);

	return i < p->count && p->groups[i].cost / p->groups[i].count <= cost * (1 + SAME)
		       ? &p->groups[i]
		       : NULL;
}

static void add_to_class(struct class_past *p, const struct abl_past_cost *c)
{
	struct group *g = group_of(p, c->cost);

	if (!g) {
		const size_t i = place_of(p, c->cost);

		abl_grow(&p->groups, &p->capacity, p->count + 1, sizeof *p->groups);
		g = &p->groups[i];
		memmove(g + 1, g, (p->count++ - i) * sizeof *g);
		*g = (struct group){0};
	}
	add(g, c);
	add(&p->all, c);
}

/* Least squares of relative errors. Small stages are mostly base, and large ones mostly slope; with
 * costs that are all alike, or where a line would go below zero, all is slope. */
static void fit(struct class_past *p)
{
	double aa = 0, ac = 0, cc = 0, ay = 0, cy = 0, base, slope, det;

	for (size_t i = 0; i < p->count; i++) {
		const struct group *g = &p->groups[i];
		const double n = g->count, cost = g->cost / n, y = fmax(g->cpu_seconds / n, 1e-6),
			     w = fmin(n, MOST_WEIGHT), x = cost / y, one = 1 / y;

		aa += w * one * one, ac += w * one * x, cc += w * x * x;
		ay += w * one, cy += w * x;
	}
	det = aa * cc - ac * ac;
	base = det > 1e-9 * aa * cc ? (ay * cc - cy * ac) / det : -1;
	slope = det > 1e-9 * aa * cc ? (aa * cy - ac * ay) / det : -1;
	p->base = base >= 0 && slope > 0 ? base : 0;
	p->slope = base >= 0 && slope > 0 ? slope : p->all.cpu_seconds / p->all.cost;
	p->fitted = p->all.count;
}

static size_t cell_at(const struct abl_forecasts *f, size_t variant, size_t task, size_t class)
{
	return (variant * (f->tasks + 1) + (task == ABL_NONE ? f->tasks : task)) * ABL_KINDS_MAX +
	       class;
}

/* Which class the stage of that name is; ABL_KINDS_MAX: none of the plan's. */
static size_t class_named(const struct abl_plan *plan, const char *name)
{
	bool seen[ABL_KINDS_MAX] = {false};
	const struct abl_kind *kind = abl_kind_find(name);

	if (!plan->program)
		return kind ? abl_kind_index(kind) : ABL_KINDS_MAX;
	for (size_t i = 0; i < plan->stage_count; i++) {
		const size_t class = abl_plan_class(&plan->stages[i]);

		if (!seen[class] &&
		    !strcmp(abl_plan_stage_name(plan->study, &plan->stages[i]), name))
			return class;
		seen[class] = true;
	}
	return ABL_KINDS_MAX;
}

struct reading {
	struct abl_forecasts *f;
	const struct abl_plan *plan;
	size_t variant; /* that was found last */
};

static void hear_class(void *data, const struct abl_past_cost *c)
{
	struct reading *r = data;
	const size_t class = r->plan->program ? ABL_KINDS_MAX : class_named(r->plan, c->kind);

	if (class < ABL_KINDS_MAX)
		add_to_class(&r->f->classes[class], c);
}

static size_t find_variant(struct reading *r, const char *label)
{
	const struct abl_study *s = r->plan->study;

	for (size_t i = 0; i < s->variant_count; i++) { /* rows come variant by variant */
		const size_t v = (r->variant + i) % s->variant_count;

		if (!strcmp(s->variants[v].label, label))
			return r->variant = v;
	}
	return ABL_NONE;
}

static size_t find_task(const struct abl_study *s, const char *name)
{
	for (size_t t = 0; t < s->task_count; t++)
		if (!strcmp(s->tasks[t].spec.name, name))
			return t;
	return ABL_NONE;
}

static void hear_cell(void *data, const struct abl_past_cost *c)
{
	struct reading *r = data;
	struct abl_forecasts *f = r->f;
	const size_t class = class_named(r->plan, c->kind);
	const size_t variant = find_variant(r, c->variant),
		     task = find_task(r->plan->study, c->task);

	if (class == ABL_KINDS_MAX)
		return;
	if (r->plan->program) /* of what another variant does, too, something is known */
		add_to_class(&f->classes[class], c);
	if (variant == ABL_NONE || task == ABL_NONE)
		return;
	if (!f->cells)
		f->cells =
			abl_calloc(f->variants * (f->tasks + 1) * ABL_KINDS_MAX, sizeof *f->cells);
	add(&f->cells[cell_at(f, variant, task, class)], c);
	add(&f->cells[cell_at(f, variant, ABL_NONE, class)], c);
}

int abl_forecasts_load(struct abl_forecasts **out, struct abl_store *store,
		       const struct abl_plan *plan, int threads, struct abl_err *err)
{
	struct abl_forecasts *f = abl_calloc(1, sizeof *f);
	struct reading r = {.f = f, .plan = plan};
	int rc = 0;

	f->classes = abl_calloc(ABL_KINDS_MAX, sizeof *f->classes);
	f->threads = threads > 0 ? threads : 1;
	f->variants = plan->study->variant_count;
	f->tasks = plan->study->task_count;
	if (store)
		rc = abl_read_past_costs(store, hear_class, &r, err);
	if (store && !rc)
		rc = abl_read_study_costs(store, plan->study->name, hear_cell, &r, err);
	*out = f;
	if (rc) {
		abl_forecasts_destroy(f);
		*out = NULL;
	}
	return rc;
}

void abl_forecasts_destroy(struct abl_forecasts *f)
{
	for (size_t k = 0; f && k < ABL_KINDS_MAX; k++)
		free(f->classes[k].groups);
	if (f)
		free(f->classes), free(f->cells);
	free(f);
}

void abl_forecasts_learn(struct abl_forecasts *f, const struct abl_plan *plan, size_t stage,
			 double seconds, double cpu_seconds, double memory)
{
	const struct abl_plan_stage *s = &plan->stages[stage];
	const struct abl_past_cost took = {.cost = s->cost,
					   .seconds = seconds,
					   .cpu_seconds = cpu_seconds,
					   .memory = memory,
					   .count = 1};

	if (!f || !(seconds > 0) || !(s->cost > 0))
		return;
	add_to_class(&f->classes[abl_plan_class(s)], &took);
	if (!f->cells)
		f->cells =
			abl_calloc(f->variants * (f->tasks + 1) * ABL_KINDS_MAX, sizeof *f->cells);
	add(&f->cells[cell_at(f, s->variant, s->task, abl_plan_class(s))], &took);
}

/* By stages that are the same but for their seed; otherwise by all of the class. */
static void by_past(struct class_past *p, const struct group *cell, double cost,
		    struct abl_forecast *out)
{
	const struct group *alike = cell && cell->count > 0 ? cell : group_of(p, cost);
	const struct group *g = alike ? alike : &p->all;

	if (p->all.count > REFIT * p->fitted)
		fit(p);
	out->cpu_seconds = alike ? cost * g->cpu_seconds / g->cost : p->base + p->slope * cost;
	out->seconds = out->cpu_seconds * g->seconds / fmax(g->cpu_seconds, 1e-9);
	if (g->memory > 0 && alike)
		out->memory = g->memory;
	out->known = true;
}

void abl_forecast_stage(const struct abl_forecasts *f, const struct abl_plan *plan, size_t stage,
			struct abl_forecast *out)
{
	const struct abl_plan_stage *s = &plan->stages[stage];
	const size_t class = abl_plan_class(s);

	*out = (struct abl_forecast){.seconds = s->cost,
				     .cpu_seconds = s->cost,
				     .memory = s->kind->memory(s->config),
				     .disk = s->kind->disk(s->config)};
	if (f && f->classes[class].all.count > 0)
		by_past(&f->classes[class],
			f->cells ? &f->cells[cell_at(f, s->variant, s->task, class)] : NULL,
			s->cost, out);
}
