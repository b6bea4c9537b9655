/* SPDX-License-Identifier: Apache-2.0 */
#include "scaling_fit.h"

#include "str.h"

#include <lbfgs.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PARAMETERS 4
#define LEAST_LOG (-40.0) /* below, a term adds nothing: its gradient would vanish anyway */

static const struct {
	const char *name;
	size_t parameters;
} models[ABL_SCALING_MODELS] = {
	[ABL_SCALING_POWER] = {"P2", 2}, [ABL_SCALING_FLOOR] = {"P3", 3},
	[ABL_SCALING_LOG] = {"LG", 2},   [ABL_SCALING_CONSTANT] = {"K", 1},
	[ABL_SCALING_BENT] = {"S", 4},
};

const char *abl_scaling_name(enum abl_scaling_model model)
{
	return models[model].name;
}

size_t abl_scaling_parameters(enum abl_scaling_model model)
{
	return models[model].parameters;
}

/* ---- the curves, in coordinates of order one: u = log(x / x_unit), log(y / y_unit) ---- */

/* The logarithm of the curve at u, and its derivatives. NaN: it is not positive there. */
typedef double curve(const double *p, double u, double *slope);

static double power_curve(const double *p, double u, double *slope)
{
	slope[0] = 1, slope[1] = -u;
	return p[0] - p[1] * u;
}

/* log(exp(s) + exp(t)) and the shares of the two. */
static double add_logs(double s, double t, double *share_s, double *share_t)
{
	const double top = fmax(s, t), sum = exp(s - top) + exp(t - top);

	*share_s = exp(s - top) / sum;
	*share_t = exp(t - top) / sum;
	return top + log(sum);
}

static double floor_curve(const double *p, double u, double *slope)
{
	double share, rest;
	const double y = add_logs(p[0] - p[1] * u, p[2], &share, &rest);

	slope[0] = share, slope[1] = -share * u, slope[2] = rest;
	return y;
}

static double log_curve(const double *p, double u, double *slope)
{
	const double y = p[0] - p[1] * u;

	slope[0] = 1 / y, slope[1] = -u / y;
	return y > 0 ? log(y) : NAN;
}

static double constant_curve(const double *p, double u, double *slope)
{
	(void)u;
	slope[0] = 1;
	return p[0];
}

static double bent_curve(const double *p, double u, double *slope)
{
	double one, past, share, rest;
	const double log_sum = add_logs(0, u - p[3], &one, &past);
	const double y = add_logs(p[0] - p[1] * log_sum, p[2], &share, &rest);

	slope[0] = share, slope[1] = -share * log_sum, slope[2] = rest;
	slope[3] = share * p[1] * past;
	return y;
}

static curve *const curves[ABL_SCALING_MODELS] = {
	[ABL_SCALING_POWER] = power_curve, [ABL_SCALING_FLOOR] = floor_curve,
	[ABL_SCALING_LOG] = log_curve,     [ABL_SCALING_CONSTANT] = constant_curve,
	[ABL_SCALING_BENT] = bent_curve,
};

double abl_scaling_huber(double residual, double delta, double *slope)
{
	const double unit = fmin(delta, ABL_SCALING_DELTA); /* squares have no unit of their own */

	if (fabs(residual) <= delta) {
		*slope = residual / unit;
		return residual * residual / (2 * unit);
	}
	*slope = residual > 0 ? 1 : -1;
	return fabs(residual) - delta / 2;
}

/* ---- the search ---- */

struct search {
	enum abl_scaling_model model;
	const struct abl_scaling_means *means;
	double delta, x_unit, y_unit;
	double *u, *v; /* [n] logarithms of x and y in these units */
};

static double weight_of(const struct abl_scaling_means *m, size_t i)
{
	return m->weight ? m->weight[i] : 1;
}

static double cost(void *data, const double *p, double *gradient)
{
	const struct search *s = data;
	const size_t n = models[s->model].parameters;
	double sum = 0, slope[MOST_PARAMETERS], bend;

	memset(gradient, 0, n * sizeof *gradient);
	for (size_t i = 0; i < s->means->n; i++) {
		const double y = curves[s->model](p, s->u[i], slope);
		const double r = y - s->v[i];
		const double w = weight_of(s->means, i);

		if (!isfinite(r))
			return 1e12; /* the line search turns back */
		sum += w * abl_scaling_huber(r, s->delta, &bend);
		for (size_t k = 0; k < n; k++)
			gradient[k] += w * bend * slope[k];
	}
	return sum;
}

struct descent {
	abl_scaling_cost *cost;
	void *data;
};

