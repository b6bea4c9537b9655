/* SPDX-License-Identifier: Apache-2.0 */
/* Against SciPy and statsmodels: reference/statistics.json, made by reference/make_statistics.py.
 */
#include "distribution.h"
#include "files.h"
#include "stats.h"
#include "run_case.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 64

static json_t *reference;

static double number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	ck_assert_msg(json_is_number(value), "no number '%s'", name);
	return json_number_value(value);
}

static size_t numbers(const json_t *object, const char *name, double out[MOST])
{
	const json_t *list = json_object_get(object, name);
	size_t n = json_array_size(list);

	ck_assert(n > 0 && n <= MOST);
	for (size_t i = 0; i < n; i++)
		out[i] = json_number_value(json_array_get(list, i));
	return n;
}

static json_t *cases(const char *name)
{
	json_t *list = json_object_get(reference, name);

	ck_assert_msg(json_array_size(list) > 0, "no cases '%s'", name);
	return list;
}

static void near(double ours, double theirs, double relative, const char *what)
{
	ck_assert_msg(fabs(ours - theirs) <= relative * fabs(theirs), "%s: %.17g, not %.17g", what,
		      ours, theirs);
}

START_TEST(test_stats__t_distribution)
{
	json_t *c;
	size_t i;

	json_array_foreach(cases("tails"), i, c) near(
		abl_t_two_sided(number(c, "t"), number(c, "df")), number(c, "p"), 1e-12, "tail");
	json_array_foreach(cases("critical"), i, c)
		near(abl_t_critical(number(c, "p"), number(c, "df")), number(c, "t"), 1e-12,
		     "critical value");
	json_array_foreach(cases("noncentral"), i, c) ck_assert_double_eq_tol(
		abl_t_noncentral_cdf(number(c, "t"), number(c, "df"), number(c, "delta")),
		number(c, "p"), 1e-9);
	near(abl_beta_inc(2, 3, .25, .75), .26171875, 1e-14, "beta"); /* 67/256, by hand */
	ck_assert(abl_beta_inc(2, 3, 0, 1) == 0 && abl_beta_inc(2, 3, 1, 0) == 1);
}
END_TEST

START_TEST(test_stats__paired)
{
	double x[MOST], y[MOST], d[MOST];
	struct abl_t_test t;
	json_t *c;
	size_t i;

	json_array_foreach(cases("paired"), i, c)
	{
		size_t n = numbers(c, "x", x);

		numbers(c, "y", y);
		for (size_t k = 0; k < n; k++)
			d[k] = x[k] - y[k];
		abl_stats_t(d, n, .05, &t);
		near(t.estimate, number(c, "mean"), 1e-12, "mean");
		near(t.sd, number(c, "sd"), 1e-12, "sd");
		near(t.t, number(c, "t"), 1e-12, "t");
		near(t.p, number(c, "p"), 1e-12, "p");
		near(t.low, number(c, "low"), 1e-12, "low");
		near(t.high, number(c, "high"), 1e-12, "high");
		near(abl_stats_correlation(x, y, n), number(c, "correlation"), 1e-11,
		     "correlation");
		if (json_object_get(c, "sign_flip"))
			near(abl_stats_sign_flip(d, n), number(c, "sign_flip"), 1e-12, "sign-flip");
	}
}
END_TEST

START_TEST(test_stats__welch)
{
	double x[MOST], y[MOST];
	struct abl_t_test t;
	json_t *c;
	size_t i;

	json_array_foreach(cases("welch"), i, c)
	{
		size_t n = numbers(c, "x", x), m = numbers(c, "y", y);

		abl_stats_welch(x, n, y, m, .05, &t);
		near(t.df, number(c, "df"), 1e-12, "df");
		near(t.t, number(c, "t"), 1e-12, "t");
		near(t.p, number(c, "p"), 1e-12, "p");
		near(t.low, number(c, "low"), 1e-12, "low");
		near(t.high, number(c, "high"), 1e-12, "high");
	}
}
END_TEST

