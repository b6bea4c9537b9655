/* SPDX-License-Identifier: Apache-2.0 */
#include "scaling_law.h"

#include "distribution.h"
#include "scaling_draws.h"
#include "stats.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

#define LEVEL .05
#define FIRST_SIMULATIONS 49 /* enough, where a floor is plainly chance */
#define PLAINLY 10

void abl_scaling_law_finish(struct abl_scaling_law *l)
{
	if (!l)
		return;
	free(l->run), free(l->size), free(l->refit);
	*l = (struct abl_scaling_law){0};
}

/* The means of the first n sizes, for fits. Weights are runs per size. */
struct points {
	double *x, *y, *weight;
	struct abl_scaling_means means;
};

static void points_finish(struct points *p)
{
	free(p->x), free(p->y), free(p->weight);
}

static void points_of(const struct abl_scaling_law *l, size_t n, struct points *p)
{
	p->x = abl_calloc(l->sizes + 1, sizeof *p->x);
	p->y = abl_calloc(l->sizes + 1, sizeof *p->y);
	p->weight = abl_calloc(l->sizes + 1, sizeof *p->weight);
	for (size_t i = 0; i < l->sizes; i++) {
		p->x[i] = l->size[i].x, p->y[i] = l->size[i].mean;
		p->weight[i] = (double)l->size[i].n * (double)l->sizes / (double)l->runs;
	}
	p->means = (struct abl_scaling_means){p->x, p->y, p->weight, n};
}

/* ---- refits ---- */

static void refit(const struct abl_scaling_law *l, const struct abl_scaling_fit *fit, size_t sizes,
		  struct abl_scaling_fit *out)
{
#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < 2 * l->refits; i++) {
		struct points p;

		points_of(l, sizes, &p);
		abl_scaling_draw(l, i < l->refits, i % l->refits, p.y);
		abl_scaling_fit(fit->model, &p.means, ABL_SCALING_DELTA, fit, &out[i]);
		points_finish(&p);
	}
}

/* The wider of the two ways to draw; NaN: neither came to something. */
static double deviation(const double *drawn, size_t refits)
{
	return fmax(abl_scaling_deviation(drawn, refits),
		    abl_scaling_deviation(drawn + refits, refits));
}

static void interval(const struct abl_scaling_law *l, double at, double *drawn, double *low,
		     double *high)
{
	double below, above, down, up;

	abl_scaling_reach(drawn, l->refits, at, l->df, &below, &above);
	abl_scaling_reach(drawn + l->refits, l->refits, at, l->df, &down, &up);
	if (down + up > below + above || isnan(below))
		below = down, above = up;
	*low = at - below, *high = at + above;
}

/* ---- how well the curves fit ---- */

static void fit_all(struct abl_scaling_law *l)
{
	struct points p;

	points_of(l, l->sizes, &p);
	for (int m = 0; m < ABL_SCALING_MODELS; m++) {
		const double n = (double)l->sizes, k = (double)abl_scaling_parameters(m) + 1;

		if (m == ABL_SCALING_BENT && n - k < 3)
			continue; /* it would go through anything */
		abl_scaling_fit(m, &p.means, ABL_SCALING_DELTA, NULL, &l->fit[m]);
		if (l->fit[m].found && n - k >= 1)
			l->bic[m] = n * log(fmax(l->fit[m].squares / n, 1e-24)) + k * log(n);
	}
	points_finish(&p);
}

/* P of the lack-of-fit F test of least squares through the first n sizes. */
static double misfit(const struct abl_scaling_law *l, enum abl_scaling_model model, size_t n)
{
	const double df = (double)n - (double)abl_scaling_parameters(model);
	struct abl_scaling_fit f;
	struct points p;
	double squares;

	if (df < 1 || !(l->spread > 0))
		return NAN;
	points_of(l, n, &p);
	abl_scaling_fit(model, &p.means, ABL_SCALING_SQUARES, NULL, &f);
	points_finish(&p);
	squares = f.squares * (double)l->runs / (double)l->sizes; /* weights are runs again */
	return f.found ? abl_scaling_f_tail(squares / df / (l->spread * l->spread), df, l->df)
		       : NAN;
}

