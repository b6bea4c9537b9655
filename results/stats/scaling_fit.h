/* SPDX-License-Identifier: Apache-2.0 */
/* scaling_fit.h - curves of a loss y over a size x, fitted to means.
 *
 * The residuals are those of logarithms, the loss is Huber's with 1e-3, so that one size off the
 * line does not bend it; L-BFGS (liblbfgs) from a grid of starts, the best of which is kept. */
#ifndef ABL_SCALING_FIT_H
#define ABL_SCALING_FIT_H

#include <stdbool.h>
#include <stddef.h>

#define ABL_SCALING_DELTA 1e-3   /* of Huber's loss, on residuals of logarithms */
#define ABL_SCALING_SQUARES 1e30 /* as a delta: least squares */

enum abl_scaling_model {
	ABL_SCALING_POWER,    /* P2: a x^-b */
	ABL_SCALING_FLOOR,    /* P3: a x^-b + c */
	ABL_SCALING_LOG,      /* LG: a - b log x */
	ABL_SCALING_CONSTANT, /* K: a */
	ABL_SCALING_BENT,     /* S: c + a / (1 + x / n0)^b */
	ABL_SCALING_MODELS,
};
const char *abl_scaling_name(enum abl_scaling_model model); /* "P2" */
size_t abl_scaling_parameters(enum abl_scaling_model model);

struct abl_scaling_means { /* x, y > 0 */
	const double *x, *y;
	const double *weight; /* NULL: all alike */
	size_t n;
};

struct abl_scaling_fit {
	enum abl_scaling_model model;
	bool found;         /* else there are fewer points than parameters, or one is not finite */
	double a, b, c, n0; /* NaN: the model has none */
	double loss;        /* what was made least, per unit of delta */
	double squares;     /* weighted sum of the squared residuals of logarithms */
	double place[4];    /* where the search ended, in its own coordinates */
	double x_unit, y_unit; /* of those */
};

/* `near`: a fit of the same model to almost the same points, whose place is one of the few starts;
 * NULL: the whole grid. */
void abl_scaling_fit(enum abl_scaling_model model, const struct abl_scaling_means *means,
		     double delta, const struct abl_scaling_fit *near, struct abl_scaling_fit *out);
/* The curve at x; NaN: there is no fit, or the curve is not positive there. */
double abl_scaling_at(const struct abl_scaling_fit *fit, double x);

/* What a search wants to be least: fills the gradient. */
typedef double abl_scaling_cost(void *data, const double *place, double *gradient);
/* L-BFGS from `place`, which it moves, until a search from there gains no more than this share; the
 * cost there. */
double abl_scaling_descend(abl_scaling_cost *cost, void *data, double *place, size_t n,
			   double precision);
/* Huber's loss of a residual per unit of delta; *slope is its derivative. */
double abl_scaling_huber(double residual, double delta, double *slope);

#endif