static lbfgsfloatval_t evaluate(void *data, const lbfgsfloatval_t *x, lbfgsfloatval_t *g,
				const int n, const lbfgsfloatval_t step)
{
	const struct descent *d = data;

	(void)n, (void)step;
	return d->cost(d->data, x, g);
}

double abl_scaling_descend(abl_scaling_cost *f, void *data, double *place, size_t n,
			   double precision)
{
	struct descent d = {f, data};
	double gradient[8], least, value;
	lbfgs_parameter_t how;
	double *x = lbfgs_malloc((int)n); /* aligned as it wants */

	lbfgs_parameter_init(&how);
	how.m = 8;
	how.epsilon = 1e-9;
	how.max_iterations = 500;
	how.linesearch = LBFGS_LINESEARCH_BACKTRACKING_ARMIJO;
	how.max_linesearch = 40;
	least = f(data, place, gradient);
	/* Where the loss has kinks of 1e-3 a search may stop short: it begins again, with a new
	 * notion of the curvature, until that brings nothing. */
	for (int again = 0; again < 8; again++) {
		double gain;

		memcpy(x, place, n * sizeof *x);
		lbfgs((int)n, x, &value, evaluate, NULL, &d, &how);
		value = f(data, x, gradient);
		if (!(value < least))
			break;
		memcpy(place, x, n * sizeof *x);
		gain = least - value;
		least = value;
		if (gain <= precision * fabs(least))
			break;
	}
	least = f(data, place, gradient);
	lbfgs_free(x);
	return least;
}

/* ---- where it begins ---- */

/* The line through log(y - c) over u by least squares: intercept and fall. */
static void line_through(const struct search *s, double c, double *at, double *fall)
{
	double w = 0, u1 = 0, v1 = 0, uu = 0, uv = 0;

	for (size_t i = 0; i < s->means->n; i++) {
		const double u = s->u[i];
		const double v = log(fmax(exp(s->v[i]) - c, 1e-9));

		w += 1, u1 += u, v1 += v, uu += u * u, uv += u * v;
	}
	*fall = w * uu - u1 * u1 > 0 ? -(w * uv - u1 * v1) / (w * uu - u1 * u1) : 0;
	*at = (v1 + *fall * u1) / w;
}

static double least_y(const struct search *s)
{
	double y = INFINITY;

	for (size_t i = 0; i < s->means->n; i++)
		y = fmin(y, exp(s->v[i]));
	return y;
}

#define STARTS_MOST 128

/* Floors as shares of the least mean, each with the exponent that fits then and with others. */
static size_t floor_starts(const struct search *s, double (*p)[MOST_PARAMETERS])
{
	static const double shares[] = {.001, .2, .4, .6, .8, .9, .97},
			    falls[] = {0, .1, .3, .6, 1};
	const double least = least_y(s);
	size_t n = 0;

	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		for (size_t k = 0; k < sizeof falls / sizeof *falls; k++, n++) {
			line_through(s, shares[i] * least, &p[n][0], &p[n][1]);
			p[n][1] = k ? falls[k] : p[n][1];
			p[n][2] = log(shares[i] * least);
			p[n][3] = 0;
		}
	return n;
}

static size_t bent_starts(const struct search *s, double (*p)[MOST_PARAMETERS])
{
	static const double bends[] = {-2, 0, 2};
	double floors[STARTS_MOST][MOST_PARAMETERS];
	const size_t count = floor_starts(s, floors);
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sizeof bends / sizeof *bends; k++, n++) {
			memcpy(p[n], floors[i], sizeof p[n]);
			p[n][3] = bends[k];
		}
	return n;
}

static size_t starts(const struct search *s, double (*p)[MOST_PARAMETERS])
{
	double mean = 0;

	if (s->model == ABL_SCALING_FLOOR)
		return floor_starts(s, p);
	if (s->model == ABL_SCALING_BENT)
		return bent_starts(s, p);
	line_through(s, 0, &p[0][0], &p[0][1]);
	for (size_t i = 0; i < s->means->n; i++)
		mean += exp(s->v[i]) / (double)s->means->n;
	if (s->model == ABL_SCALING_LOG) {
		p[0][0] = mean; /* the tangent of the power law */
		p[0][1] *= mean;
		p[1][0] = mean, p[1][1] = 0;
	} else {
		p[1][0] = log(mean), p[1][1] = 0;
	}
	return 2;
}

/* ---- from the search's coordinates and back ---- */

