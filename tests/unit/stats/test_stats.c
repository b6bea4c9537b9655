/* SPDX-License-Identifier: Apache-2.0 */
/* Against SciPy and statsmodels: reference/statistics.json, made by reference/make_statistics.py.
 */
#include "distribution.h"
#include "golden.h"
#include "power.h"
#include "stats.h"
#include "run_case.h"

#include <string.h>

#define MOST 64

START_TEST(test_stats__t_distribution)
{
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("tails"), i, c)
		golden_near(abl_t_two_sided(golden_number(c, "t"), golden_number(c, "df")),
			    golden_number(c, "p"), 1e-12, "tail");
	json_array_foreach(golden_cases("critical"), i, c)
		golden_near(abl_t_critical(golden_number(c, "p"), golden_number(c, "df")),
			    golden_number(c, "t"), 1e-12, "critical value");
	json_array_foreach(golden_cases("noncentral"), i, c) ck_assert_double_eq_tol(
		abl_t_noncentral_cdf(golden_number(c, "t"), golden_number(c, "df"),
				     golden_number(c, "delta")),
		golden_number(c, "p"), 1e-9);
	golden_near(abl_beta_inc(2, 3, .25, .75), .26171875, 1e-14, "beta"); /* 67/256, by hand */
	ck_assert(abl_beta_inc(2, 3, 0, 1) == 0 && abl_beta_inc(2, 3, 1, 0) == 1);
}
END_TEST

START_TEST(test_stats__paired)
{
	double x[MOST], y[MOST], d[MOST];
	struct abl_t_test t;
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("paired"), i, c)
	{
		size_t n = golden_numbers(c, "x", x, MOST);

		golden_numbers(c, "y", y, MOST);
		for (size_t k = 0; k < n; k++)
			d[k] = x[k] - y[k];
		abl_stats_t(d, n, .05, &t);
		golden_near(t.estimate, golden_number(c, "mean"), 1e-12, "mean");
		golden_near(t.sd, golden_number(c, "sd"), 1e-12, "sd");
		golden_near(t.t, golden_number(c, "t"), 1e-12, "t");
		golden_near(t.p, golden_number(c, "p"), 1e-12, "p");
		golden_near(t.low, golden_number(c, "low"), 1e-12, "low");
		golden_near(t.high, golden_number(c, "high"), 1e-12, "high");
		golden_near(abl_stats_correlation(x, y, n), golden_number(c, "correlation"), 1e-11,
			    "correlation");
		if (json_object_get(c, "sign_flip"))
			golden_near(abl_stats_sign_flip(d, n), golden_number(c, "sign_flip"), 1e-12,
				    "sign-flip");
	}
}
END_TEST

START_TEST(test_stats__welch)
{
	double x[MOST], y[MOST];
	struct abl_t_test t;
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("welch"), i, c)
	{
		size_t n = golden_numbers(c, "x", x, MOST), m = golden_numbers(c, "y", y, MOST);

		abl_stats_welch(x, n, y, m, .05, &t);
		golden_near(t.df, golden_number(c, "df"), 1e-12, "df");
		golden_near(t.t, golden_number(c, "t"), 1e-12, "t");
		golden_near(t.p, golden_number(c, "p"), 1e-12, "p");
		golden_near(t.low, golden_number(c, "low"), 1e-12, "low");
		golden_near(t.high, golden_number(c, "high"), 1e-12, "high");
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

	json_array_foreach(golden_cases("holm"), i, c)
	{
		size_t n = golden_numbers(c, "p", p, MOST);

		golden_numbers(c, "adjusted", expected, MOST);
		abl_stats_holm(p, n, out);
		for (size_t k = 0; k < n; k++)
			golden_near(out[k], expected[k], 1e-14, "holm");
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

	json_array_foreach(golden_cases("power"), i, c)
	{
		const double n = golden_number(c, "n");

		ck_assert_double_eq_tol(
			abl_power_t(golden_number(c, "effect") * sqrt(n), n - 1, .05),
			golden_number(c, "power"), 1e-9);
	}
	json_array_foreach(golden_cases("could_see"), i, c)
	{
		const double n = golden_number(c, "n");

		golden_near(abl_could_see_known(.018 / sqrt(n), n - 1, .05),
			    .018 * golden_number(c, "effect"), 1e-8, "could see");
	}
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
	ck_assert(isnan(abl_t_two_sided(NAN, 3)) && abl_t_two_sided(INFINITY, 3) == 0 &&
		  abl_t_two_sided(0, 3) == 1);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("stats");
	int failed;

	golden = golden_read("tests/reference/statistics.json");
	if (!golden)
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
	json_decref(golden);
	return failed;
}
