/* SPDX-License-Identifier: Apache-2.0 */
#include "cost.h"

#include "costs.h"
#include "run_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[ABL_COSTS] = {
	[ABL_COST_CPU_SECONDS] = "cpu_seconds",
	[ABL_COST_SECONDS] = "seconds",
	[ABL_COST_PEAK_MEMORY] = "peak_memory",
	[ABL_COST_PARAMETERS] = "parameters",
	[ABL_COST_FLOPS] = "flops",
};

const char *abl_cost_name(enum abl_cost cost)
{
	return names[cost];
}

/* Sums by variant, cost and unit, and of how many trials. */
struct reading {
	const struct abl_run_values *v;
	double *sum, *count; /* [arms][ABL_COSTS][units] */
	size_t arm;          /* the last one that was found */
};

static size_t place(const struct reading *r, size_t arm, int cost, size_t unit)
{
	return (arm * ABL_COSTS + (size_t)cost) * r->v->units + unit;
}

static bool find_arm(struct reading *r, const char *label)
{
	for (size_t i = 0; i < r->v->arms; i++) {
		const size_t at = (r->arm + i) % r->v->arms; /* they come in the same order */

		if (!strcmp(r->v->arm[at].label, label)) {
			r->arm = at;
			return true;
		}
	}
	return false;
}

static void take(void *data, const struct abl_trial_cost *c)
{
	const double cost[ABL_COSTS] = {
		[ABL_COST_CPU_SECONDS] = c->cpu_seconds,
		[ABL_COST_SECONDS] = c->seconds,
		[ABL_COST_PEAK_MEMORY] = c->peak_memory,
		[ABL_COST_PARAMETERS] = c->parameters,
		[ABL_COST_FLOPS] = c->flops,
	};
	struct reading *r = data;
	const int64_t unit = r->v->crossed ? c->seed / ABL_CROSSED_SEED : c->seed;
	size_t u = 0;

	while (u < r->v->units && r->v->unit[u] != unit)
		u++;
	if (u == r->v->units || !find_arm(r, c->variant))
		return;
	for (int i = 0; i < ABL_COSTS; i++)
		if (!isnan(cost[i])) {
			r->sum[place(r, r->arm, i, u)] += cost[i];
			r->count[place(r, r->arm, i, u)]++;
		}
}

static void describe_row(struct abl_cost_row *row, const struct reading *r, size_t arm)
{
	double *value = abl_calloc(r->v->units + 1, sizeof *value);

	row->label = abl_strdup(r->v->arm[arm].label);
	row->n = abl_run_values_of(r->v, arm, value);
	abl_stats_t(value, row->n, ABL_LEVEL, &row->quality);
	for (int i = 0; i < ABL_COSTS; i++) {
		size_t n = 0;

		for (size_t u = 0; u < r->v->units; u++) {
			const double count = r->count[place(r, arm, i, u)];

			if (count > 0)
				value[n++] = r->sum[place(r, arm, i, u)] / count;
		}
		abl_stats_t(value, n, ABL_LEVEL, &row->cost[i]);
	}
	free(value);
}

static bool is_known(const struct abl_cost_row *row, int cost)
{
	return !isnan(row->quality.estimate) && !isnan(row->cost[cost].estimate);
}

static bool beats(const struct abl_cost_table *c, const struct abl_cost_row *a,
		  const struct abl_cost_row *b, int cost)
{
	const double quality = (c->lower_is_better ? -1 : 1) *
			       (a->quality.estimate - b->quality.estimate),
		     saved = b->cost[cost].estimate - a->cost[cost].estimate;

	return quality >= 0 && saved >= 0 && (quality > 0 || saved > 0);
}

static void find_pareto(struct abl_cost_table *c, int cost)
{
	for (size_t i = 0; i < c->count; i++) {
		bool beaten = !is_known(&c->row[i], cost);

		for (size_t k = 0; k < c->count && !beaten; k++)
			beaten = is_known(&c->row[k], cost) &&
				 beats(c, &c->row[k], &c->row[i], cost);
		c->row[i].pareto[cost] = !beaten;
	}
}

static bool all_known(const struct abl_cost_table *c, enum abl_cost cost)
{
	bool any = false;

	for (size_t i = 0; i < c->count; i++) {
		if (isnan(c->row[i].quality.estimate))
			continue;
		any = true;
		if (isnan(c->row[i].cost[cost].estimate))
			return false;
	}
	return any;
}

static enum abl_cost choose_main(const struct abl_cost_table *c)
{
	static const enum abl_cost order[] = {ABL_COST_CPU_SECONDS, ABL_COST_SECONDS,
					      ABL_COST_FLOPS, ABL_COST_PARAMETERS};

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (all_known(c, order[i]))
			return order[i];
	return ABL_COST_SECONDS;
}

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static struct abl_cost_table *describe(const struct reading *r)
{
	const struct abl_run_values *v = r->v;
	struct abl_cost_table *c = abl_calloc(1, sizeof *c);

	c->study = copy(v->study);
	c->task = copy(v->task);
	c->metric = copy(v->metric);
	c->split = copy(v->split);
	c->lower_is_better = v->lower_is_better;
	c->by_pretraining = v->crossed;
	c->row = abl_calloc(v->arms + 1, sizeof *c->row);
	for (; c->count < v->arms; c->count++)
		describe_row(&c->row[c->count], r, c->count);
	for (int i = 0; i < ABL_COSTS; i++)
		find_pareto(c, i);
	c->main = choose_main(c);
	return c;
}

int abl_costs(struct abl_cost_table **out, struct abl_store *store, int64_t study, const char *task,
	      struct abl_err *err)
{
	struct abl_run_values v;
	struct reading r = {.v = &v};
	int rc = abl_run_values_read(&v, store, study, task, ABL_UNITS_INDEPENDENT, err);

	if (rc)
		return rc;
	r.sum = abl_calloc(v.arms * ABL_COSTS * v.units + 1, sizeof *r.sum);
	r.count = abl_calloc(v.arms * ABL_COSTS * v.units + 1, sizeof *r.count);
	rc = abl_read_costs(store, study, v.task, take, &r, err);
	if (!rc)
		*out = describe(&r);
	free(r.sum);
	free(r.count);
	abl_run_values_finish(&v);
	return rc;
}

void abl_cost_table_destroy(struct abl_cost_table *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->row[i].label);
	free(c->study), free(c->task), free(c->metric), free(c->split), free(c->row);
	free(c);
}
