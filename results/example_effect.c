/* SPDX-License-Identifier: Apache-2.0 */
#include "predicted_arms.h"

#include "crossed.h"
#include "distribution.h"
#include "rates.h"
#include "resample.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL .05
#define MOST_DRAWN 1e10 /* numbers that are added up while somebody waits */

struct pair {
	const struct abl_predicted_trial *x, *y;
	int64_t block; /* a pre-training; 0: none that is shared */
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
		p->fault = p->fault ? p->fault : "a run diverged, which leaves no predictions";
		return;
	}
	abl_grow(&p->item, &p->room, p->count + 1, sizeof *p->item);
	p->item[p->count++] = (struct pair){x, y,
					    y->pretraining   ? y->pretraining
					    : x->pretraining ? x->pretraining
							     : -1};
}

static bool is_first(const struct pairs *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (p->item[i].block && p->item[k].block == p->item[i].block)
			return false;
	return true;
}

static size_t count_blocks(const struct pairs *p)
{
	size_t blocks = 0;

	for (size_t i = 0; i < p->count; i++)
		blocks += is_first(p, i);
	return blocks;
}

/* The mean difference of the pairs that belong with pair i, example by example. */
static void block_mean(const struct pairs *p, size_t i, double *mean, size_t m)
{
	double count = 0;

	memset(mean, 0, m * sizeof *mean);
	for (size_t k = i; k < p->count; k++) {
		const struct pair *q = &p->item[k];

		if (k != i && (!q->block || q->block != p->item[i].block))
			continue;
		for (size_t e = 0; e < m; e++)
			mean[e] += (double)q->x->values[e] - (double)q->y->values[e];
		count++;
	}
	for (size_t e = 0; e < m; e++)
		mean[e] /= count;
}

/* d [units, m], unit[units]: the differences, averaged within each pre-training. Returns how many
 * units. */
static size_t fill_means(const struct pairs *p, float *d, int64_t *unit, size_t m)
{
	double *mean = abl_calloc(m, sizeof *mean);
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (!is_first(p, i))
			continue;
		block_mean(p, i, mean, m);
		for (size_t e = 0; e < m; e++)
			d[n * m + e] = (float)mean[e];
		unit[n++] = p->item[i].x->seed;
	}
	free(mean);
	return n;
}

/* d [pairs, m]: the differences, without what sets one pre-training apart from the others. */
static void fill_centred(const struct pairs *p, float *d, int64_t *unit, size_t m)
{
	double *mean = abl_calloc(2 * m, sizeof *mean), *all = mean + m;

	for (size_t i = 0; i < p->count; i++) {
		unit[i] = p->item[i].x->seed;
		for (size_t e = 0; e < m; e++)
			all[e] += ((double)p->item[i].x->values[e] -
				   (double)p->item[i].y->values[e]) /
				  (double)p->count;
	}
	for (size_t i = 0; i < p->count; i++) {
		if (!is_first(p, i))
			continue;
		block_mean(p, i, mean, m);
		for (size_t k = i; k < p->count; k++)
			for (size_t e = 0;
			     (k == i || p->item[k].block == p->item[i].block) && e < m; e++)
				d[k * m + e] =
					(float)((double)p->item[k].x->values[e] -
						(double)p->item[k].y->values[e] - mean[e] + all[e]);
	}
	free(mean);
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

/* Estimate, variance and the degrees of freedom to the interval. */
static void finish_interval(struct abl_example_effect *out, double variance, double df)
{
	double reach;

	out->total = sqrt(variance);
	out->df = df;
	out->p = abl_t_two_sided(out->estimate / out->total, out->df);
	reach = abl_t_critical(LEVEL, out->df) * out->total;
	out->low = out->estimate - reach;
	out->high = out->estimate + reach;
}

/* The pre-trainings have taken their own degrees of freedom from the units and the rest. */
static void correct(struct abl_example_effect *out)
{
	const double n = (double)out->n, m = (double)out->examples, df = n - (double)out->within;
	double sum, spread;

	if (isnan(out->low) || !(df > 0))
		return;
	out->ms_units *= (n - 1) / df;
	out->ms_rest *= (n - 1) / df;
	sum = out->ms_units + out->ms_examples - out->ms_rest;
	spread = pow(out->ms_units, 2) / df + pow(out->ms_examples, 2) / (m - 1) +
		 pow(out->ms_rest, 2) / (df * (m - 1));
	finish_interval(out, fmax(sum, out->ms_units) / (n * m), fmax(df, sum * sum / spread));
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
	if (out->within)
		correct(out);
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

struct abl_example_effect abl_example_effect_none(void)
{
	return nothing;
}

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

static void describe(struct abl_predicted *x, const struct pairs *p, bool within,
		     struct abl_example_effect *out)
{
	const size_t m = x->examples.count, blocks = count_blocks(p);
	float *d = abl_malloc(p->count * m * sizeof *d);
	size_t n = p->count;

	out->unit = abl_calloc(n, sizeof *out->unit);
	/* with one pre-training the answer is about that one */
	if (blocks < n && (within || blocks == 1)) {
		out->within = blocks;
		fill_centred(p, d, out->unit, m);
	} else {
		out->by_pretraining = blocks < n;
		n = fill_means(p, d, out->unit, m);
	}
	compute(x, d, n, m, out);
	free(d);
}

void abl_example_effect(struct abl_predicted *x, const struct abl_example_request *request,
			struct abl_example_effect *out)
{
	struct abl_predicted_arm *a = abl_predicted_arm_find(x, request->variant);
	struct abl_predicted_arm *b = abl_predicted_arm_find(x, request->base);
	struct pairs p = {0};

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
	if (p.count)
		describe(x, &p, request->within, out);
	abl_predicted_arm_unload(a);
	free(p.item);
}

void abl_example_effect_finish(struct abl_example_effect *e)
{
	if (!e)
		return;
	free(e->reason);
	free(e->left_out);
	free(e->unit);
	free(e->difference);
	*e = nothing;
}
