/* SPDX-License-Identifier: Apache-2.0 */
/* Fits against SciPy: reference/scaling.json, made by reference/make_scaling.py. */
#include "files.h"
#include "rng.h"
#include "run_case.h"
#include "scaling_draws.h"
#include "scaling_two.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 32
static json_t *reference;

static double number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value ? json_number_value(value) : NAN;
}

static size_t numbers(const json_t *object, const char *name, double *out)
{
	const json_t *list = json_object_get(object, name);
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++)
		out[i] = json_number_value(json_array_get(list, i));
	return n;
}

static void near(double ours, double theirs, const char *what, const char *of)
{
	ck_assert_msg((isnan(ours) && isnan(theirs)) ||
			      fabs(ours - theirs) <= 1e-4 * fmax(fabs(theirs), 1e-2),
		      "%s of %s: %.10g, not %.10g", what, of, ours, theirs);
}

START_TEST(test_fit__as_scipy_has_it)
{
	size_t i, k;
	json_t *c, *expected;

	json_array_foreach(json_object_get(reference, "cases"), i, c)
	{
		double x[MOST], y[MOST];
		struct abl_scaling_means means = {x, y, NULL, numbers(c, "x", x)};
		const char *name = json_string_value(json_object_get(c, "name"));

		numbers(c, "y", y);
		json_array_foreach(json_object_get(c, "fits"), k, expected)
		{
			const char *model = json_string_value(json_object_get(expected, "model"));
			struct abl_scaling_fit f, again;
			int m = 0;
			double at[4];

			while (strcmp(abl_scaling_name((enum abl_scaling_model)m), model))
				m++;
			abl_scaling_fit((enum abl_scaling_model)m, &means, ABL_SCALING_DELTA, NULL,
					&f);
			ck_assert(f.found);
			near(f.a, number(expected, "a"), "a", name);
			near(f.b, number(expected, "b"), "b", name);
			near(f.c, number(expected, "c"), "c", name);
			near(f.n0, number(expected, "n0"), "n0", name);
			ck_assert_double_le(f.loss, number(expected, "loss") + 1e-7);
			numbers(expected, "at", at);
			near(abl_scaling_at(&f, .3 * x[means.n - 1]), at[0], "at .3", name);
			near(abl_scaling_at(&f, 4 * x[means.n - 1]), at[3], "at 4", name);
			abl_scaling_fit((enum abl_scaling_model)m, &means, ABL_SCALING_DELTA, &f,
					&again);
			near(again.a, f.a, "a again", name);
			ck_assert_double_le(again.loss, f.loss + 1e-9);
		}
	}
}
END_TEST

START_TEST(test_fit__two_sizes_as_scipy_has_it)
{
	const json_t *two = json_object_get(reference, "two");
	double n[MOST], d[MOST], y[MOST];
	const size_t count = numbers(two, "x", n);
	struct abl_scaling_run_two run[MOST];
	struct abl_scaling_two f;

	numbers(two, "d", d), numbers(two, "y", y);
	for (size_t i = 0; i < count; i++)
		run[i] = (struct abl_scaling_run_two){n[i], d[i], y[i], 1};
	abl_scaling_two(&f, run, count);
	ck_assert_ptr_null(f.reason);
	ck_assert_double_le(f.loss, number(two, "loss") + 1e-7);
	near(f.e, number(two, "e"), "E", "two");
	near(f.alpha, number(two, "alpha"), "alpha", "two");
	near(f.beta, number(two, "beta"), "beta", "two");
	ck_assert(isnan(f.alpha_low)); /* one seed */
	abl_scaling_two(&f, run, 4);
	ck_assert_ptr_nonnull(f.reason);
	for (size_t i = 0; i < count; i++)
		run[i].d = 20 * run[i].n;
	abl_scaling_two(&f, run, count);
	ck_assert_ptr_nonnull(f.reason); /* both grow together */
}
END_TEST

START_TEST(test_law__f_tails)
{
	size_t i;
	json_t *c;

	json_array_foreach(json_object_get(reference, "f"), i, c)
	{
		const double p = number(c, "p");

		ck_assert_double_eq_tol(
			abl_scaling_f_tail(number(c, "f"), number(c, "df1"), number(c, "df2")), p,
			1e-9 * p + 1e-15);
	}
	ck_assert(isnan(abl_scaling_f_tail(NAN, 1, 2)) && isnan(abl_scaling_f_tail(1, 0, 2)));
}
END_TEST

/* ---- how often verdicts and intervals are right ---- */

