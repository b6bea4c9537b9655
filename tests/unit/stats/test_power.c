/* SPDX-License-Identifier: Apache-2.0 */
/* What decides: power, families of p values, rates; against SciPy and statsmodels. */
#include "distribution.h"
#include "families.h"
#include "golden.h"
#include "power.h"
#include "rates.h"
#include "stopping.h"
#include "run_case.h"

#include <string.h>

#define MOST 16

START_TEST(test_power__distributions)
{
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("chi2"), i, c)
		golden_near(abl_chi2_quantile(golden_number(c, "p"), golden_number(c, "df")),
			    golden_number(c, "x"), 1e-12, "chi2");
	json_array_foreach(golden_cases("normal"), i, c) golden_near(
		abl_normal_critical(golden_number(c, "p")), golden_number(c, "z"), 1e-13, "normal");
	json_array_foreach(golden_cases("f_upper"), i, c)
		golden_near(abl_f_upper(golden_number(c, "f"), golden_number(c, "df1"),
					golden_number(c, "df2")),
			    golden_number(c, "p"), 1e-12, "F");
	ck_assert(isnan(abl_chi2_quantile(0, 3)) && isnan(abl_chi2_quantile(.2, 0)) &&
		  isnan(abl_chi2_quantile(.2, NAN)) && isnan(abl_chi2_quantile(.2, INFINITY)));
	ck_assert(isnan(abl_normal_critical(0)) && isnan(abl_normal_critical(NAN)));
	ck_assert(isnan(abl_f_upper(NAN, 1, 4)) && isnan(abl_f_upper(1, 0, 4)) &&
		  abl_f_upper(INFINITY, 1, 4) == 0 && abl_f_upper(0, 1, 4) == 1);
	ck_assert(isnan(abl_gamma_inc(0, 1)) && abl_gamma_inc(2, 0) == 0 &&
		  abl_gamma_inc(2, INFINITY) == 1);
}
END_TEST

START_TEST(test_power__at_any_level)
{
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("power_of_level"), i, c)
	{
		double df = golden_number(c, "df"), level = golden_number(c, "level");
		double delta = abl_power_delta(level, df, ABL_POWER);

		golden_near(delta, golden_number(c, "delta"), 1e-9, "delta");
		golden_near(abl_power_t(delta, df, level), ABL_POWER, 1e-9, "its power");
		golden_near(abl_power_t(-3, df, level), golden_number(c, "power_at_3"), 1e-9,
			    "power");
		golden_near(abl_could_see(.01, df, level), golden_number(c, "seen"), 1e-9, "seen");
		ck_assert_double_eq(abl_could_see_known(.01, df, level), delta * .01);
	}
	json_array_foreach(golden_cases("needed"), i, c) ck_assert_int_eq(
		abl_units_needed(golden_number(c, "effect"), golden_number(c, "sd"),
				 golden_number(c, "level"), 1000),
		(int64_t)golden_number(c, "n"));
}
END_TEST

START_TEST(test_power__of_nothing)
{
	ck_assert_double_eq(abl_could_see(0, 4, .05), 0);
	ck_assert(isnan(abl_could_see(NAN, 4, .05)) && isnan(abl_could_see(.1, 0, .05)) &&
		  isnan(abl_could_see(.1, 4, 0)) && isnan(abl_could_see(.1, 4, 1)) &&
		  isnan(abl_could_see(-1, 4, .05)) && isnan(abl_could_see(.1, NAN, .05)));
	ck_assert(isnan(abl_power_delta(.05, 4, 1)) && isnan(abl_power_t(NAN, 4, .05)));
	ck_assert_double_eq(abl_power_delta(.9, 4, .8), 0);
	ck_assert_double_eq(abl_power_t(1e300, 4, .05), 1);
	ck_assert_double_eq_tol(abl_power_t(0, 4, .05), .05, 1e-12);
	ck_assert_int_eq(abl_units_needed(1, 0, .05, 1000), 2);
	ck_assert_int_eq(abl_units_needed(1e-3, 1, .05, 1000), -1);
	ck_assert_int_eq(abl_units_needed(0, 1, .05, 1000), -1);
	ck_assert_int_eq(abl_units_needed(NAN, 1, .05, 1000), -1);
	ck_assert_int_eq(abl_units_needed(1, NAN, .05, 1000), -1);
	ck_assert_int_eq(abl_units_needed(1, 1, .05, 1), -1);
	ck_assert_int_eq(abl_units_needed(1, 1, .05, 14), 14); /* the last that may be asked for */
	ck_assert_int_eq(abl_units_needed(1, 1, .05, 13), -1);
}
END_TEST

