/* SPDX-License-Identifier: Apache-2.0 */
#include "forecast.h"

#include "code_copy.h"
#include "machine_rate.h"
#include "past.h"
#include "program_parts.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME 1e-6      /* costs that differ by less, of themselves, are the same */
#define MOST_WEIGHT 20 /* of stages with one cost: more of them do not say more */
#define LEAST_CPU 1e-3 /* seconds: less is not measured well */
#define SINGULAR 1e-3
#define MOST_BASE .05 /* seconds that beginning and ending a stage takes at most */
#define OF_LEAST .7   /* of what the smallest stage takes, so much is that */
#define SIBLINGS 1.5  /* costs that differ by less are of one size */
#define MOST_OFF 5.0  /* shapes of small models differ by less, in what their costs say */
#define MOST_TRIED 32 /* sizes: of more, some are */
#define REFIT 1.02    /* so many more stages make a new fit */

enum { LATELY = 15, LEAST_LATELY = 5 }; /* stages of this run that say how busy the machine is */

/* Stages that are alike: of one cost, or of a study's variant and task. */
struct group {
	double count, cost, seconds, cpu_seconds; /* sums */
	double rated;                             /* sum; NaN: of some it is not known */
	double memory;                            /* the most */
	double disk, stored;                      /* sum, of so many */
};

struct line { /* cpu seconds = base + slope x */
	double base, slope;
};

struct class_past {
	struct group *groups; /* [count], each of one cost, rising */
	size_t count, capacity;
	struct group all;
	struct line by_cost;
	struct line by_rate; /* slope 0: of none it is known, or costs say more */
	double wall;         /* seconds that a processor second takes */
	double late[LATELY]; /* the same, of the last stages of this run, in a ring */
	size_t learnt;       /* how many there have been */
	double fitted;       /* of how many stages */
};

struct abl_forecasts {
	int threads;
	bool program; /* it may wait, each step and variant in its own way */
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
	g->rated += n * c->rated;
	g->seconds += n * c->seconds;
	g->cpu_seconds += n * c->cpu_seconds;
	g->memory = fmax(g->memory, c->memory); /* NaN: the other */
	if (c->disk > 0)
		g->disk += n * c->disk, g->stored += n;
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

static bool is_size_of(const struct group *g, double cost)
{
	const double own = g->cost / g->count;

	return own < cost * SIBLINGS && cost < own * SIBLINGS;
}

/* Least squares of relative errors: small stages are mostly base, and large ones mostly slope. With
 * too little to tell them apart, or where a line would go below zero, all but `base` is slope.
 * Stages as large as those of cost `without` are left out; 0: none. */
static struct line fit_line(const struct class_past *p, bool by_rate, double base, double without)
{
	double aa = 0, ac = 0, cc = 0, ay = 0, cy = 0, all_x = 0, all_y = 0, all_w = 0, det;
	struct line line;

