/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of units x examples, resampling, analysis of variance and expected best values; against
 * SciPy, statsmodels, scikit-learn and MultiBERTs' formula with our random numbers. */
#include "anova.h"
#include "crossed.h"
#include "expected_best.h"
#include "golden.h"
#include "power.h"
#include "resample.h"
#include "run_case.h"

#include <pthread.h>
#include <string.h>

#define MOST 256

/* A list of lists of numbers, one after the other; *rows = how many lists. */
static size_t matrix(const json_t *c, const char *name, float *out, size_t *rows)
{
	const json_t *list = json_object_get(c, name);
	size_t count = 0;

	*rows = json_array_size(list);
	for (size_t i = 0; i < *rows; i++) {
		const json_t *row = json_array_get(list, i);

		for (size_t k = 0; k < json_array_size(row); k++) {
			ck_assert(count < MOST);
			out[count++] = (float)json_number_value(json_array_get(row, k));
		}
	}
	ck_assert(count > 0);
	return count;
}

START_TEST(test_crossed__table)
{
	float d[MOST];
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("crossed"), i, c)
	{
		struct abl_crossed t;
		size_t n, count = matrix(c, "d", d, &n);

		abl_crossed_t(d, n, count / n, .05, &t);
		/* what is stored as float has 24 bits */
		ck_assert_double_eq_tol(t.estimate, golden_number(c, "estimate"), 1e-7);
		golden_near(t.ms_units, golden_number(c, "units"), 1e-6, "units");
		golden_near(t.ms_examples, golden_number(c, "examples"), 1e-6, "examples");
		golden_near(t.ms_rest, golden_number(c, "rest"), 1e-6, "rest");
		golden_near(t.error, golden_number(c, "error"), 1e-6, "error");
		golden_near(t.df, golden_number(c, "df"), 1e-6, "df");
		golden_near(t.p, golden_number(c, "p"), 1e-6, "p");
		golden_near(t.low, golden_number(c, "low"), 1e-5, "low");
		golden_near(t.high, golden_number(c, "high"), 1e-5, "high");
	}
}
END_TEST

START_TEST(test_crossed__of_nothing)
{
	float same[12], seeds_agree[] = {1, 0, 1, -1, 1, 0, 1, -1}, bad[] = {1, NAN, 0, 1};
	struct abl_crossed t;

	for (size_t i = 0; i < 12; i++)
		same[i] = .1f;
	abl_crossed_t(same, 3, 4, .05, &t);
	ck_assert(t.error == 0 && isnan(t.p) && isnan(t.low) && isnan(t.high));
	ck_assert_double_eq_tol(t.estimate, .1, 1e-7);
	memset(same, 0, sizeof same);
	abl_crossed_t(same, 3, 4, .05, &t);
	ck_assert(t.estimate == 0 && t.error == 0 && isnan(t.p) && isnan(t.low));
	/* seeds that agree leave the examples alone: those of a t test with M - 1 */
	abl_crossed_t(seeds_agree, 2, 4, .05, &t);
	ck_assert(t.ms_units == 0 && t.ms_rest == 0 && t.df == 3 && t.error > 0 && t.p > 0);
	abl_crossed_t(same, 1, 4, .05, &t);
	ck_assert(t.estimate == 0 && isnan(t.error) && isnan(t.df) && isnan(t.p));
	abl_crossed_t(same, 4, 1, .05, &t);
	ck_assert(t.estimate == 0 && isnan(t.error) && isnan(t.low));
	abl_crossed_t(same, 0, 0, .05, &t);
	ck_assert(isnan(t.estimate));
	abl_crossed_t(bad, 2, 2, .05, &t);
	ck_assert(isnan(t.estimate) && isnan(t.error) && isnan(t.p) && isnan(t.high));
}
END_TEST

/* From a confusion table: sums[gold * classes + said]. */
static double f1_macro(const double *sums, size_t width, size_t examples, void *data)
{
	size_t classes = *(const size_t *)data, seen = 0;
	double total = 0;

	(void)width, (void)examples;
	for (size_t k = 0; k < classes; k++) {
		double both = 0;

		for (size_t i = 0; i < classes; i++)
			both += sums[k * classes + i] + sums[i * classes + k];
		total += both > 0 ? 2 * sums[k * classes + k] / both : 0;
		seen += both > 0;
	}
	return total / (double)seen;
}

static double matthews(const double *sums, size_t width, size_t examples, void *data)
{
	size_t classes = *(const size_t *)data;
	double n = (double)examples, right = 0, both = 0, gold = 0, said = 0;

	(void)width;
	for (size_t k = 0; k < classes; k++) {
		double g = 0, s = 0;

		for (size_t i = 0; i < classes; i++)
			g += sums[k * classes + i], s += sums[i * classes + k];
		right += sums[k * classes + k];
		both += g * s, gold += g * g, said += s * s;
	}
	return (right * n - both) / sqrt((n * n - gold) * (n * n - said));
}

