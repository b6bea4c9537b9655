/* SPDX-License-Identifier: Apache-2.0 */
/* Fits against SciPy: reference/scaling.json, made by reference/make_scaling.py. */
#include "files.h"
#include "run_case.h"
#include "scaling_fit.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
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

int main(void)
{
	char *path = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/scaling.json");
	TCase *c = tcase_create("scaling");
	int failed;

	reference = json_load_file(path, 0, NULL);
	free(path);
	tcase_add_test(c, test_fit__as_scipy_has_it);
	failed = run_case(c, "scaling");
	json_decref(reference);
	return failed;
}