	for (size_t i = 0; i < p->count; i++) {
		const struct group *g = &p->groups[i];
		const double n = g->count, y = fmax(g->cpu_seconds / n, LEAST_CPU), one = 1 / y,
			     x = (by_rate ? g->rated : g->cost) / n / y, w = fmin(n, MOST_WEIGHT);

		if (!(x > 0) || (without > 0 && is_size_of(g, without)))
			continue;
		aa += w * one * one, ac += w * one * x, cc += w * x * x;
		ay += w * one, cy += w * x;
		all_x += w * x * y, all_y += w * y, all_w += w;
	}
	if (!(all_x > 0))
		return (struct line){0};
	det = aa * cc - ac * ac;
	line.base = (ay * cc - cy * ac) / det;
	line.slope = (aa * cy - ac * ay) / det;
	if (det > SINGULAR * aa * cc && line.base >= 0 && line.slope > 0)
		return line;
	base = base * all_w < all_y ? base : 0;
	return (struct line){.base = base, .slope = (all_y - base * all_w) / all_x};
}

/* How far from what is there are the lines that know only the other sizes? A line through two
 * sizes fits both, and says nothing of a third. */
static double error_of(const struct class_past *p, bool by_rate, double base)
{
	const size_t apart = 1 + p->count / MOST_TRIED;
	double sum = 0, count = 0;

	for (size_t i = 0; i < p->count; i += apart) {
		const struct group *g = &p->groups[i];
		const double n = g->count, y = fmax(g->cpu_seconds / n, LEAST_CPU),
			     x = (by_rate ? g->rated : g->cost) / n, w = fmin(n, MOST_WEIGHT);
		struct line line;

		if (!(g->rated > 0)) /* so that both are judged by the same */
			continue;
		line = fit_line(p, by_rate, base, g->cost / n);
		if (!(line.slope > 0))
			continue;
		sum += w * pow(log((line.base + line.slope * x) / y), 2);
		count += w;
	}
	return count > 0 ? sum / count : 0;
}

/* What beginning and ending a stage takes, by the smallest ones of all classes. */
static double base_of(const struct abl_forecasts *f)
{
	double least = MOST_BASE / OF_LEAST;

	for (size_t k = 0; k < ABL_KINDS_MAX; k++)
		for (size_t i = 0; i < f->classes[k].count; i++)
			least = fmin(least, f->classes[k].groups[i].cpu_seconds /
						    f->classes[k].groups[i].count);
	return OF_LEAST * least;
}

struct wall {
	double ratio, cpu_seconds;
};

static int by_ratio(const void *a, const void *b)
{
	const struct wall *x = a, *y = b;

	return (x->ratio > y->ratio) - (x->ratio < y->ratio);
}

/* Half of the processor seconds have taken less: a stage that somebody has stopped for an hour says
 * nothing about the others. */
static double wall_of(const struct class_past *p)
{
	struct wall *walls = abl_calloc(p->count + 1, sizeof *walls);
	double sum = 0, ratio;
	size_t i = 0;

	for (size_t k = 0; k < p->count; k++) {
		const double cpu = fmax(p->groups[k].cpu_seconds, 1e-9);

		walls[k] = (struct wall){p->groups[k].seconds / cpu, cpu};
	}
	qsort(walls, p->count, sizeof *walls, by_ratio);
	while (i + 1 < p->count && (sum += walls[i].cpu_seconds) < p->all.cpu_seconds / 2)
		i++;
	ratio = walls[i].ratio;
	free(walls);
	return ratio;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Other nights were busier, or less so: this run's own stages say it, once there are some. Their
 * median, for the reason above. */
static double wall_now(const struct class_past *p)
{
	const size_t n = p->learnt < LATELY ? p->learnt : LATELY;
	double late[LATELY];

	if (n < LEAST_LATELY)
		return p->wall;
	memcpy(late, p->late, n * sizeof *late);
	qsort(late, n, sizeof *late, by_value);
	return (late[(n - 1) / 2] + late[n / 2]) / 2;
}

static void fit(const struct abl_forecasts *f, struct class_past *p)
{
	const double base = base_of(f);

	p->wall = wall_of(p);
	p->by_cost = fit_line(p, false, base, 0);
	p->by_rate = fit_line(p, true, base, 0);
	p->fitted = p->all.count;
	if (p->by_rate.slope > 0 && error_of(p, true, base) > error_of(p, false, base))
		p->by_rate = (struct line){0};
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

static void hear_cell(void *data, const struct abl_past_cost *c)
{
	struct reading *r = data;
	struct abl_forecasts *f = r->f;
	const size_t class = class_named(r->plan, c->kind);
	const size_t variant = abl_plan_variant(r->plan, c->variant, r->variant),
		     task = abl_plan_task(r->plan, c->task);

	if (class == ABL_KINDS_MAX)
		return;
	if (r->plan->program) /* of what another variant does, too, something is known */
		add_to_class(&f->classes[class], c);
	if (variant == ABL_NONE || task == ABL_NONE)
		return;
	r->variant = variant;
	if (!f->cells)
		f->cells =
			abl_calloc(f->variants * (f->tasks + 1) * ABL_KINDS_MAX, sizeof *f->cells);
	add(&f->cells[cell_at(f, variant, task, class)], c);
	add(&f->cells[cell_at(f, variant, ABL_NONE, class)], c);
}

/* Of the steps of a program: what has the same code takes the same, in whatever study it is. */
static void list_codes(const struct abl_plan_program *program, struct abl_str *out)
{
	char name[ABL_HASH_TEXT];

	for (size_t i = 0; program && i < program->count; i++)
		if (program->part[i].code.code.count)
			abl_str_printf(out, "%s%s\n", out->length ? "" : "\n",
				       abl_code_copy_name(&program->part[i].code, name));
}

int abl_forecasts_load(struct abl_forecasts **out, struct abl_store *store,
		       const struct abl_plan *plan, int threads, struct abl_err *err)
{
	struct abl_forecasts *f = abl_calloc(1, sizeof *f);
	struct reading r = {.f = f, .plan = plan};
	struct abl_str codes = {0};
	int rc = 0;

	list_codes(plan->program, &codes);
	f->classes = abl_calloc(ABL_KINDS_MAX, sizeof *f->classes);
	f->threads = threads > 0 ? threads : 1;
	f->program = plan->program != NULL;
	f->variants = plan->study->variant_count;
	f->tasks = plan->study->task_count;
	if (store)
		rc = abl_read_past_costs(store, hear_class, &r, err);
	if (store && !rc)
		rc = abl_read_study_costs(store, plan->study->name,
					  codes.length ? codes.text : NULL, hear_cell, &r, err);
	abl_str_finish(&codes);
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
					   .rated = s->rated > 0 ? s->rated : NAN,
					   .seconds = seconds,
					   .cpu_seconds = cpu_seconds,
					   .memory = memory,
					   .disk = NAN,
					   .count = 1};

	struct class_past *p;

	if (!f || !(seconds > 0) || !(s->cost > 0))
		return;
	p = &f->classes[abl_plan_class(s)];
	add_to_class(p, &took);
	p->late[p->learnt++ % LATELY] = seconds / fmax(cpu_seconds, LEAST_CPU);
	if (!f->cells)
		f->cells =
			abl_calloc(f->variants * (f->tasks + 1) * ABL_KINDS_MAX, sizeof *f->cells);
	add(&f->cells[cell_at(f, s->variant, s->task, abl_plan_class(s))], &took);
}

/* By stages that are the same but for their seed; otherwise by all of the class. */
static void by_past(const struct abl_forecasts *f, struct class_past *p, const struct group *cell,
		    double cost, double rated, struct abl_forecast *out)
{
	const struct group *alike = cell && cell->count > 0 ? cell : group_of(p, cost);
	const struct group *g = alike ? alike : &p->all;
	double by_cost;

	if (p->all.count > REFIT * p->fitted)
		fit(f, p);
	by_cost = p->by_cost.base + p->by_cost.slope * cost;
	if (alike)
		out->cpu_seconds = cost * g->cpu_seconds / g->cost;
	else if (rated > 0 && p->by_rate.slope > 0)
		/* a rate that was measured badly, then or now, is held by the cost */
		out->cpu_seconds =
			fmin(fmax(p->by_rate.base + p->by_rate.slope * rated, by_cost / MOST_OFF),
			     by_cost * MOST_OFF);
	else
		out->cpu_seconds = by_cost;
	out->seconds = out->cpu_seconds *
		       (f->program ? g->seconds / fmax(g->cpu_seconds, 1e-9) : wall_now(p));
	if (g->memory > 0 && alike)
		out->memory = g->memory;
	if (g->stored > 0 && (alike || !(out->disk > 0)))
		out->disk = g->disk / g->stored;
	out->known = true;
}

/* Processor seconds by the rate of this machine; 0: it is not measured. */
static double rated(const struct abl_forecasts *f, const struct abl_plan_stage *s)
{
	return s->rated > 0 ? s->rated : abl_machine_rate_seconds(s, f->threads);
}

static const struct group *cell_of(const struct abl_forecasts *f, const struct abl_plan_stage *s)
{
	return f->cells ? &f->cells[cell_at(f, s->variant, s->task, abl_plan_class(s))] : NULL;
}

void abl_forecast_stage(const struct abl_forecasts *f, const struct abl_plan *plan, size_t stage,
			struct abl_forecast *out)
{
	const struct abl_plan_stage *s = &plan->stages[stage];
	const size_t class = abl_plan_class(s);
	double by_rate;

	*out = (struct abl_forecast){.seconds = s->cost,
				     .cpu_seconds = s->cost,
				     .memory = s->kind->memory(s->config),
				     .disk = s->kind->disk(s->config)};
	if (!f)
		return;
	by_rate = rated(f, s);
	if (f->classes[class].all.count > 0) {
		by_past(f, &f->classes[class], cell_of(f, s), s->cost, by_rate, out);
	} else if (by_rate > 0) {
		out->cpu_seconds = by_rate;
		out->seconds = by_rate / f->threads;
	}
}

void abl_forecasts_rate(const struct abl_forecasts *f, struct abl_plan *plan)
{
	bool *new = abl_calloc(plan->stage_count + 1, sizeof *new);

	for (size_t i = 0; i < plan->stage_count; i++) {
		const struct abl_plan_stage *s = &plan->stages[i];
		const struct group *cell = cell_of(f, s);

		new[i] = !(cell && cell->count > 0) &&
			 !group_of(&f->classes[abl_plan_class(s)], s->cost);
	}
	abl_machine_rate_measure(plan, new, f->threads);
	for (size_t i = 0; i < plan->stage_count; i++)
		if (new[i])
			plan->stages[i].rated =
				abl_machine_rate_seconds(&plan->stages[i], f->threads);
	free(new);
}
