/* SPDX-License-Identifier: Apache-2.0 */
#include "scaling_two.h"

#include "rng.h"
#include "distribution.h"
#include "scaling_draws.h"
#include "scaling_fit.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS 5 /* log E, log A, alpha, log B, beta */
#define LEAST_POINTS 6
#define LEAST_VALUES 3 /* of each size */
#define SAME_SIZE 1e-3
#define FOLLOWED 12

struct point {
	double n, d, mean, squares;
	size_t first, count; /* of its runs */
};

struct search {
	const double *u, *w, *v, *weight; /* logarithms of N, D, y */
	size_t points;
	double delta; /* of Huber's loss */
};

static double cost(void *data, const double *p, double *gradient)
{
	const struct search *s = data;
	double sum = 0, bend;

	memset(gradient, 0, PARAMETERS * sizeof *gradient);
	for (size_t i = 0; i < s->points; i++) {
		const double term[] = {p[0], p[1] - p[2] * s->u[i], p[3] - p[4] * s->w[i]};
		const double top = fmax(fmax(term[0], term[1]), term[2]);
		const double e = exp(term[0] - top), a = exp(term[1] - top), b = exp(term[2] - top);
		const double all = e + a + b, r = top + log(all) - s->v[i];

		if (!isfinite(r))
			return 1e12;
		sum += s->weight[i] * abl_scaling_huber(r, s->delta, &bend);
		bend *= s->weight[i] / all;
		gradient[0] += bend * e;
		gradient[1] += bend * a, gradient[2] -= bend * a * s->u[i];
		gradient[3] += bend * b, gradient[4] -= bend * b * s->w[i];
	}
	return sum;
}

/* From the place of a near fit, by losses with ever sharper kinks: a search with the last alone
 * would stay where it begins. */
static double find_near(struct search s, const double *near, double *place)
{
	static const double deltas[] = {1e-2, 3e-3};

	memcpy(place, near, PARAMETERS * sizeof *place);
	for (size_t i = 0; i < sizeof deltas / sizeof *deltas; i++) {
		s.delta = deltas[i];
		abl_scaling_descend(cost, &s, place, PARAMETERS, 1e-4);
	}
	s.delta = ABL_SCALING_DELTA;
	return abl_scaling_descend(cost, &s, place, PARAMETERS, 1e-6);
}

/* From the best of a grid. */
static double find(const struct search *s, double *place)
{
	static const double shares[] = {-2.5, -.7, -.1}, terms[] = {-2.5, -1, 0},
			    falls[] = {.1, .3, .6};
	double grid[243][PARAMETERS], value[243], unused[PARAMETERS], best = INFINITY;
	size_t n = 0;

	for (size_t i = 0; i < 243; i++, n++) {
		const double start[] = {shares[i % 3], terms[i / 3 % 3], falls[i / 9 % 3],
					terms[i / 27 % 3], falls[i / 81]};

		memcpy(grid[n], start, sizeof start);
		value[n] = cost((void *)(uintptr_t)s, start, unused);
	}
	for (size_t k = 0; k < FOLLOWED; k++) {
		size_t at = 0;
		double loss;

		for (size_t i = 1; i < n; i++)
			at = value[i] < value[at] ? i : at;
		value[at] = INFINITY;
		loss = abl_scaling_descend(cost, (void *)(uintptr_t)s, grid[at], PARAMETERS, 1e-12);
		if (loss < best)
			best = loss, memcpy(place, grid[at], sizeof grid[at]);
	}
	return best;
}

/* ---- points ---- */

/* To a tenth of a percent. */
static int order(double x, double y)
{
	const double a = round(log(x) / SAME_SIZE), b = round(log(y) / SAME_SIZE);

	return (a > b) - (a < b);
}

static int by_point(const void *a, const void *b)
{
	const struct abl_scaling_run_two *r = a, *s = b;
	int o = order(r->n, s->n);

	o = o ? o : order(r->d, s->d);
	return o ? o : (r->seed > s->seed) - (r->seed < s->seed);
}

static size_t different(const struct point *p, size_t n, bool texts)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < i && order(texts ? p[k].d : p[k].n, texts ? p[i].d : p[i].n))
			k++;
		count += k == i;
	}
	return count;
}

static size_t make_points(struct abl_scaling_two *o, const struct abl_scaling_run_two *run,
			  size_t n, struct point *p)
{
	size_t points = 0;

	for (size_t i = 0, count; i < n; i += count) {
		struct point *at = &p[points++];

		*at = (struct point){.n = run[i].n, .d = run[i].d, .first = i};
		for (count = 0; i + count < n && !order(run[i].n, run[i + count].n) &&
				!order(run[i].d, run[i + count].d);
		     count++)
			at->mean += run[i + count].y;
		at->mean /= (double)count, at->count = count;
		o->seeds = count > o->seeds ? count : o->seeds;
		o->fewest = o->fewest && o->fewest < count ? o->fewest : count;
	}
	o->points = points;
	o->sizes = different(p, points, false), o->texts = different(p, points, true);
	return points;
}

/* ---- the fit, and refits ---- */

struct work {
	const struct abl_scaling_run_two *run;
	const struct point *point;
	size_t points;
	double *u, *w, *weight;
	double n_unit, d_unit, y_unit;
};

/* A mean of the point's runs drawn again, its deviation stretched as in scaling_draws.h. */
static double drawn_mean(const struct work *w, const struct point *p, uint64_t key, size_t at)
{
	double sum = 0;

	for (size_t k = 0; k < p->count; k++)
		sum += w->run[p->first + abl_rng_below(key, at, k, p->count)].y;
	if (p->count < 2)
		return p->mean;
	return p->mean +
	       sqrt((double)p->count / (double)(p->count - 1)) * (sum / (double)p->count - p->mean);
}