START_TEST(test_crossed__pseudo_values)
{
	struct {
		const char *name, *pseudo;
		abl_metric_of_sums *metric;
	} metric[] = {{"f1_macro", "f1_macro_pseudo", f1_macro},
		      {"matthews", "matthews_pseudo", matthews}};
	double gold[MOST], said[MOST], expected[MOST];
	float counts[9 * MOST], out[MOST];
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("pseudo"), i, c)
	{
		size_t m = golden_numbers(c, "gold", gold, MOST);
		size_t classes = (size_t)golden_number(c, "classes"), width = classes * classes;

		golden_numbers(c, "said", said, MOST);
		memset(counts, 0, sizeof counts);
		for (size_t e = 0; e < m; e++)
			counts[e * width + (size_t)gold[e] * classes + (size_t)said[e]] = 1;
		for (size_t k = 0; k < 2; k++) {
			golden_near(abl_pseudo_values(counts, m, width, metric[k].metric, &classes,
						      out),
				    golden_number(c, metric[k].name), 1e-12, metric[k].name);
			golden_numbers(c, metric[k].pseudo, expected, MOST);
			for (size_t e = 0; e < m; e++)
				ck_assert_double_eq_tol((double)out[e], expected[e], 1e-6);
		}
	}
	memset(counts, 0, sizeof counts);
	counts[0] = counts[5] = 1; /* Matthews of two is not defined without one of them */
	ck_assert(isnan(abl_pseudo_values(counts, 2, 4, matthews, &(size_t){2}, out)));
	ck_assert(isnan(out[0]) && isnan(out[1]));
	ck_assert(isnan(abl_pseudo_values(counts, 1, 4, f1_macro, &(size_t){2}, out)));
	ck_assert(isnan(out[0]));
}
END_TEST

static double f1_of_cells(const double *sums, size_t width, size_t examples, void *data)
{
	(void)width, (void)examples, (void)data;
	return 2 * sums[2] / (2 * sums[2] + sums[0] + sums[1]);
}

/* Per example {only gold is 1, only the answer is 1, both are} or whether the answer is right. */
static void fill(const float *said, const double *gold, size_t count, size_t m, bool f1, float *out)
{
	memset(out, 0, 3 * count * sizeof *out);
	for (size_t i = 0; i < count; i++) {
		bool g = gold[i % m] > 0, s = said[i] > 0;

		if (!f1)
			out[i] = g == s;
		else if (g || s)
			out[3 * i + (g && s ? 2 : s ? 1 : 0)] = 1;
	}
}

START_TEST(test_resample__multi_bootstrap)
{
	float said[MOST], a[3 * MOST], b[3 * MOST];
	double gold[MOST];
	json_t *c;
	size_t i;

	json_array_foreach(golden_cases("multi_bootstrap"), i, c)
	{
		bool f1 = !strcmp(json_string_value(json_object_get(c, "metric")), "f1");
		size_t m = golden_numbers(c, "gold", gold, MOST), n, count;
		struct abl_resampled out;

		count = matrix(c, "a", said, &n);
		fill(said, gold, count, m, f1, a);
		matrix(c, "b", said, &n);
		fill(said, gold, count, m, f1, b);
		abl_resample(
			&(struct abl_resample){
				.a = a,
				.b = b,
				.seeds = n,
				.examples = m,
				.width = f1 ? 3 : 1,
				.metric = f1 ? f1_of_cells : NULL,
				.replicates = (size_t)golden_number(c, "replicates"),
				.level = .05,
				.analysis = json_string_value(json_object_get(c, "analysis")),
				.seed = (uint64_t)golden_number(c, "seed"),
			},
			&out);
		golden_near(out.estimate, golden_number(c, "estimate"), 1e-12, "estimate");
		ck_assert_double_eq_tol(out.low, golden_number(c, "low"), 1e-12);
		ck_assert_double_eq_tol(out.high, golden_number(c, "high"), 1e-12);
		golden_near(out.below, golden_number(c, "below"), 1e-12, "share below 0");
		golden_near(out.p, golden_number(c, "p"), 1e-12, "p");
	}
}
END_TEST