/* Is there no smooth curve through the first n sizes? */
static bool nothing_fits(const struct abl_scaling_law *l, size_t n)
{
	static const enum abl_scaling_model smooth[] = {ABL_SCALING_FLOOR, ABL_SCALING_LOG,
							ABL_SCALING_BENT};

	if (!(misfit(l, ABL_SCALING_POWER, n) < LEVEL) ||
	    !(misfit(l, ABL_SCALING_FLOOR, n) < LEVEL))
		return false;
	for (size_t i = 1; i < sizeof smooth / sizeof *smooth; i++)
		if (misfit(l, smooth[i], n) >= LEVEL)
			return false;
	return true;
}

/* Do all means together bend upwards (1), downwards (-1) or neither (0)? The square of log x in the
 * regression of log y, whose t has as its error what that curve leaves over. */
static int bend_of(const struct abl_scaling_law *l)
{
	double w = 0, u1 = 0, u2 = 0, u3 = 0, v1 = 0, uv = 0, fall, bend, qq = 0, qv = 0, left = 0;
	const size_t last = l->sizes - 1;
	const double middle = log(l->size[0].x * l->size[last].x) / 2;

	for (size_t i = 0; i <= last; i++) {
		const double n = (double)l->size[i].n, u = log(l->size[i].x) - middle;
		const double v = log(l->size[i].mean);

		w += n, u1 += n * u, u2 += n * u * u, u3 += n * u * u * u;
		v1 += n * v, uv += n * u * v;
	}
	fall = (w * uv - u1 * v1) / (w * u2 - u1 * u1);
	bend = (w * u3 - u1 * u2) / (w * u2 - u1 * u1); /* of the line through the squares */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i <= last; i++) {
			const double n = (double)l->size[i].n, u = log(l->size[i].x) - middle;
			const double q = u * u - u2 / w - bend * (u - u1 / w);
			const double r = log(l->size[i].mean) - v1 / w - fall * (u - u1 / w);

			if (!pass)
				qq += n * q * q, qv += n * q * r;
			else
				left += n * pow(r - qv / qq * q, 2);
		}
	left = fmax(left / (double)(last - 2), l->spread * l->spread);
	if (!(fabs(qv) / sqrt(qq * left) > abl_t_critical(LEVEL, (double)(last - 2))))
		return 0;
	return qv > 0 ? 1 : -1;
}

/* How much better a floor makes the fit of least squares, as a likelihood ratio. */
static double gain_of_floor(const struct points *p, const struct abl_scaling_fit *near)
{
	struct abl_scaling_fit power, floor;

	abl_scaling_fit(ABL_SCALING_POWER, &p->means, ABL_SCALING_SQUARES, NULL, &power);
	abl_scaling_fit(ABL_SCALING_FLOOR, &p->means, ABL_SCALING_SQUARES, near, &floor);
	if (!power.found || !floor.found)
		return NAN;
	return log(fmax(power.squares, 1e-24) / fmax(floor.squares, 1e-24));
}

/* Simulations in [first, end) of the power law that a floor improves as much. */
static size_t floors_by_chance(const struct abl_scaling_law *l, const double *mean, double observed,
			       size_t first, size_t end)
{
	size_t as_good = 0;

#pragma omp parallel for schedule(static) reduction(+ : as_good)
	for (size_t i = first; i < end; i++) {
		struct points q;

		points_of(l, l->sizes, &q);
		abl_scaling_simulate(l, mean, i, q.y);
		as_good += !(gain_of_floor(&q, &l->fit[ABL_SCALING_FLOOR]) < observed);
		points_finish(&q);
	}
	return as_good;
}

/* Parametric bootstrap: the power law's own means with the noise of seeds. c = 0 lies on the edge
 * of what c can be, so that there is no chi-squared distribution to compare with. */
