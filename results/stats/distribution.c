/* SPDX-License-Identifier: Apache-2.0 */
#include "distribution.h"

#include <float.h>
#include <math.h>

#define PI 3.14159265358979323846
#define PANELS 1000 /* of Simpson's rule; the integrand below is smooth */

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

/* T = (Z + delta) / S with S = sqrt(chi2_df / df), so P(T <= t) is the mean of Phi(t S - delta)
 * over S, whose density is s^(df-1) exp(-df s^2 / 2) times a constant. Simpson's rule over +- 10
 * deviations. */
double abl_t_noncentral_cdf(double t, double df, double delta)
{
	double spread = 10 / sqrt(2 * df);
	double from = fmax(0, 1 - spread), width = (1 + spread - from) / PANELS, sum = 0;
	double constant = log(2) + df / 2 * log(df / 2) - lgamma(df / 2);

	if (isnan(t) || isnan(delta) || !(df > 0))
		return NAN;
	for (int i = 0; i <= PANELS; i++) {
		double s = from + i * width, weight = i == 0 || i == PANELS ? 1 : i % 2 ? 4 : 2;
		double density = s > 0     ? exp(constant + (df - 1) * log(s) - df * s * s / 2)
				 : df == 1 ? exp(constant)
					   : 0;

		sum += weight * density * normal_cdf(t * s - delta);
	}
	return sum * width / 3;
}