static void translate(struct abl_scaling_fit *f)
{
	const double x0 = log(f->x_unit), y0 = log(f->y_unit), *p = f->place;

	f->a = f->b = f->c = f->n0 = NAN;
	switch (f->model) {
	case ABL_SCALING_FLOOR:
		f->c = exp(p[2] + y0);
		/* fall through */
	case ABL_SCALING_POWER:
		f->b = p[1];
		f->a = exp(p[0] + y0 + p[1] * x0);
		break;
	case ABL_SCALING_LOG:
		f->b = p[1] * f->y_unit;
		f->a = p[0] * f->y_unit + f->b * x0;
		break;
	case ABL_SCALING_BENT:
		f->a = exp(p[0] + y0), f->b = p[1], f->c = exp(p[2] + y0);
		f->n0 = exp(p[3] + x0);
		break;
	default:
		f->a = exp(p[0] + y0);
		break;
	}
}

double abl_scaling_at(const struct abl_scaling_fit *f, double x)
{
	double slope[MOST_PARAMETERS];

	if (!f->found)
		return NAN;
	return f->y_unit * exp(curves[f->model](f->place, log(x / f->x_unit), slope));
}

/* The units are those of the near fit, so that its place is one; else the means'. */
static bool prepare(struct search *s, const struct abl_scaling_fit *near)
{
	double x = 0, y = 0;

	for (size_t i = 0; i < s->means->n; i++) {
		x += log(s->means->x[i]) / (double)s->means->n;
		y += log(s->means->y[i]) / (double)s->means->n;
	}
	s->x_unit = near ? near->x_unit : exp(x);
	s->y_unit = near ? near->y_unit : exp(y);
	if (!isfinite(x) || !isfinite(y))
		return false;
	s->u = abl_calloc(s->means->n, sizeof *s->u);
	s->v = abl_calloc(s->means->n, sizeof *s->v);
	for (size_t i = 0; i < s->means->n; i++) {
		s->u[i] = log(s->means->x[i] / s->x_unit);
		s->v[i] = log(s->means->y[i] / s->y_unit);
	}
	return true;
}

static void try_start(struct search *s, double *place, double precision,
		      struct abl_scaling_fit *best)
{
	const size_t n = models[s->model].parameters;
	const double value = abl_scaling_descend(cost, s, place, n, precision);

	if (!(value < best->loss))
		return;
	memcpy(best->place, place, n * sizeof *place);
	best->loss = value;
}

/* The best few of the grid are followed to the end. */
static void search_grid(struct search *s, size_t followed, double precision,
			struct abl_scaling_fit *best)
{
	double place[STARTS_MOST][MOST_PARAMETERS] = {{0}}, value[STARTS_MOST], unused[8];
	const size_t n = followed ? starts(s, place) : 0;

	for (size_t i = 0; i < n; i++)
		value[i] = cost(s, place[i], unused);
	for (size_t k = 0; k < followed && k < n; k++) {
		size_t at = 0;

		for (size_t i = 1; i < n; i++)
			at = value[i] < value[at] ? i : at;
		value[at] = INFINITY;
		try_start(s, place[at], precision, best);
	}
}

void abl_scaling_fit(enum abl_scaling_model model, const struct abl_scaling_means *means,
		     double delta, const struct abl_scaling_fit *near, struct abl_scaling_fit *out)
{
	struct search s = {model, means, delta, 1, 1, NULL, NULL};
	const double precision = near ? 1e-6 : 1e-12;      /* one of many fits, or the one */
	const size_t followed = model != ABL_SCALING_BENT; /* beside the near one */
	double slope[MOST_PARAMETERS];

	near = near && near->found && near->model == model ? near : NULL;
	*out = (struct abl_scaling_fit){.model = model, .loss = INFINITY};
	out->a = out->b = out->c = out->n0 = NAN;
	if (means->n < models[model].parameters || !prepare(&s, near))
		return;
	out->x_unit = s.x_unit, out->y_unit = s.y_unit;
	if (near) {
		double place[MOST_PARAMETERS];

		memcpy(place, near->place, sizeof place);
		try_start(&s, place, precision, out);
	}
	search_grid(&s, near ? followed : 24, precision, out);
	if (out->place[2] < LEAST_LOG)
		out->place[2] = LEAST_LOG;
	out->found = isfinite(out->loss) && out->loss < 1e11;
	translate(out);
	for (size_t i = 0; i < means->n && out->found; i++) {
		const double r = curves[model](out->place, s.u[i], slope) - s.v[i];

		out->squares += weight_of(means, i) * r * r;
	}
	free(s.u), free(s.v);
}
