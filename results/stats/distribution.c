/* SPDX-License-Identifier: Apache-2.0 */
#include "distribution.h"

#include <float.h>
#include <math.h>

#define PI 3.14159265358979323846
#define PANELS 8 /* of a piece of the integral below, each by Gauss-Legendre */
#define NODES 8  /* on each side of a panel's middle */

static double normal_cdf(double z)
{
	return .5 * erfc(-z / sqrt(2));
}

/* ln(Gamma(a + 1/2) / Gamma(a)). The difference of two lgamma loses digits when a is large; there
 * the series that follows from NIST DLMF 5.11.8 takes over. */
static double log_gamma_step(double a)
{
	double r = 1 / a, r2 = r * r;

	if (a < 20)
		return lgamma(a + .5) - lgamma(a);
	return .5 * log(a) -
	       r * (1. / 8 -
		    r2 * (1. / 192 - r2 * (1. / 640 - r2 * (17. / 14336 - r2 * 31. / 18432))));
}

/* ln B(a, b) */
static double log_beta(double a, double b)
{
	if (b == .5)
		return .5 * log(PI) - log_gamma_step(a);
	if (a == .5)
		return .5 * log(PI) - log_gamma_step(b);
	return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* The fraction of DLMF 8.17.22; converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
	const double tiny = DBL_MIN / DBL_EPSILON;
	double c = 1, d = 1 - (a + b) * x / (a + 1), value;

	d = 1 / (fabs(d) < tiny ? tiny : d);
	value = d;
	for (int m = 1; m < 100000; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double step = 1;

		for (int half = 0; half < 2; half++) {
			double term = half ? odd : even;

			d = 1 + term * d;
			c = 1 + term / c;
			d = 1 / (fabs(d) < tiny ? tiny : d);
			c = fabs(c) < tiny ? tiny : c;
			step = c * d;
			value *= step;
		}
		if (fabs(step - 1) < DBL_EPSILON)
			break;
	}
	return value;
}

double abl_beta_inc(double a, double b, double x, double y)
{
	double front;

	if (isnan(a) || isnan(b) || isnan(x) || isnan(y))
		return NAN;
	if (x <= 0 || y <= 0)
		return x > 0;
	front = exp(a * (x < .5 ? log(x) : log1p(-y)) + b * (y < .5 ? log(y) : log1p(-x)) -
		    log_beta(a, b));
	return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
					 : 1 - front * beta_fraction(b, a, y) / b;
}

double abl_t_two_sided(double t, double df)
{
	double square = t * t;

	if (isnan(t) || !(df > 0))
		return NAN;
	if (isinf(square))
		return 0;
	return abl_beta_inc(df / 2, .5, df / (df + square), square / (df + square));
}

