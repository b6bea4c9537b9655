/* SPDX-License-Identifier: Apache-2.0 */
#include "predicted_arms.h"

#include "crossed.h"
#include "distribution.h"
#include "rates.h"
#include "resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL .05
#define MOST_DRAWN 1e10 /* numbers that are added up while somebody waits */

struct pair {
	const struct abl_predicted_trial *x, *y;
	int64_t block; /* a pre-training, or the seed below 0 */
};

struct pairs {
	struct pair *item;
	size_t count, room;
	size_t all;        /* with those that are left out */
	const char *fault; /* of the first of these */
};

static const struct abl_predicted_trial *of_seed(const struct abl_predicted_arm *a, int64_t seed)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->trial[i].seed == seed)
			return &a->trial[i];
	return NULL;
}

static void add_pair(struct pairs *p, const struct abl_predicted_trial *x,
		     const struct abl_predicted_trial *y)
{
	if (!x->counts || !y || !y->counts)
		return;
	p->all++;
	if (!x->values || !y->values) {
		p->fault = p->fault ? p->fault : x->values ? y->fault : x->fault;
		return;
	}
	abl_grow(&p->item, &p->room, p->count + 1, sizeof *p->item);
	p->item[p->count++] = (struct pair){x, y,
					    y->pretraining   ? y->pretraining
					    : x->pretraining ? x->pretraining
							     : -1};
}

/* Seeds of one pre-training are one unit. Where there is but that one, the answer is about it, and
 * its seeds are the units. */
static size_t count_units(struct pairs *p)
{
	size_t units = 0;

	for (size_t i = 0; i < p->count; i++) {
		bool first = true;

		for (size_t k = 0; k < i; k++)
			first &= p->item[i].block < 0 || p->item[k].block != p->item[i].block;
		units += first;
	}
	if (units > 1 || p->count == units)
		return units;
	for (size_t i = 0; i < p->count; i++)
		p->item[i].block = -1;
	return p->count;
}

/* d [units, m], unit[units]: the differences, averaged within each unit. */
static void fill(const struct pairs *p, float *d, int64_t *unit, size_t m)
{
	double *sum = abl_calloc(m, sizeof *sum);
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		double count = 0;
		bool first = true;

		for (size_t k = 0; k < p->count; k++) {
			const struct pair *q = &p->item[k];

			if (k != i && (q->block < 0 || q->block != p->item[i].block))
				continue;
			first &= k >= i;
			for (size_t e = 0; first && e < m; e++)
				sum[e] += (double)q->x->values[e] - (double)q->y->values[e];
			count++;
		}
		for (size_t e = 0; e < m; e++) {
			if (first)
				d[n * m + e] = (float)(sum[e] / count);
			sum[e] = 0;
		}
		if (first)
			unit[n++] = p->item[i].x->seed;
	}
	free(sum);
}

/* One value an example: sd / sqrt(m) of the means over units. */
static double example_error(const float *d, size_t n, size_t m)
{
	double *mean = abl_calloc(m, sizeof *mean), all = 0, squares = 0;

	for (size_t s = 0; s < n; s++)
		for (size_t e = 0; e < m; e++)
			mean[e] += (double)d[s * m + e] / (double)n;
	for (size_t e = 0; e < m; e++)
		all += mean[e] / (double)m;
	for (size_t e = 0; e < m; e++)
		squares += (mean[e] - all) * (mean[e] - all);
	free(mean);
	return m > 1 ? sqrt(squares / (double)(m - 1) / (double)m) : NAN;
}

static void one_pair(struct abl_example_effect *out, const float *d, size_t m)
{
	out->gained = out->lost = 0;
	for (size_t e = 0; e < m; e++) {
		out->gained += d[e] > 0;
		out->lost += d[e] < 0;
	}
	out->mcnemar = abl_mcnemar(out->gained, out->lost);
}

void abl_predicted_resample(struct abl_predicted *x)
{
	x->resample = true;
}

static void resample(const struct abl_predicted *x, const float *d, size_t n, size_t m,
		     struct abl_example_effect *out)
{
	const double work = (double)ABL_REPLICATES * (double)n * (double)m * (double)x->count;
	struct abl_resampled r;

	if (!x->resample || work > MOST_DRAWN || (n > 1 && n < ABL_RESAMPLE_UNITS))
		return;
	abl_resample(&(struct abl_resample){.a = d,
					    .seeds = n,
					    .examples = m,
					    .width = 1,
					    .level = LEVEL,
					    .analysis = "examples",
					    .seed = 1},
		     &r);
	if (isnan(r.low))
		return;
	out->low = r.low, out->high = r.high, out->p = r.p, out->df = NAN;
	out->replicates = r.replicates;
}

static void compute(const struct abl_predicted *x, const float *d, size_t n, size_t m,
		    struct abl_example_effect *out)
{
	struct abl_crossed c;

	out->difference = abl_calloc(n, sizeof *out->difference);
	for (size_t s = 0; s < n; s++) {
		for (size_t e = 0; e < m; e++)
			out->difference[s] += (double)d[s * m + e];
		out->difference[s] /= (double)m;
	}
	abl_crossed_t(d, n, m, LEVEL, &c);
	out->n = n;
	out->examples = m;
	out->estimate = c.estimate;
	out->error = example_error(d, n, m);
	out->low = c.low, out->high = c.high, out->df = c.df, out->p = c.p, out->total = c.error;
	out->ms_units = c.ms_units, out->ms_examples = c.ms_examples, out->ms_rest = c.ms_rest;
	if (n == 1 && x->marks)
		one_pair(out, d, m);
	resample(x, d, n, m, out);
}

