/* SPDX-License-Identifier: Apache-2.0 */
#include "scaling_draws.h"

#include "distribution.h"
#include "rng.h"
#include "stats.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

#define SEED 20 /* of every draw: an answer is the same each time it is asked for */
#define SAME_SIZE 1e-3
#define LEAST_SHARE .9 /* of draws that must have come to something */

static int by_size(const void *a, const void *b)
{
	const struct abl_scaling_run *r = a, *s = b;

	if (r->x != s->x)
		return r->x < s->x ? -1 : 1;
	return (r->seed > s->seed) - (r->seed < s->seed);
}

static int by_seed(const void *a, const void *b)
{
	const struct abl_scaling_run *r = a, *s = b;

	return (r->seed > s->seed) - (r->seed < s->seed);
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Runs [first, end) lie at one size: one for each seed. */
static size_t merge_seeds(struct abl_scaling_run *run, size_t n)
{
	size_t kept = 0;

	qsort(run, n, sizeof *run, by_seed);
	for (size_t i = 0, same; i < n; i += same) {
		double sum = 0;

		for (same = 0; i + same < n && run[i + same].seed == run[i].seed; same++)
			sum += run[i + same].y;
		run[kept] = run[i];
		run[kept++].y = sum / (double)same;
	}
	return kept;
}

static void add_size(struct abl_scaling_law *l, size_t first, size_t n)
{
	struct abl_scaling_size *s = &l->size[l->sizes++];
	double x = 0, y = 0;

	*s = (struct abl_scaling_size){.first = first, .n = n};
	for (size_t i = first; i < first + n; i++)
		x += log(l->run[i].x) / (double)n, y += l->run[i].y / (double)n;
	s->x = l->run[first].x == l->run[first + n - 1].x ? l->run[first].x : exp(x);
	s->mean = y;
	l->seeds = n > l->seeds ? n : l->seeds;
	l->fewest = l->fewest && l->fewest < n ? l->fewest : n;
}

/* Of logarithms, nearly: the deviation of a seed as a share of its size's mean. */
static void find_spread(struct abl_scaling_law *l)
{
	double squares = 0;

	for (size_t i = 0; i < l->sizes; i++) {
		const struct abl_scaling_size *s = &l->size[i];

		for (size_t k = s->first; k < s->first + s->n; k++)
			squares += pow(l->run[k].y / s->mean - 1, 2);
		l->df += (double)s->n - 1;
	}
	l->spread = l->df > 0 ? sqrt(squares / l->df) : NAN;
	if (l->spread < 1e-12) /* rounding */
		l->spread = 0;
}

void abl_scaling_sort(struct abl_scaling_law *l, const struct abl_scaling_run *run, size_t n)
{
	size_t used = 0, kept = 0;

	l->run = abl_calloc(n + 1, sizeof *l->run);
	l->size = abl_calloc(n + 1, sizeof *l->size);
	for (size_t i = 0; i < n; i++)
		if (isfinite(run[i].x) && isfinite(run[i].y) && run[i].x > 0 && run[i].y >= 0)
			l->run[used++] = run[i];
	l->refused = n - used;
	qsort(l->run, used, sizeof *l->run, by_size);
	for (size_t i = 0, same; i < used; i += same) {
		size_t merged;

		for (same = 0;
		     i + same < used && l->run[i + same].x <= l->run[i].x * (1 + SAME_SIZE); same++)
			l->run[kept + same] = l->run[i + same];
		merged = merge_seeds(l->run + kept, same);
		add_size(l, kept, merged);
		kept += merged;
	}
	l->runs = kept;
	find_spread(l);
}

/* ---- draws ---- */

/* The mean of n drawn values, its deviation stretched. */
static double stretched(const struct abl_scaling_size *s, double sum, size_t n)
{
	const double stretch = s->n > 1 ? sqrt((double)s->n / (double)(s->n - 1)) : 1;

	return s->mean + stretch * (sum / (double)n - s->mean);
}

/* A size with one run has no spread of its own: a run of another size stands in for it. */
static double of_one_run(const struct abl_scaling_law *l, const struct abl_scaling_size *s,
			 uint64_t key, uint64_t at)
{
	size_t left = (size_t)abl_rng_below(key, at, 1, (uint64_t)l->runs);

	for (size_t tries = 0; tries < l->sizes; tries++)
		for (size_t i = 0; i < l->sizes; i++) {
			const struct abl_scaling_size *o = &l->size[i];

			if (o->n > 1 && left < o->n) {
				const double stretch = sqrt((double)o->n / (double)(o->n - 1));

				return s->mean *
				       (1 + stretch * (l->run[o->first + left].y / o->mean - 1));
			}
			left -= o->n > 1 ? o->n : 0;
		}
	return s->mean;
}

static void draw_within(const struct abl_scaling_law *l, uint64_t key, double *y)
{
	for (size_t i = 0; i < l->sizes; i++) {
		const struct abl_scaling_size *s = &l->size[i];
		double sum = 0;

		for (size_t k = 0; k < s->n; k++)
			sum += l->run[s->first + abl_rng_below(key, i, k, s->n)].y;
		y[i] = s->n > 1 ? stretched(s, sum, s->n) : of_one_run(l, s, key, i);
	}
}

/* Every seed once, sorted. Caller frees. */
static int64_t *all_seeds(const struct abl_scaling_law *l, size_t *n)
{
	struct abl_scaling_run *run = abl_calloc(l->runs + 1, sizeof *run);
	int64_t *seed = abl_calloc(l->runs + 1, sizeof *seed);

	*n = 0;
	for (size_t i = 0; i < l->runs; i++)
		run[i] = l->run[i];
	qsort(run, l->runs, sizeof *run, by_seed);
	for (size_t i = 0; i < l->runs; i++)
		if (!i || run[i].seed != run[i - 1].seed)
			seed[(*n)++] = run[i].seed;
	free(run);
	return seed;
}

static void draw_whole(const struct abl_scaling_law *l, uint64_t key, double *y)
{
	size_t seeds, *drawn;
	int64_t *seed = all_seeds(l, &seeds);

	drawn = abl_calloc(seeds + 1, sizeof *drawn);
	for (size_t k = 0; k < seeds; k++)
		drawn[abl_rng_below(key, UINT64_MAX, k, seeds)]++;
	for (size_t i = 0; i < l->sizes; i++) {
		const struct abl_scaling_size *s = &l->size[i];
		double sum = 0;
		size_t n = 0;

		for (size_t k = s->first, at = 0; k < s->first + s->n; k++) {
			while (seed[at] != l->run[k].seed)
				at++;
			sum += (double)drawn[at] * l->run[k].y;
			n += drawn[at];
		}
		y[i] = n ? stretched(s, sum, n) : s->mean; /* none of its seeds was drawn */
	}
	free(seed), free(drawn);
}

void abl_scaling_draw(const struct abl_scaling_law *l, bool whole, uint64_t draw, double *y)
{
	const uint64_t key =
		abl_rng_derive(abl_rng_key(SEED, whole ? "scaling/seeds" : "scaling/within"), draw);

	if (whole)
		draw_whole(l, key, y);
	else
		draw_within(l, key, y);
}

void abl_scaling_simulate(const struct abl_scaling_law *l, const double *mean, uint64_t draw,
			  double *y)
{
	const uint64_t key = abl_rng_derive(abl_rng_key(SEED, "scaling/simulate"), draw);

	for (size_t i = 0; i < l->sizes; i++) {
		const double u = 1 - abl_rng_uniform(key, i, 0), v = abl_rng_uniform(key, i, 1);
		const double normal = sqrt(-2 * log(u)) * cos(2 * M_PI * v);

		y[i] = mean[i] * exp(l->spread / sqrt((double)l->size[i].n) * normal);
	}
}

/* ---- what they come to ---- */

static size_t sort_finite(double *drawn, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(drawn[i]))
			drawn[kept++] = drawn[i];
	qsort(drawn, kept, sizeof *drawn, by_value);
	return (double)kept < LEAST_SHARE * (double)n ? 0 : kept;
}