static double floor_by_chance(const struct abl_scaling_law *l)
{
	double observed, mean[64];
	size_t as_good;
	struct points p;

	if (l->sizes < 5 || l->sizes > sizeof mean / sizeof *mean || !(l->spread > 0))
		return NAN;
	points_of(l, l->sizes, &p);
	observed = gain_of_floor(&p, NULL);
	points_finish(&p);
	for (size_t i = 0; i < l->sizes; i++)
		mean[i] = abl_scaling_at(&l->fit[ABL_SCALING_POWER], l->size[i].x);
	as_good = floors_by_chance(l, mean, observed, 0, FIRST_SIMULATIONS);
	if (as_good >= PLAINLY)
		return (double)(as_good + 1) / (FIRST_SIMULATIONS + 1);
	as_good += floors_by_chance(l, mean, observed, FIRST_SIMULATIONS, l->refits / 2 - 1);
	return (double)(as_good + 1) / (double)(l->refits / 2);
}

/* ---- the verdict ---- */

/* Where a power law of the smaller sizes has the largest one: the interval holds the mean of as
 * many runs as there are. */
static void hold_out(struct abl_scaling_law *l)
{
	const struct abl_scaling_size *last = &l->size[l->sizes - 1];
	struct abl_scaling_fit *fits = abl_calloc(2 * l->refits, sizeof *fits), power;
	double *drawn = abl_calloc(2 * l->refits, sizeof *drawn), half;
	struct points p;

	points_of(l, l->sizes - 1, &p);
	abl_scaling_fit(ABL_SCALING_POWER, &p.means, ABL_SCALING_DELTA, NULL, &power);
	points_finish(&p);
	refit(l, &power, l->sizes - 1, fits);
	for (size_t i = 0; i < 2 * l->refits; i++)
		drawn[i] = log(abl_scaling_at(&fits[i], last->x));
	half = abl_t_critical(LEVEL, l->df) *
	       hypot(deviation(drawn, l->refits), l->spread / sqrt((double)last->n));
	l->held_seen = last->mean;
	l->held_predicted = abl_scaling_at(&power, last->x);
	l->held_low = l->held_predicted * exp(-half);
	l->held_high = l->held_predicted * exp(half);
	free(fits), free(drawn);
}

static enum abl_scaling_verdict judge(const struct abl_scaling_law *l)
{
	const struct abl_scaling_size *last = &l->size[l->sizes - 1];
	const double fall = last[-1].mean - last->mean, width = l->held_high - l->held_low;
	const bool inside = l->held_seen >= l->held_low && l->held_seen <= l->held_high;

	if (isnan(width))
		return ABL_SCALING_UNKNOWN;
	if (!inside) {
		const bool above = l->held_seen > l->held_high;

		if (bend_of(l) != (above ? 1 : -1) && nothing_fits(l, l->sizes - 1))
			return ABL_SCALING_NEITHER;
		return above ? ABL_SCALING_BENDS : ABL_SCALING_FALLS;
	}
	if (l->p_misfit[ABL_SCALING_POWER] < LEVEL && l->p_misfit[ABL_SCALING_FLOOR] < LEVEL)
		return ABL_SCALING_NEITHER;
	return width < fall / 3 ? ABL_SCALING_LAW : ABL_SCALING_UNKNOWN;
}

/* A floor must be better than chance; else the least BIC. */
static enum abl_scaling_model choose(const struct abl_scaling_law *l)
{
	enum abl_scaling_model best = ABL_SCALING_POWER;

	if (l->verdict == ABL_SCALING_LAW)
		return best;
	for (int m = 1; m < ABL_SCALING_MODELS; m++) {
		if ((m == ABL_SCALING_FLOOR || m == ABL_SCALING_BENT) && !(l->p_floor < LEVEL))
			continue;
		if (l->bic[m] < l->bic[best])
			best = (enum abl_scaling_model)m;
	}
	return best;
}

/* Sizes whose mean is farther from the curve than noise is. */
static void find_off(struct abl_scaling_law *l)
{
	const double far = l->df > 0 ? abl_t_critical(LEVEL / (double)l->sizes, l->df) : NAN;

	for (size_t i = 0; i < l->sizes; i++) {
		struct abl_scaling_size *s = &l->size[i];
		const double off = s->mean / abl_scaling_at(&l->fit[l->chosen], s->x) - 1;

		if (fabs(off) > far * l->spread / sqrt((double)s->n) + ABL_SCALING_DELTA)
			s->off = off;
	}
}