START_TEST(test_resample__of_nothing)
{
	float zero[20] = {0}, one[20];
	struct abl_resample in = {.a = zero,
				  .seeds = 4,
				  .examples = 5,
				  .width = 1,
				  .replicates = 50,
				  .level = .05,
				  .analysis = "nothing"};
	struct abl_resampled out;

	for (size_t i = 0; i < 20; i++)
		one[i] = 1;
	abl_resample(&in, &out);
	ck_assert(out.estimate == 0 && isnan(out.low) && isnan(out.p) && isnan(out.below));
	in.b = one;
	abl_resample(&in, &out);
	ck_assert(out.estimate == -1 && isnan(out.low) && isnan(out.p));
	in.seeds = 20, in.examples = 1;
	abl_resample(&in, &out);
	ck_assert(out.estimate == -1 && isnan(out.high));
	in.metric = f1_of_cells, in.width = 3, in.seeds = 1, in.examples = 5, in.b = NULL;
	abl_resample(&in, &out); /* F1 of nothing */
	ck_assert(isnan(out.estimate) && isnan(out.low) && out.replicates == 0);
	in.seeds = 0;
	abl_resample(&in, &out);
	ck_assert(isnan(out.estimate));
}
END_TEST

struct job {
	const float *d;
	uint64_t seed;
	struct abl_resampled resampled;
	struct abl_crossed crossed;
	double seen;
};

static void *work(void *data)
{
	struct job *j = data;

	abl_resample(&(struct abl_resample){.a = j->d,
					    .seeds = 4,
					    .examples = 50,
					    .width = 1,
					    .replicates = 2000,
					    .level = .05,
					    .analysis = "threads",
					    .seed = j->seed},
		     &j->resampled);
	abl_crossed_t(j->d, 4, 50, .05, &j->crossed);
	j->seen = abl_could_see(j->crossed.error, (double)j->seed + 3, .05 / (double)(j->seed + 1));
	return NULL;
}

START_TEST(test_resample__same_bits_for_any_number_of_threads)
{
	enum { JOBS = 4 };
	struct job alone[JOBS], together[JOBS];
	pthread_t thread[JOBS];
	float d[200];

	for (size_t i = 0; i < 200; i++)
		d[i] = (float)(i * 7 % 11) / 10 - .4f;
	memset(alone, 0, sizeof alone);
	for (uint64_t i = 0; i < JOBS; i++) {
		alone[i].d = d, alone[i].seed = i;
		together[i] = alone[i];
		work(&alone[i]);
	}
	for (size_t i = 0; i < JOBS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, work, &together[i]), 0);
	for (size_t i = 0; i < JOBS; i++)
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
	ck_assert(!memcmp(alone, together, sizeof alone));
	ck_assert(alone[0].resampled.low != alone[1].resampled.low); /* streams of their own */
	work(&together[0]);
	ck_assert(!memcmp(alone, together, sizeof alone));
}
END_TEST

static size_t factors_of(const json_t *c, struct abl_factor *factor, size_t level[4][MOST])
{
	const json_t *cells = json_object_get(c, "cells"), *levels = json_object_get(c, "levels");

	for (size_t f = 0; f < json_array_size(cells); f++) {
		const json_t *list = json_array_get(cells, f);

		factor[f] = (struct abl_factor){
			level[f], (size_t)json_integer_value(json_array_get(levels, f))};
		for (size_t i = 0; i < json_array_size(list); i++)
			level[f][i] = (size_t)json_integer_value(json_array_get(list, i));
	}
	return json_array_size(cells);
}

START_TEST(test_anova__type_two)
{
	size_t level[4][MOST], i, k;
	struct abl_factor factor[4];
	double y[MOST];
	json_t *c, *row;

	json_array_foreach(golden_cases("anova"), i, c)
	{
		size_t n = golden_numbers(c, "y", y, MOST), factors = factors_of(c, factor, level);
		struct abl_anova out;

		abl_anova(y, n, factor, factors, (size_t)golden_number(c, "order"), &out);
		golden_near(out.df_rest, golden_number(c, "df_rest"), 1e-12, "df of the rest");
		golden_near(out.ss_rest, golden_number(c, "ss_rest"), 1e-9, "the rest");
		ck_assert_uint_eq(out.count, json_array_size(json_object_get(c, "rows")));
		json_array_foreach(json_object_get(c, "rows"), k, row)
		{
			const struct abl_anova_row *r = &out.row[k];

			ck_assert_uint_eq(r->factors, (uint32_t)golden_number(row, "factors"));
			golden_near(r->df, golden_number(row, "df"), 1e-12, "df");
			golden_near(r->ss, golden_number(row, "ss"), 1e-9, "sum of squares");
			golden_near(r->f, golden_number(row, "f"), 1e-9, "F");
			golden_near(r->p, golden_number(row, "p"), 1e-9, "p");
			golden_near(r->partial_eta2, golden_number(row, "eta2"), 1e-9, "eta2");
		}
		free(out.row);
	}
	json_array_foreach(golden_cases("components"), i, c)
	{
		size_t n = golden_numbers(c, "y", y, MOST), factors = factors_of(c, factor, level);
		double expected[5], component[5];

		golden_numbers(c, "components", expected, 5);
		abl_variance_components(y, n, factor, factors, component);
		for (k = 0; k <= factors; k++)
			golden_near(component[k], expected[k], 1e-9, "component");
	}
}
END_TEST