static void refit(const struct work *w, const double *place, double *alpha, double *beta)
{
#pragma omp parallel for schedule(static)
	for (size_t r = 0; r < ABL_SCALING_REFITS; r++) {
		const uint64_t key = abl_rng_derive(abl_rng_key(20, "scaling/two"), r);
		double *v = abl_calloc(w->points, sizeof *v), found[PARAMETERS];
		const struct search s = {w->u, w->w, v, w->weight, w->points, ABL_SCALING_DELTA};

		for (size_t i = 0; i < w->points; i++)
			v[i] = log(drawn_mean(w, &w->point[i], key, i) / w->y_unit);
		alpha[r] = beta[r] = NAN;
		if (find_near(s, place, found) < 1e11)
			alpha[r] = found[2], beta[r] = found[4];
		free(v);
	}
}

/* By quantiles of the draws or by their deviation, whichever reaches farther: kinks of the loss
 * pull the one fit about more than the draws' middle, and the quantiles alone miss too often. */
static void reach(double *drawn, double at, double df, double *low, double *high)
{
	const double half =
		abl_t_critical(.05, df) * abl_scaling_deviation(drawn, ABL_SCALING_REFITS);
	double below, above;

	abl_scaling_reach(drawn, ABL_SCALING_REFITS, at, df, &below, &above);
	*low = at - fmax(below, half), *high = at + fmax(above, half);
}

static void find_intervals(struct abl_scaling_two *o, const struct work *w, const double *place,
			   size_t runs)
{
	double *alpha = abl_calloc(2 * ABL_SCALING_REFITS, sizeof *alpha);
	double *beta = alpha + ABL_SCALING_REFITS;
	const double df = (double)(runs - w->points);

	if (df > 0) {
		refit(w, place, alpha, beta);
		reach(alpha, o->alpha, df, &o->alpha_low, &o->alpha_high);
		reach(beta, o->beta, df, &o->beta_low, &o->beta_high);
	}
	free(alpha);
}

static void fit(struct abl_scaling_two *o, const struct abl_scaling_run_two *run, size_t runs,
		const struct point *p)
{
	double *v = abl_calloc(4 * o->points, sizeof *v), place[PARAMETERS] = {0};
	struct work w = {run, p, o->points, v + o->points, v + 2 * o->points, v + 3 * o->points};
	const struct search s = {w.u, w.w, v, w.weight, o->points, ABL_SCALING_DELTA};
	double logs[3] = {0};

	for (size_t i = 0; i < o->points; i++)
		logs[0] += log(p[i].n) / (double)o->points,
			logs[1] += log(p[i].d) / (double)o->points,
			logs[2] += log(p[i].mean) / (double)o->points;
	w.y_unit = exp(logs[2]);
	for (size_t i = 0; i < o->points; i++) {
		w.u[i] = log(p[i].n) - logs[0], w.w[i] = log(p[i].d) - logs[1];
		v[i] = log(p[i].mean) - logs[2];
		w.weight[i] = (double)p[i].count * (double)o->points / (double)runs;
	}
	o->loss = find(&s, place);
	o->e = exp(place[0] + logs[2]);
	o->alpha = place[2], o->a = exp(place[1] + place[2] * logs[0] + logs[2]);
	o->beta = place[4], o->b = exp(place[3] + place[4] * logs[1] + logs[2]);
	find_intervals(o, &w, place, runs);
	free(v);
}

/* Do logarithms of both lie on one line, all but a little? */
static bool grow_together(const struct point *p, size_t points)
{
	double n = 0, d = 0, nn = 0, dd = 0, nd = 0;

	for (size_t i = 0; i < points; i++)
		n += log(p[i].n) / (double)points, d += log(p[i].d) / (double)points;
	for (size_t i = 0; i < points; i++) {
		const double u = log(p[i].n) - n, v = log(p[i].d) - d;

		nn += u * u, dd += v * v, nd += u * v;
	}
	return nd * nd > .98 * nn * dd;
}

void abl_scaling_two(struct abl_scaling_two *o, const struct abl_scaling_run_two *run, size_t n)
{
	struct abl_scaling_run_two *kept = abl_calloc(n + 1, sizeof *kept);
	struct point *p = abl_calloc(n + 1, sizeof *p);
	size_t runs = 0;

	*o = (struct abl_scaling_two){
		.e = NAN, .a = NAN, .alpha = NAN, .b = NAN, .beta = NAN, .loss = NAN};
	o->alpha_low = o->alpha_high = o->beta_low = o->beta_high = NAN;
	for (size_t i = 0; i < n; i++)
		if (isfinite(run[i].y) && run[i].y > 0 && isfinite(run[i].n) && run[i].n > 0 &&
		    isfinite(run[i].d) && run[i].d > 0)
			kept[runs++] = run[i];
	qsort(kept, runs, sizeof *kept, by_point);
	make_points(o, kept, runs, p);
	if (o->points < LEAST_POINTS || o->sizes < LEAST_VALUES || o->texts < 2)
		o->reason =
			"parameters and words together need 6 points, 3 sizes of the model and 2 "
			"of the text";
	else if (grow_together(p, o->points))
		o->reason = "parameters and words grow together, so that what each brings cannot "
			    "be told";
	else
		fit(o, kept, runs, p);
	free(kept), free(p);
}