static void find_exponent(struct abl_scaling_law *l)
{
	double *drawn = abl_calloc(2 * l->refits, sizeof *drawn);

	l->refit = abl_calloc(2 * l->refits, sizeof *l->refit);
	refit(l, &l->fit[l->chosen], l->sizes, l->refit);
	for (size_t i = 0; i < 2 * l->refits; i++)
		drawn[i] = l->refit[i].found ? l->refit[i].b : NAN;
	interval(l, l->fit[l->chosen].b, drawn, &l->low, &l->high);
	free(drawn);
}

/* ---- what cannot be judged ---- */

static bool all_alike(const struct abl_scaling_law *l)
{
	for (size_t i = 1; i < l->sizes; i++)
		if (fabs(l->size[i].mean / l->size[0].mean - 1) > 1e-9)
			return false;
	return true;
}

static const char *why_not_fitted(const struct abl_scaling_law *l)
{
	static const char *const few[] = {"no size has a value",
					  "there is one size only, and 4 are needed",
					  "there are 2 sizes only, and 4 are needed",
					  "there are 3 sizes only, and 4 are needed"};

	if (l->sizes < ABL_SCALING_SIZES)
		return few[l->sizes];
	for (size_t i = 0; i < l->sizes; i++)
		if (!(l->size[i].mean > 0))
			return "at one size it is 0 in all seeds, which no power law reaches";
	return all_alike(l) ? "it is the same at every size" : NULL;
}

static const char *why_not_judged(const struct abl_scaling_law *l)
{
	if (!(l->df > 0))
		return "each size has one seed, so that noise cannot be told from law";
	return l->spread > 0 ? NULL : "there is no spread between seeds";
}

void abl_scaling_law(struct abl_scaling_law *l, const struct abl_scaling_run *run, size_t n,
		     size_t refits)
{
	*l = (struct abl_scaling_law){.refits = refits, .low = NAN, .high = NAN, .p_floor = NAN};
	l->held_predicted = l->held_low = l->held_high = l->held_seen = NAN;
	for (int m = 0; m < ABL_SCALING_MODELS; m++) {
		l->bic[m] = l->p_misfit[m] = NAN;
		l->fit[m] = (struct abl_scaling_fit){
			.model = m, .a = NAN, .b = NAN, .c = NAN, .n0 = NAN};
	}
	abl_scaling_sort(l, run, n);
	if ((l->reason = why_not_fitted(l)))
		return;
	fit_all(l);
	l->reason = why_not_judged(l);
	if (!l->reason) {
		for (int m = ABL_SCALING_POWER; m <= ABL_SCALING_FLOOR; m++)
			l->p_misfit[m] = misfit(l, (enum abl_scaling_model)m, l->sizes);
		l->p_floor = floor_by_chance(l);
		hold_out(l);
		l->verdict = judge(l);
	}
	l->chosen = choose(l);
	find_off(l);
	if (l->reason)
		return;
	find_exponent(l);
	if (l->verdict != ABL_SCALING_NEITHER && l->size[l->sizes - 1].mean >= l->size[0].mean) {
		l->verdict = ABL_SCALING_UNKNOWN;
		l->reason = "it does not fall with size";
	}
}

void abl_scaling_predict(const struct abl_scaling_law *l, double x, size_t seeds, double *value,
			 double *low, double *high)
{
	double *drawn, below, above, noise;

	*value = abl_scaling_at(&l->fit[l->chosen], x);
	*low = *high = NAN;
	if (!l->refit)
		return;
	drawn = abl_calloc(2 * l->refits, sizeof *drawn);
	for (size_t i = 0; i < 2 * l->refits; i++)
		drawn[i] = log(abl_scaling_at(&l->refit[i], x));
	interval(l, log(*value), drawn, &below, &above);
	noise = seeds ? abl_t_critical(LEVEL, l->df) * l->spread / sqrt((double)seeds) : 0;
	*low = exp(log(*value) - hypot(log(*value) - below, noise));
	*high = exp(log(*value) + hypot(above - log(*value), noise));
	free(drawn);
}