START_TEST(test_families__adjusted)
{
	double p[MOST], least[MOST], expected[MOST], out[MOST];
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("bh"), i, c)
	{
		size_t n = golden_numbers(c, "p", p, MOST);

		golden_numbers(c, "adjusted", expected, MOST);
		abl_family_bh(p, n, out);
		for (size_t k = 0; k < n; k++)
			golden_near(out[k], expected[k], 1e-14, "Benjamini-Hochberg");
		abl_family_bh(p, n, p);
		ck_assert(!memcmp(p, out, n * sizeof *p));
	}
	json_array_foreach(golden_cases("tarone"), i, c)
	{
		size_t n = golden_numbers(c, "p", p, MOST);

		golden_numbers(c, "least", least, MOST);
		golden_numbers(c, "adjusted", expected, MOST);
		abl_family_tarone(p, least, n, .05, out);
		for (size_t k = 0; k < n; k++)
			golden_near(out[k], expected[k], 1e-14, "Tarone");
		abl_family_tarone(p, least, n, .05, p);
		ck_assert(!memcmp(p, out, n * sizeof *p));
	}
}
END_TEST

START_TEST(test_families__shaffer)
{
	double p[MOST], q[MOST], zero[MOST], large[MOST], out[MOST], out_equivalent[MOST];
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("shaffer"), i, c)
	{
		size_t n = golden_numbers(c, "p", p, MOST);

		golden_numbers(c, "equivalent", q, MOST);
		golden_numbers(c, "adjusted", zero, MOST);
		golden_numbers(c, "adjusted_equivalent", large, MOST);
		abl_family_shaffer(p, q, n, out, out_equivalent);
		for (size_t k = 0; k < n; k++) {
			golden_near(out[k], zero[k], 1e-14, "Shaffer");
			golden_near(out_equivalent[k], large[k], 1e-14, "Shaffer, equivalence");
		}
		for (size_t k = 0; k < n; k++)
			q[k] = NAN; /* without margins it is Holm's method */
		abl_family_shaffer(p, q, n, p, q);
		golden_numbers(c, "p", zero, MOST);
		abl_stats_holm(zero, n, out);
		for (size_t k = 0; k < n; k++)
			ck_assert(p[k] == out[k] && isnan(q[k]));
	}
	json_array_foreach(golden_cases("tost"), i, c)
	{
		size_t n = golden_numbers(c, "d", p, MOST);
		struct abl_t_test t;

		abl_stats_t(p, n, .05, &t);
		golden_near(abl_stats_equivalence(&t, golden_number(c, "margin")),
			    golden_number(c, "p"), 1e-11, "equivalence");
		ck_assert(isnan(abl_stats_equivalence(&t, 0)) &&
			  isnan(abl_stats_equivalence(&t, NAN)));
	}
}
END_TEST

START_TEST(test_families__of_nothing)
{
	const double gaps[] = {.01, NAN, .04}, none[] = {NAN, NAN}, least[] = {.001, .001, .001};
	const double constant[] = {.1, .1, .1};
	double out[3], other[3];
	struct abl_t_test t;

	abl_family_bh(gaps, 3, out);
	ck_assert(out[0] == .02 && isnan(out[1]) && out[2] == .04);
	abl_family_tarone(gaps, least, 3, .05, out);
	ck_assert(out[0] == .02 && isnan(out[1]) && out[2] == .04);
	abl_family_shaffer(gaps, gaps, 3, out, other);
	ck_assert(out[0] == .02 && isnan(out[1]) && isnan(other[1]));
	abl_family_bh(none, 2, out);
	ck_assert(isnan(out[0]) && isnan(out[1]));
	abl_family_tarone(none, least, 2, .05, out);
	ck_assert(isnan(out[0]) && isnan(out[1]));
	abl_family_shaffer(none, none, 2, out, other);
	ck_assert(isnan(out[0]) && isnan(other[1]));
	abl_family_bh(none, 0, out);
	abl_family_tarone(none, none, 0, .05, out);
	abl_family_shaffer(none, none, 0, out, other);
	abl_family_tarone(gaps, none, 2, .05, out); /* an unknown least p decides nothing */
	ck_assert(out[0] == 1);
	abl_stats_t(constant, 3, .05, &t);
	ck_assert(isnan(abl_stats_equivalence(&t, .2)));
}
END_TEST