static double normal(uint64_t key, uint64_t a, uint64_t b)
{
	const double u = 1 - abl_rng_uniform(key, a, 2 * b);
	const double v = abl_rng_uniform(key, a, 2 * b + 1);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static double power(double x)
{
	return 9 * pow(x, -.11);
}

static double levelling(double x)
{
	return 2 + 80 * pow(x, -.4);
}

static double flat_at_last(double x)
{
	return power(fmin(x, 5e5));
}

static double concave(double x)
{
	return 6 - .3 * log(x);
}

struct rates {
	size_t verdict[5], covers, near;
};

static void simulate(double (*truth)(double), double b, uint64_t replications, struct rates *out)
{
	*out = (struct rates){0};
	for (uint64_t r = 0; r < replications; r++) {
		struct abl_scaling_run run[18];
		struct abl_scaling_law l;

		for (size_t i = 0; i < 18; i++) {
			const double x = 2e4 * pow(2.6, (double)(i / 3));
			const double e = .005 * normal(abl_rng_derive(7, r), i / 3, i % 3);

			run[i] = (struct abl_scaling_run){x, truth(x) * exp(e), (int64_t)(i % 3)};
		}
		abl_scaling_law(&l, run, 18, ABL_SCALING_REFITS);
		out->verdict[l.verdict]++;
		out->covers += l.low <= b && b <= l.high;
		out->near += fabs(l.fit[ABL_SCALING_FLOOR].b - b) <= .03;
		abl_scaling_law_finish(&l);
	}
}

/* At least `share` but for three standard errors. */
static void at_least(size_t hits, uint64_t of, double share, const char *what)
{
	const double rate = (double)hits / (double)of;
	const double error = sqrt(share * (1 - share) / (double)of);

	printf("# %s: %.3f of %d replications (SE %.3f), wanted %.2f\n", what, rate, (int)of, error,
	       share);
	ck_assert_msg(rate >= share - 3 * error, "%s: %.3f", what, rate);
}

START_TEST(test_law__rates)
{
	struct rates r;

	if (!getenv("ABLATE_SLOW"))
		return;
	simulate(power, .11, 300, &r);
	at_least(r.verdict[ABL_SCALING_LAW], 300, .9, "a power law is called one");
	at_least(r.covers, 300, .95, "intervals hold b of P2");
	simulate(levelling, .4, 100, &r);
	at_least(r.verdict[ABL_SCALING_BENDS], 100, .95, "one that levels off bends");
	at_least(r.near, 100, .9, "b of P3 is within .03");
	at_least(r.covers, 100, .95, "intervals hold b of P3");
	simulate(flat_at_last, 0, 60, &r);
	at_least(r.verdict[ABL_SCALING_BENDS], 60, .95, "one that stops falling bends");
	simulate(concave, 0, 60, &r);
	at_least(r.verdict[ABL_SCALING_FALLS], 60, .95, "a concave one falls faster");
}
END_TEST

START_TEST(test_law__the_same_bits_for_any_number_of_threads)
{
	struct abl_scaling_run run[18];
	struct abl_scaling_law a, b;

	for (size_t i = 0; i < 18; i++) {
		const double x = 2e4 * pow(2.6, (double)(i / 3));

		run[i] = (struct abl_scaling_run){x, power(x) * (1 + .002 * (double)(i * i % 5)),
						  (int64_t)(i % 3)};
	}
	omp_set_num_threads(1);
	abl_scaling_law(&a, run, 18, ABL_SCALING_REFITS);
	omp_set_num_threads(3);
	abl_scaling_law(&b, run, 18, ABL_SCALING_REFITS);
	ck_assert(a.low == b.low && a.high == b.high && a.held_low == b.held_low &&
		  a.p_floor == b.p_floor);
	abl_scaling_law_finish(&a), abl_scaling_law_finish(&b);
}
END_TEST

int main(void)
{
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/scaling.json");
	TCase *c = tcase_create("scaling");
	int failed;

	reference = json_load_file(path, 0, NULL);
	free(path);
	if (!reference)
		return 1;
	tcase_set_timeout(c, 1800);
	tcase_add_test(c, test_fit__as_scipy_has_it);
	tcase_add_test(c, test_fit__two_sizes_as_scipy_has_it);
	tcase_add_test(c, test_law__f_tails);
	tcase_add_test(c, test_law__the_same_bits_for_any_number_of_threads);
	tcase_add_test(c, test_law__rates);
	failed = run_case(c, "scaling");
	json_decref(reference);
	return failed;
}