static const struct abl_example_effect nothing = {
	.estimate = NAN,
	.error = NAN,
	.low = NAN,
	.high = NAN,
	.df = NAN,
	.p = NAN,
	.total = NAN,
	.gained = -1,
	.lost = -1,
	.mcnemar = NAN,
	.ms_units = NAN,
	.ms_examples = NAN,
	.ms_rest = NAN,
};

static void give_reason(struct abl_example_effect *out, const struct pairs *p)
{
	struct abl_str text = {0};

	if (p->count < p->all)
		abl_str_printf(&text, "%zu of %zu pair%s: %s", p->all - p->count, p->all,
			       p->all == 1 ? "" : "s", p->fault);
	if (p->count) {
		out->left_out = text.text;
		return;
	}
	out->reason = abl_strdup(p->fault ? p->fault : "no pair of runs has finished");
	abl_str_finish(&text);
}

void abl_example_effect(struct abl_predicted *x, const char *variant, const char *base,
			struct abl_example_effect *out)
{
	struct abl_predicted_arm *a = abl_predicted_arm_find(x, variant);
	struct abl_predicted_arm *b = abl_predicted_arm_find(x, base);
	struct pairs p = {0};
	size_t n, m;
	float *d;

	*out = nothing;
	if (!a || !b || a == b) {
		out->reason = abl_strdup("there are no two variants to compare");
		return;
	}
	abl_predicted_arm_load_base(x, b);
	abl_predicted_arm_load(x, a);
	for (size_t i = 0; i < a->count; i++)
		add_pair(&p, &a->trial[i], of_seed(b, a->trial[i].seed));
	give_reason(out, &p);
	if (p.count) {
		n = count_units(&p);
		m = x->examples.count;
		d = abl_malloc(n * m * sizeof *d);
		out->unit = abl_calloc(n, sizeof *out->unit);
		out->by_pretraining = n < p.count;
		fill(&p, d, out->unit, m);
		compute(x, d, n, m, out);
		free(d);
	}
	abl_predicted_arm_unload(a);
	free(p.item);
}

void abl_example_effect_finish(struct abl_example_effect *e)
{
	free(e->reason);
	free(e->left_out);
	free(e->unit);
	free(e->difference);
	*e = nothing;
}

/* ---- over tasks ---- */

static bool unit_in(const struct abl_example_effect *e, int64_t unit, double *difference)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->unit[i] == unit) {
			*difference = e->difference[i];
			return true;
		}
	return false;
}

/* The units of the first task that the others have, and the means of their differences. */
static void common_units(const struct abl_example_effect *task, size_t tasks,
			 struct abl_example_effect *out)
{
	out->unit = abl_calloc(task[0].n + 1, sizeof *out->unit);
	out->difference = abl_calloc(task[0].n + 1, sizeof *out->difference);
	for (size_t i = 0; i < task[0].n; i++) {
		double sum = 0, difference;
		bool all = true;

		for (size_t k = 0; k < tasks && all; k++) {
			all = unit_in(&task[k], task[0].unit[i], &difference);
			sum += all ? difference : 0;
		}
		if (!all)
			continue;
		out->unit[out->n] = task[0].unit[i];
		out->difference[out->n++] = sum / (double)tasks;
	}
}

/* The seeds' part is that of the units' means; to it each task adds what its own examples do,
 * max(MSe - MSr, 0) / (n M), as in the table of one task. */
static void combine(const struct abl_example_effect *task, size_t tasks,
		    struct abl_example_effect *out)
{
	double n = (double)out->n, seeds, variance, spread, examples = 0, squares = 0, reach;

	for (size_t i = 0; i < out->n; i++)
		squares += pow(out->difference[i] - out->estimate, 2);
	seeds = squares / (n - 1) / n;
	variance = seeds;
	spread = seeds * seeds / (n - 1);
	for (size_t k = 0; k < tasks; k++) {
		const struct abl_example_effect *e = &task[k];
		double scale = 1 / ((double)e->n * (double)e->examples) / (double)(tasks * tasks);
		double m = (double)e->examples;

		examples = fmax(0, e->ms_examples - e->ms_rest) * scale;
		variance += examples;
		spread += pow(e->ms_examples * scale, 2) / (m - 1) +
			  pow(e->ms_rest * scale, 2) / ((m - 1) * ((double)e->n - 1));
	}
	if (!(variance > 0))
		return;
	out->total = sqrt(variance);
	out->df = fmax(n - 1, variance * variance / spread);
	out->p = abl_t_two_sided(out->estimate / out->total, out->df);
	reach = abl_t_critical(LEVEL, out->df) * out->total;
	out->low = out->estimate - reach;
	out->high = out->estimate + reach;
}

void abl_example_effect_over_tasks(const struct abl_example_effect *task, size_t tasks,
				   struct abl_example_effect *out)
{
	double variance = 0;

	*out = nothing;
	for (size_t k = 0; k < tasks && !out->reason; k++)
		if (task[k].reason)
			out->reason = abl_strdup(task[k].reason);
	if (out->reason || !tasks)
		return;
	common_units(task, tasks, out);
	if (!out->n) {
		out->reason = abl_strdup("no seed has predictions on every task");
		return;
	}
	out->estimate = 0;
	for (size_t i = 0; i < out->n; i++)
		out->estimate += out->difference[i] / (double)out->n;
	for (size_t k = 0; k < tasks; k++) {
		out->examples += task[k].examples;
		out->by_pretraining |= task[k].by_pretraining;
		variance += pow(task[k].error / (double)tasks, 2);
		if (task[k].left_out && !out->left_out)
			out->left_out = abl_strdup(task[k].left_out);
	}
	out->error = sqrt(variance);
	if (out->n > 1)
		combine(task, tasks, out);
}