double abl_t_critical(double p, double df)
{
	double low = 0, high = 1;

	if (!(p > 0 && p < 1 && df > 0))
		return NAN;
	while (abl_t_two_sided(high, df) > p)
		low = high, high *= 2;
	while (high - low > 2 * DBL_EPSILON * high) {
		double middle = low + (high - low) / 2;

		if (abl_t_two_sided(middle, df) > p)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double abl_f_upper(double f, double df1, double df2)
{
	if (isnan(f) || !(df1 > 0 && df2 > 0))
		return NAN;
	if (f <= 0 || isinf(f))
		return f <= 0;
	return abl_beta_inc(df2 / 2, df1 / 2, df2 / (df2 + df1 * f), df1 * f / (df2 + df1 * f));
}

double abl_normal_critical(double p)
{
	double low = 0, high = 40; /* erfc() is 0 from 39 on */

	if (!(p > 0 && p < 1))
		return NAN;
	while (high - low > 2 * DBL_EPSILON * high) {
		double middle = low + (high - low) / 2;

		if (erfc(middle / sqrt(2)) > p)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* The integrand of abl_t_noncentral_cdf() below over u with s = u^2, which has no corner at 0. */
static double noncentral_density(double u, double t, double df, double delta, double constant)
{
	double s = u * u;

	return u > 0 ? 2 * u * exp(constant + (df - 1) * log(s) - df * s * s / 2) *
			       normal_cdf(t * s - delta)
		     : 0;
}

static double noncentral_piece(double from, double to, double t, double df, double delta,
			       double constant)
{
	static const double node[NODES] = {
		.09501250983763744, .2816035507792589, .45801677765722737, .6178762444026438,
		.755404408355003,   .8656312023878318, .9445750230732326,  .9894009349916499};
	static const double weight[NODES] = {
		.18945061045506864, .18260341504492364, .16915651939500265,  .1495959888165767,
		.12462897125553407, .0951585116824926,  .062253523938647456, .027152459411754176};
	double half = (to - from) / (2 * PANELS), sum = 0;

	for (int panel = 0; panel < PANELS; panel++) {
		double middle = from + (2 * panel + 1) * half;

		for (int i = 0; i < NODES; i++)
			sum += weight[i] * (noncentral_density(middle - half * node[i], t, df,
							       delta, constant) +
					    noncentral_density(middle + half * node[i], t, df,
							       delta, constant));
	}
	return sum * half;
}

/* T = (Z + delta) / S with S = sqrt(chi2_df / df), so P(T <= t) is the mean of Phi(t S - delta)
 * over S, whose density is s^(df-1) exp(-df s^2 / 2) times a constant. The integral goes over +- 10
 * deviations of S, with the stretch apart in which Phi goes from 0 to 1. */
double abl_t_noncentral_cdf(double t, double df, double delta)
{
	double spread = 10 / sqrt(2 * df),
	       end[4] = {sqrt(fmax(0, 1 - spread)), 0, 0, sqrt(1 + spread)};
	double constant = log(2) + df / 2 * log(df / 2) - lgamma(df / 2), sum = 0;

	if (isnan(t) || isnan(delta) || !(df > 0))
		return NAN;
	for (int side = 0; side < 2; side++) {
		double s = t != 0 ? delta / t + (side ? 9 : -9) / fabs(t) : 0;

		end[1 + side] = fmin(fmax(sqrt(fmax(0, s)), end[0]), end[3]);
	}
	for (int i = 0; i < 3; i++)
		if (end[i + 1] > end[i])
			sum += noncentral_piece(end[i], end[i + 1], t, df, delta, constant);
	return sum;
}

/* The series of DLMF 8.7.1 below the mean, the fraction of 8.9.2 above it. */
double abl_gamma_inc(double a, double x)
{
	double front = exp(a * log(x) - x - lgamma(a)), term = 1 / a, sum = term;
	double b = x + 1 - a, c = DBL_MAX, d = 1 / b, value = d;

	if (!(a > 0) || isnan(x))
		return NAN;
	if (x <= 0 || isinf(x))
		return x > 0;
	if (x < a + 1) {
		for (double k = a + 1; term > sum * DBL_EPSILON / 4; k++)
			sum += term *= x / k;
		return front * sum;
	}
	for (int i = 1; i < 100000; i++) {
		double step = -i * (i - a);

		b += 2;
		d = 1 / (step * d + b);
		c = b + step / c;
		value *= c * d;
		if (fabs(c * d - 1) < DBL_EPSILON)
			break;
	}
	return 1 - front * value;
}

double abl_chi2_quantile(double p, double df)
{
	double low = 0, high = df;

	if (!(p > 0 && p < 1 && df > 0) || isinf(df))
		return NAN;
	while (abl_gamma_inc(df / 2, high / 2) < p)
		low = high, high *= 2;
	while (high - low > 2 * DBL_EPSILON * high) {
		double middle = low + (high - low) / 2;

		if (abl_gamma_inc(df / 2, middle / 2) < p)
			low = middle;
		else
			high = middle;
	}
	return high;
}
