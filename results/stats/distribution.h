/* SPDX-License-Identifier: Apache-2.0 */
/* distribution.h - Student's t, central and noncentral, and chi-square. The central t
 * is accurate to 1e-12 relative, also in the tails, up to 10,000 degrees of freedom (beyond, the
 * rounding of the argument grows with them); the noncentral one to 1e-9 absolute. */
#ifndef ABL_DISTRIBUTION_H
#define ABL_DISTRIBUTION_H

/* Regularised incomplete beta function I_x(a, b), y = 1 - x given apart so that neither end loses
 * digits. Continued fraction of NIST DLMF 8.17.22, evaluated by Lentz's method in the form of
 * Thompson and Barnett (1986, J. Comput. Phys. 64). a, b > 0; x, y in [0, 1]. */
double abl_beta_inc(double a, double b, double x, double y);

/* P(|T| >= |t|) with df > 0 degrees of freedom; 0 for an infinite t, NaN for NaN. */
double abl_t_two_sided(double t, double df);
/* t such that P(|T| >= t) = p, 0 < p < 1: the critical value of a two-sided test at level p. */
double abl_t_critical(double p, double df);
/* P(T <= t) of the noncentral t distribution with noncentrality delta. */
double abl_t_noncentral_cdf(double t, double df, double delta);

/* z such that P(|Z| >= z) = p, 0 < p < 1, Z standard normal. */
double abl_normal_critical(double p);

/* P(F >= f) with df1 and df2 degrees of freedom. */
double abl_f_upper(double f, double df1, double df2);

/* Regularised lower incomplete gamma function P(a, x), a > 0. */
double abl_gamma_inc(double a, double x);
/* x such that P(X <= x) = p, 0 < p < 1, X chi-square with df > 0 degrees of freedom. */
double abl_chi2_quantile(double p, double df);

#endif