START_TEST(test_stats__sign_flip)
{
	const double all_down[] = {-.1, -.2, -.3, -.4, -.5}, ties[] = {.1, .1, -.1, .1, .1, -.1};
	const double none[] = {0, 0, 0}, one[] = {.5}, bad[] = {.5, NAN};
	double many[24], few[20];

	ck_assert_double_eq(abl_stats_sign_flip(all_down, 5), 2. / 32);
	/* |sum| >= .2 unless three are up and three down: 1 - 20/64 */
	ck_assert_double_eq_tol(abl_stats_sign_flip(ties, 6), 44. / 64, 1e-15);
	ck_assert_double_eq(abl_stats_sign_flip(none, 3), 1);
	ck_assert_double_eq(abl_stats_sign_flip(one, 1), 1);
	ck_assert(isnan(abl_stats_sign_flip(bad, 2)) && isnan(abl_stats_sign_flip(one, 0)));
	for (int i = 0; i < 24; i++)
		many[i] = 1 + i * .01;
	memcpy(few, many, sizeof few);
	ck_assert_double_eq(abl_stats_sign_flip(few, 20), 2. / (1 << 20));
	ck_assert_double_eq(abl_stats_sign_flip(many, 24),
			    1e-5); /* random signs: only itself is that far out */
	for (int i = 0; i < 24; i++)
		many[i] = i % 2 ? 1 : -1;
	ck_assert_double_eq(abl_stats_sign_flip(many, 24), 1);
}
END_TEST

START_TEST(test_stats__holm)
{
	double p[MOST], expected[MOST], out[MOST];
	const double gaps[] = {.01, NAN, .04};
	json_t *c;
	size_t i;

	json_array_foreach(cases("holm"), i, c)
	{
		size_t n = numbers(c, "p", p);

		numbers(c, "adjusted", expected);
		abl_stats_holm(p, n, out);
		for (size_t k = 0; k < n; k++)
			near(out[k], expected[k], 1e-14, "holm");
		abl_stats_holm(p, n, p);
		ck_assert(!memcmp(p, out, n * sizeof *p));
	}
	abl_stats_holm(gaps, 3, out);
	ck_assert(out[0] == .02 && isnan(out[1]) && out[2] == .04);
}
END_TEST

START_TEST(test_stats__power)
{
	json_t *c;
	size_t i;

	json_array_foreach(cases("power"), i, c) ck_assert_double_eq_tol(
		abl_stats_power(number(c, "effect"), (size_t)number(c, "n"), .05),
		number(c, "power"), 1e-9);
	json_array_foreach(cases("could_see"), i, c)
		near(abl_stats_could_see(.018, (size_t)number(c, "n")), .018 * number(c, "effect"),
		     1e-8, "could see");
	ck_assert(isnan(abl_stats_could_see(.1, 1)) && isnan(abl_stats_could_see(NAN, 5)));
	ck_assert_double_eq(abl_stats_could_see(0, 5), 0);
}
END_TEST

START_TEST(test_stats__nothing_breaks_on_degenerate_input)
{
	const double constant[] = {.1, .1, .1, .1, .1},
		     rounding[] = {.1, .1 + 1e-17, .3 - .2, .1, .1};
	struct abl_t_test t;

	abl_stats_t(constant, 5, .05, &t);
	ck_assert(t.sd == 0 && isnan(t.t) && isnan(t.p));
	ck_assert_double_eq(t.low, t.estimate);
	ck_assert_double_eq(abl_stats_sd(rounding, 5), 0); /* .3 - .2 is not .1 */
	abl_stats_t(constant, 1, .05, &t);
	ck_assert(t.estimate == .1 && isnan(t.sd) && isnan(t.p) && isnan(t.low));
	abl_stats_t(constant, 0, .05, &t);
	ck_assert(isnan(t.estimate) && isnan(t.p));
	abl_stats_welch(constant, 5, constant, 1, .05, &t);
	ck_assert(isnan(t.p));
	ck_assert(isnan(abl_stats_correlation(constant, constant, 5)));
	ck_assert(isnan(abl_stats_binomial_error(5, 10)) && isnan(abl_stats_binomial_error(.5, 0)));
	ck_assert_double_eq(abl_stats_binomial_error(.5, 100), .05);
	ck_assert(isnan(abl_t_two_sided(NAN, 3)) && abl_t_two_sided(INFINITY, 3) == 0 &&
		  abl_t_two_sided(0, 3) == 1);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("stats");
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/statistics.json");
	int failed;

	reference = json_load_file(path, 0, NULL);
	free(path);
	if (!reference)
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_stats__t_distribution);
	tcase_add_test(c, test_stats__paired);
	tcase_add_test(c, test_stats__welch);
	tcase_add_test(c, test_stats__sign_flip);
	tcase_add_test(c, test_stats__holm);
	tcase_add_test(c, test_stats__power);
	tcase_add_test(c, test_stats__nothing_breaks_on_degenerate_input);
	failed = run_case(c, "stats");
	json_decref(reference);
	return failed;
}