START_TEST(test_rates__exact)
{
	double low, high;
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("wilson"), i, c)
	{
		abl_rate_wilson((int64_t)golden_number(c, "hits"), (int64_t)golden_number(c, "n"),
				golden_number(c, "level"), &low, &high);
		ck_assert_double_eq_tol(low, golden_number(c, "low"), 1e-12);
		ck_assert_double_eq_tol(high, golden_number(c, "high"), 1e-12);
	}
	json_array_foreach(golden_cases("fisher"), i, c)
	{
		int64_t a = (int64_t)golden_number(c, "a"), b = (int64_t)golden_number(c, "b");
		int64_t n = (int64_t)golden_number(c, "n"), m = (int64_t)golden_number(c, "m");

		golden_near(abl_fisher(a, n, b, m), golden_number(c, "p"), 1e-12, "Fisher");
		golden_near(abl_fisher(b, m, a, n), golden_number(c, "p"), 1e-12, "turned");
		golden_near(abl_fisher_least(a + b, n, m), golden_number(c, "least"), 1e-12,
			    "least");
	}
	json_array_foreach(golden_cases("mcnemar"), i, c) golden_near(
		abl_mcnemar((int64_t)golden_number(c, "b"), (int64_t)golden_number(c, "c")),
		golden_number(c, "p"), 1e-12, "McNemar");
}
END_TEST

START_TEST(test_rates__of_nothing)
{
	double low = 0, high = 0;

	abl_rate_wilson(0, 0, .05, &low, &high);
	ck_assert(isnan(low) && isnan(high));
	abl_rate_wilson(6, 5, .05, &low, &high);
	ck_assert(isnan(low) && isnan(high));
	abl_rate_wilson(5, 5, 2, &low, &high);
	ck_assert(isnan(low) && isnan(high));
	abl_rate_wilson(5, 5, .05, &low, &high);
	ck_assert(low > .5 && high == 1);
	ck_assert(abl_fisher(0, 0, 3, 5) == 1 && abl_fisher(0, 0, 0, 0) == 1);
	ck_assert(isnan(abl_fisher(-1, 5, 0, 5)) && isnan(abl_fisher(6, 5, 0, 5)));
	ck_assert(abl_fisher_least(0, 5, 5) == 1 && isnan(abl_fisher_least(11, 5, 5)) &&
		  isnan(abl_fisher_least(-1, 5, 5)) && isnan(abl_fisher_least(1, -5, 9)));
	ck_assert(abl_fisher(0, 100000, 100000, 100000) == 0); /* too small for a double */
	ck_assert(abl_mcnemar(0, 0) == 1 && isnan(abl_mcnemar(-1, 3)));
}
END_TEST

/* The half-width of n units with spread 1. */
static double width_of(int64_t n)
{
	return abl_t_critical(.05, (double)n - 1) / sqrt((double)n);
}

START_TEST(test_stopping__next)
{
	/* narrow enough, not known, no more allowed */
	ck_assert_int_eq(abl_stopping_next(8, .5, .5, 30), 8);
	ck_assert_int_eq(abl_stopping_next(8, NAN, .5, 30), 8);
	ck_assert_int_eq(abl_stopping_next(30, 9, .5, 30), 30);
	ck_assert_int_eq(abl_stopping_next(40, 9, .5, 30), 40);
	/* half of the way, rounded up; twice as many at most, and never more than allowed */
	ck_assert_int_eq(abl_stopping_next(8, width_of(8), width_of(9), 30), 9);
	ck_assert_int_eq(abl_stopping_next(8, width_of(8), width_of(9) * .9999, 30), 9);
	ck_assert_int_eq(abl_stopping_next(8, width_of(8), width_of(14), 30), 11);
	ck_assert_int_eq(abl_stopping_next(8, width_of(8), width_of(29), 30), 16);
	ck_assert_int_eq(abl_stopping_next(8, width_of(8), width_of(14), 12), 10);
	ck_assert_int_eq(abl_stopping_next(11, width_of(11), width_of(14), 12), 12);
	ck_assert_int_eq(abl_stopping_next(8, INFINITY, .5, 30), 16);
	ck_assert_int_eq(abl_stopping_next(8, width_of(8) * 1.0001, width_of(8), 30), 9);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("power");
	int failed;

	golden = golden_read("tests/reference/statistics.json");
	if (!golden)
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_power__distributions);
	tcase_add_test(c, test_power__at_any_level);
	tcase_add_test(c, test_power__of_nothing);
	tcase_add_test(c, test_families__adjusted);
	tcase_add_test(c, test_families__shaffer);
	tcase_add_test(c, test_families__of_nothing);
	tcase_add_test(c, test_rates__exact);
	tcase_add_test(c, test_rates__of_nothing);
	tcase_add_test(c, test_stopping__next);
	failed = run_case(c, "power");
	json_decref(golden);
	return failed;
}