START_TEST(test_anova__of_nothing)
{
	size_t a[] = {0, 0, 1, 1, 1, 0}, b[] = {0, 1, 0, 1, 1, 0}, same[] = {0, 0, 0, 0, 0, 0};
	const double y[] = {.1, .3, .2, NAN, NAN, .15}, flat[] = {.1, .1, .1, .1, .1, .1};
	const struct abl_factor two[] = {{a, 2}, {b, 2}}, twice[] = {{a, 2}, {a, 2}},
				none[] = {{same, 1}, {b, 2}};
	struct abl_anova out;
	double component[3];

	abl_anova(y, 6, two, 2, 2, &out); /* a cell without a value: no interaction to be had */
	ck_assert(out.left_out == 2 && out.values == 4 && out.count == 3 && out.df_rest == 1);
	ck_assert(out.row[2].df == 0 && isnan(out.row[2].f) && isnan(out.row[2].p));
	ck_assert(out.row[0].df == 1 && out.row[0].p > 0);
	free(out.row);
	abl_anova(flat, 6, two, 2, 2, &out);
	ck_assert(out.ss_rest == 0 && isnan(out.row[0].f) && isnan(out.row[0].p));
	free(out.row);
	abl_anova(y, 3, two, 2, 2, &out); /* nothing is left for the rest */
	ck_assert(out.df_rest == 0 && isnan(out.row[0].p));
	free(out.row);
	abl_anova(flat, 6, none, 2, 1, &out);
	ck_assert(out.row[0].df == 0 && isnan(out.row[0].p));
	free(out.row);
	abl_anova(y, 0, two, 2, 2, &out);
	ck_assert(out.values == 0 && out.row[0].df == 0);
	free(out.row);
	abl_anova(y, 6, two, 0, 2, &out);
	ck_assert(out.count == 0 && !out.row && isnan(out.df_rest));
	abl_variance_components(y, 3, two, 2, component);
	ck_assert(isnan(component[0]) && isnan(component[1]) && isnan(component[2]));
	abl_variance_components(flat, 6, two, 2, component);
	ck_assert(component[0] == 0 && component[1] == 0 && component[2] == 0);
	abl_variance_components(y, 6, twice, 2, component); /* cannot be told apart */
	ck_assert(isnan(component[0]) && isnan(component[1]) && component[2] > 0);
}
END_TEST

START_TEST(test_expected_best__both_forms)
{
	const double gap[] = {.1, NAN};
	double x[MOST];
	json_t *c, *of;
	size_t i, k;

	json_array_foreach(golden_cases("expected_best"), i, c)
	{
		size_t count = golden_numbers(c, "x", x, MOST);

		json_array_foreach(json_object_get(c, "cases"), k, of)
		{
			size_t n = (size_t)golden_number(of, "n");

			golden_near(abl_expected_best(x, count, n), golden_number(of, "biased"),
				    1e-12, "with replacement");
			golden_near(abl_expected_best_unbiased(x, count, n),
				    golden_number(of, "unbiased"), 1e-12, "without");
		}
		ck_assert(isnan(abl_expected_best(x, count, count + 1)) &&
			  isnan(abl_expected_best_unbiased(x, count, 0)));
	}
	json_array_foreach(golden_cases("best_of_noise"), i, c) ck_assert_double_eq_tol(
		abl_best_of_noise((size_t)golden_number(c, "n")), golden_number(c, "gain"), 1e-10);
	ck_assert(isnan(abl_best_of_noise(0)) && isnan(abl_expected_best(gap, 2, 1)) &&
		  isnan(abl_expected_best(gap, 0, 0)));
	ck_assert_double_eq_tol(abl_best_of_noise(24), 1.95, .005);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("crossed");
	int failed;

	golden = golden_read("tests/reference/statistics.json");
	if (!golden)
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_crossed__table);
	tcase_add_test(c, test_crossed__of_nothing);
	tcase_add_test(c, test_crossed__pseudo_values);
	tcase_add_test(c, test_resample__multi_bootstrap);
	tcase_add_test(c, test_resample__of_nothing);
	tcase_add_test(c, test_resample__same_bits_for_any_number_of_threads);
	tcase_add_test(c, test_anova__type_two);
	tcase_add_test(c, test_anova__of_nothing);
	tcase_add_test(c, test_expected_best__both_forms);
	failed = run_case(c, "crossed");
	json_decref(golden);
	return failed;
}