static double quantile(const double *sorted, size_t n, double share)
{
	const double at = share * (double)(n - 1);
	const size_t i = (size_t)at;

	return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

void abl_scaling_reach(double *drawn, size_t n, double at, double df, double *below, double *above)
{
	const size_t kept = sort_finite(drawn, n);
	const double stretch = df > 0 ? abl_t_critical(.05, df) / abl_t_critical(.05, 1e6) : NAN;

	*below = *above = NAN;
	if (kept < 2)
		return;
	*below = stretch * fmax(at - quantile(drawn, kept, .025), 0);
	*above = stretch * fmax(quantile(drawn, kept, .975) - at, 0);
}

double abl_scaling_deviation(const double *drawn, size_t n)
{
	double *kept = abl_calloc(n + 1, sizeof *kept), sd;
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(drawn[i]))
			kept[count++] = drawn[i];
	sd = (double)count < LEAST_SHARE * (double)n ? NAN : abl_stats_sd(kept, count);
	free(kept);
	return sd;
}

double abl_scaling_f_tail(double f, double df1, double df2)
{
	const double sum = df2 + df1 * f;

	if (!(f >= 0) || !(df1 > 0) || !(df2 > 0))
		return NAN;
	return isinf(f) ? 0 : abl_beta_inc(df2 / 2, df1 / 2, df2 / sum, df1 * f / sum);
}
