/* SPDX-License-Identifier: Apache-2.0 */
/* Scores against scikit-learn and SciPy: reference/task_metrics.json, made by
 * reference/make_task_metrics.py. */
#include "files.h"
#include "metrics.h"
#include "number_metrics.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static json_t *reference;

static json_t *cases(const char *name)
{
	json_t *list = json_object_get(reference, name);

	ck_assert_msg(json_array_size(list) > 10, "too few cases '%s'", name);
	return list;
}

/* null: not defined, NaN here. */
static void near(double ours, const json_t *c, const char *what, double relative, const char *where)
{
	const json_t *value = json_object_get(c, what);
	double theirs = json_number_value(value);

	ck_assert_msg(value != NULL, "%s: no '%s'", where, what);
	if (json_is_null(value))
		ck_assert_msg(isnan(ours), "%s: %s is %.17g, should be nan", where, what, ours);
	else
		ck_assert_msg(fabs(ours - theirs) <= relative * fabs(theirs),
			      "%s: %s is %.17g, not %.17g", where, what, ours, theirs);
}

static double *numbers(const json_t *c, const char *name, size_t *n)
{
	const json_t *list = json_object_get(c, name);
	double *out;

	*n = json_array_size(list);
	ck_assert(*n > 0);
	out = abl_calloc(*n, sizeof *out);
	for (size_t i = 0; i < *n; i++)
		out[i] = json_number_value(json_array_get(list, i));
	return out;
}

START_TEST(test_metrics__numbers)
{
	json_t *c;
	size_t i;

	json_array_foreach(cases("numbers"), i, c)
	{
		const char *name = json_string_value(json_object_get(c, "name"));
		const json_t *exact = json_object_get(c, "exact");
		size_t n, m;
		double *said = numbers(c, "said", &n), *gold = numbers(c, "gold", &m);
		const struct {
			const char *name;
			double ours;
		} scores[] = {{"pearson", abl_pearson(said, gold, n)},
			      {"spearman", abl_spearman(said, gold, n)},
			      {"mse", abl_mse(said, gold, n)}};

		ck_assert_uint_eq(n, m);
		for (size_t k = 0; k < 3; k++) {
			/* SciPy's own rounding is larger than that of the exact formula */
			near(scores[k].ours, c, scores[k].name, 2e-15, name);
			near(scores[k].ours, exact, scores[k].name, DBL_EPSILON, name);
		}
		near(abl_mse_of_mean(gold, n), c, "mse_majority", 2e-15, name);
		/* either way round */
		near(abl_pearson(gold, said, n), exact, "pearson", DBL_EPSILON, name);
		free(said), free(gold);
	}
}
END_TEST

START_TEST(test_metrics__numbers_without_pairs)
{
	const double x[] = {1, 2, 2, -0., 0.};

	ck_assert(isnan(abl_pearson(x, x, 0)) && isnan(abl_pearson(x, x, 1)));
	ck_assert(isnan(abl_spearman(x, x, 0)) && isnan(abl_spearman(x, x, 1)));
	ck_assert(isnan(abl_mse(x, x, 0)) && isnan(abl_mse_of_mean(x, 0)));
	ck_assert_double_eq(abl_mse(x, x, 1), 0);
	ck_assert_uint_eq(abl_count_different(x, 0), 0);
	ck_assert_uint_eq(abl_count_different(x, 1), 1);
	ck_assert_uint_eq(abl_count_different(x, 3), 2);
	ck_assert_uint_eq(abl_count_different(x, 5), 3);
}
END_TEST

START_TEST(test_metrics__classes)
{
	json_t *c;
	size_t i;

	json_array_foreach(cases("classes"), i, c)
	{
		const char *name = json_string_value(json_object_get(c, "name"));
		size_t n, m, classes = (size_t)json_integer_value(json_object_get(c, "classes")),
			     positive = (size_t)json_integer_value(json_object_get(c, "positive"));
		double *said = numbers(c, "said", &n), *gold = numbers(c, "gold", &m);
		uint64_t *counts = abl_calloc(classes * classes, sizeof *counts);

		ck_assert_uint_eq(n, m);
		for (size_t k = 0; k < n; k++)
			counts[(size_t)gold[k] * classes + (size_t)said[k]]++;
		near(abl_accuracy(counts, classes), c, "accuracy", 0, name);
		near(abl_f1(counts, classes, positive), c, "f1", 0, name);
		near(abl_f1_macro(counts, classes), c, "f1_macro", 1e-15, name);
		near(abl_f1_macro_majority(counts, classes), c, "f1_macro_majority", 1e-15, name);
		near(abl_matthews(counts, classes), c, "matthews", 0, name);
		near(abl_majority(counts, classes), c, "majority", 0, name);
		free(said), free(gold), free(counts);
	}
}
END_TEST

START_TEST(test_metrics__direction)
{
	ck_assert(abl_metric_lower_is_better("mse"));
	ck_assert(!abl_metric_lower_is_better("pearson"));
	ck_assert(!abl_metric_lower_is_better("accuracy"));
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("metrics");
	char *file = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/task_metrics.json");
	int failed;

	reference = json_load_file(file, 0, NULL);
	free(file);
	if (!reference)
		return 1;
	tcase_add_test(c, test_metrics__numbers);
	tcase_add_test(c, test_metrics__numbers_without_pairs);
	tcase_add_test(c, test_metrics__classes);
	tcase_add_test(c, test_metrics__direction);
	failed = run_case(c, "metrics");
	json_decref(reference);
	return failed;
}
