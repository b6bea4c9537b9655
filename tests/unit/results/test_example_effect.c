/* SPDX-License-Identifier: Apache-2.0 */
/* Effects on another dev set with another seed, from stored predictions: as numpy, SciPy and
 * scikit-learn have them (reference/example_effects.json), and what is said of files that cannot be
 * used. */
#include "example_effect.h"

#include "files.h"
#include "predicted_store.h"
#include "run_case.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-examples-XXXXXX";
static char *path;
static struct abl_store *store;
static struct abl_err err;
static json_t *reference;

static void setup(void)
{
	err = (struct abl_err){0};
	path = abl_path_join(folder, "store");
	ck_assert_int_eq(abl_remove_tree(path, &err), 0);
	ck_assert_int_eq(abl_store_open(&store, path, ABL_STORE_WRITE, &err), 0);
}

static void teardown(void)
{
	abl_store_close(store);
	free(path);
}

static struct abl_predicted *open_task(const struct predicted_study *y)
{
	struct abl_predicted *x = NULL;
	int64_t id;

	ck_assert_int_eq(abl_store_find_study(store, y->name, &id, &err), 0);
	ck_assert_msg(!abl_predicted_open(&x, store, id, y->task, NULL, false, &err), "%s",
		      err.text);
	return x;
}

static struct abl_example_effect effect_within(const struct predicted_study *y, bool within)
{
	const struct abl_example_request wanted = {.variant = "no part1", .within = within};
	struct abl_predicted *x = open_task(y);
	struct abl_example_effect e;

	abl_example_effect(x, &wanted, &e);
	abl_predicted_close(x);
	return e;
}

static struct abl_example_effect effect_of(const struct predicted_study *y)
{
	return effect_within(y, false);
}

/* ---- reference ---- */

static void from_case(void *data, int arm, int seed, struct abl_str *file, double *told)
{
	const json_t *c = data;
	const json_t *files = json_array_get(json_object_get(c, "files"), (size_t)arm);
	const json_t *values = json_array_get(json_object_get(c, "told"), (size_t)arm);

	abl_str_puts(file, json_string_value(json_array_get(files, (size_t)seed)));
	*told = json_number_value(json_array_get(values, (size_t)seed));
}

/* The first run of the variant diverges. */
static void from_case_diverged(void *data, int arm, int seed, struct abl_str *file, double *told)
{
	from_case(data, arm, seed, file, told);
	if (arm == 1 && seed == 0)
		*told = PREDICTED_DIVERGED;
}

static void near(const char *name, const json_t *expected, const char *field, double ours)
{
	const json_t *value = json_object_get(expected, field);
	double theirs = json_number_value(value);

	if (value)
		ck_assert_msg(fabs(ours - theirs) <= 1e-5 * fabs(theirs) + 1e-9,
			      "%s: %s is %.12g, not %.12g", name, field, ours, theirs);
}

static struct predicted_study study_of(json_t *c, const char *name)
{
	return (struct predicted_study){
		.name = name,
		.task = "t",
		.type = json_string_value(json_object_get(c, "type")),
		.metric = json_string_value(json_object_get(c, "metric")),
		.arms = 2,
		.seeds = (int)json_integer_value(json_object_get(c, "seeds")),
		.seeds_per_pretraining =
			(int)json_integer_value(json_object_get(c, "seeds_per_pretraining")),
		.predict = from_case,
		.data = c,
	};
}

static void check_case(json_t *c)
{
	const char *name = json_string_value(json_object_get(c, "name"));
	const json_t *x = json_object_get(c, "expected");
	const struct predicted_study y = study_of(c, name);
	struct abl_example_effect e;

	predicted_store_fill(store, &y);
	e = effect_within(&y, json_is_true(json_object_get(c, "within")));
	ck_assert_msg(!e.reason && !e.left_out, "%s: %s", name, e.reason ? e.reason : e.left_out);
	near(name, x, "n", (double)e.n);
	near(name, x, "examples", (double)e.examples);
	near(name, x, "estimate", e.estimate);
	near(name, x, "error", e.error);
	near(name, x, "ms_units", e.ms_units);
	near(name, x, "ms_examples", e.ms_examples);
	near(name, x, "ms_rest", e.ms_rest);
	near(name, x, "df", e.df);
	near(name, x, "total", e.total);
	near(name, x, "low", e.low);
	near(name, x, "high", e.high);
	near(name, x, "p", e.p);
	near(name, x, "gained", (double)e.gained);
	near(name, x, "lost", (double)e.lost);
	near(name, x, "mcnemar", e.mcnemar);
	abl_example_effect_finish(&e);
}

/* It counts as the majority predictor, as everywhere. */
static void check_diverged(json_t *c)
{
	const json_t *base = json_array_get(json_object_get(c, "told"), 0);
	const json_t *majority = json_object_get(c, "majority");
	struct predicted_study y = study_of(c, "diverged");
	struct abl_str name = {0};
	struct abl_example_effect e;

	abl_str_printf(&name, "%s, diverged", json_string_value(json_object_get(c, "name")));
	y.name = name.text;
	y.predict = from_case_diverged;
	y.seeds_per_pretraining = 0;
	predicted_store_fill(store, &y);
	e = effect_of(&y);
	if (json_is_null(majority)) {
		ck_assert(strstr(e.left_out ? e.left_out : e.reason, "diverged"));
	} else {
		ck_assert_msg(!e.reason && !e.left_out, "%s: %s", y.name, e.reason);
		ck_assert_double_eq_tol(e.difference[0],
					json_number_value(majority) -
						json_number_value(json_array_get(base, 0)),
					1e-5);
	}
	abl_example_effect_finish(&e);
	abl_str_finish(&name);
}

START_TEST(test_example_effect__as_scikit_learn_has_it)
{
	json_t *c;
	size_t i;

	json_array_foreach(json_object_get(reference, "cases"), i, c)
	{
		check_case(c);
		check_diverged(c);
	}
	ck_assert_uint_gt(i, 10);
}
END_TEST

/* ---- faults ---- */

enum { EXAMPLES = 40, SEEDS = 4 };

/* Seed 3 of the variant has what the case says. */
struct fault {
	const char *file; /* in place of its predictions; NULL: as it should be */
	double told;
	const char *words;
	bool all; /* of the variant's seeds: there is nothing to compare */
};

static void predict(struct abl_str *file, int arm, int seed, double *told)
{
	int right = 0;

	abl_str_puts(file, "line\tgold\tprediction\tprobability\n");
	for (int i = 0; i < EXAMPLES; i++) {
		bool is = (i * i * 7 + i * seed * 3 + arm * (i % 3) + seed) % 11 > 2 + arm;

		right += is;
		abl_str_printf(file, "%d\t%d\t%d\t0.50000\n", i + 2, i % 2, is ? i % 2 : 1 - i % 2);
	}
	*told = (double)right / EXAMPLES;
}

static void predict_fault(void *data, int arm, int seed, struct abl_str *file, double *told)
{
	const struct fault *f = data;

	predict(file, arm, seed, told);
	if (arm != 1 || (seed != 2 && !f->all))
		return;
	if (f->file) {
		abl_str_clear(file);
		abl_str_puts(file, f->file);
	}
	if (f->told != 0)
		*told = f->told;
}

#define HEADER "line\tgold\tprediction\tprobability\n"
static const struct fault faults[] = {
	{"", 0, "cannot read '", false},
	{HEADER, 0, "no prediction that could be scored", false},
	{HEADER "2\t0\t0\t0.5\n3\t1\t1", 0, ":3: the file is cut off here", false},
	{HEADER "2\t0\t0\t0.5\n3\t1\t1\t0.5\n", 0, "2 examples, where '", false},
	{HEADER "2\t0\t0\n", 0, ":2: 3 columns, not 4", false},
	{"what is this\n", 0, ":1: these are no columns of predictions: 'what is this'", false},
	{"line\tgold\tprediction\n2\t0\t0\n", 0, "its columns are not those of '", false},
	{NULL, .125, ", the trial told 0.125", false},
	{NULL, NAN, "its 'accuracy' has no value (nan)", false},
	{"id\tgold\tprediction\tprobability\tno_answer\nq\ta\tb\t0\t0\n", 0,
	 "from a version that did not keep", true},
};

static const struct fault no_fault = {0};

static struct predicted_study faulty(const char *name, const struct fault *f)
{
	return (struct predicted_study){.name = name,
					.task = "t",
					.type = "classify",
					.metric = "accuracy",
					.arms = 3,
					.seeds = SEEDS,
					.predict = predict_fault,
					.data = (void *)(uintptr_t)f};
}

static void check_fault(const char *name, const struct fault *f)
{
	const struct predicted_study y = faulty(name, f);
	struct abl_example_effect e;
	struct abl_predicted *x;
	const char *said;

	predicted_store_fill(store, &y);
	e = effect_of(&y);
	said = e.reason ? e.reason : e.left_out;
	ck_assert_msg(said && strstr(said, f->words), "%s: '%s'", f->words, said);
	ck_assert_int_eq(e.reason != NULL, f->all);
	if (!f->all) {
		ck_assert_msg(!strncmp(said, "1 of 4 pairs: ", 14), "'%s'", said);
		ck_assert_uint_eq(e.n, SEEDS - 1);
		ck_assert(e.low < e.high);
	}
	abl_example_effect_finish(&e);
	x = open_task(&y); /* the others are as they were */
	abl_example_effect(x, &(struct abl_example_request){.variant = "no part2"}, &e);
	ck_assert(!e.reason && !e.left_out && e.n == SEEDS);
	abl_example_effect_finish(&e);
	abl_predicted_close(x);
}

START_TEST(test_example_effect__what_a_file_cannot_give)
{
	char name[32];

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		snprintf(name, sizeof name, "study%zu", i);
		check_fault(name, &faults[i]);
	}
}
END_TEST

/* The same rows with one gold label changed: another dev set. */
START_TEST(test_example_effect__other_examples)
{
	const struct predicted_study y = faulty("s", &no_fault);
	struct abl_str text = {0};
	struct abl_example_effect e;
	char *file;

	predicted_store_fill(store, &y);
	file = predicted_store_file(store, &y, 1, 0);
	ck_assert_int_eq(abl_file_read(file, &text, 1 << 20, &err), 0);
	*strchr(strchr(text.text, '\n'), '\t') = '\t';
	strchr(strchr(text.text, '\n'), '\t')[1] = '7';
	ck_assert_int_eq(abl_file_write(file, text.text, text.length, &err), 0);
	e = effect_of(&y);
	ck_assert_msg(e.left_out && strstr(e.left_out, ":2: the example '2 7' is not in '"), "'%s'",
		      e.left_out);
	abl_example_effect_finish(&e);
	abl_str_finish(&text);
	free(file);
}
END_TEST

static void predict_nothing(void *data, int arm, int seed, struct abl_str *file, double *told)
{
	predict(file, arm * (*(bool *)data ? 0 : 1), seed, told);
}

START_TEST(test_example_effect__no_difference_at_all)
{
	bool same = true;
	struct predicted_study y = faulty("s", NULL);
	struct abl_example_effect e;

	y.predict = predict_nothing;
	y.data = &same;
	predicted_store_fill(store, &y);
	e = effect_of(&y);
	ck_assert(!e.reason && e.estimate == 0 && e.error == 0 && isnan(e.low) && isnan(e.p));
	abl_example_effect_finish(&e);
}
END_TEST

START_TEST(test_example_effect__metrics_without_examples)
{
	struct predicted_study y = faulty("s", &no_fault);
	struct abl_example_effect e;

	y.metric = "perplexity";
	predicted_store_fill(store, &y);
	e = effect_of(&y);
	ck_assert_str_eq(e.reason, "stored predictions do not say what each example adds to "
				   "'perplexity'");
	abl_example_effect_finish(&e);
}
END_TEST

/* ---- over tasks ---- */

/* Twice the same task: half the examples' variance, the seeds' own. In points, turned. */
START_TEST(test_example_effect__mean_over_tasks)
{
	static const double one[] = {1}, points[] = {-100, -100};
	const struct predicted_study y = faulty("s", &no_fault);
	struct abl_example_effect e, all;
	const struct abl_example_effect *const twice[] = {&e, &e};
	double n, seeds, examples;

	predicted_store_fill(store, &y);
	e = effect_of(&y);
	abl_example_effect_over_tasks(twice, one, 1, &all);
	ck_assert(all.low == e.low && all.high == e.high && all.error == e.error);
	abl_example_effect_finish(&all);
	abl_example_effect_over_tasks(twice, points, 2, &all);
	n = (double)e.n * (double)e.examples;
	seeds = e.ms_units / n;
	examples = fmax(0, e.ms_examples - e.ms_rest) / n;
	ck_assert_double_eq_tol(all.estimate, -100 * e.estimate, 1e-6);
	ck_assert_double_eq_tol(all.error, 100 * e.error / sqrt(2), 1e-6);
	ck_assert_double_eq_tol(all.total, 100 * sqrt(seeds + examples / 2), 1e-6);
	ck_assert_double_eq_tol(all.high - all.low, 2 * (all.high - all.estimate), 1e-6);
	abl_example_effect_finish(&all);
	abl_example_effect_finish(&e);
}
END_TEST

/* From 20 seeds on by the Multi-Bootstrap, which is close to the table's t. */
START_TEST(test_example_effect__many_seeds_are_resampled)
{
	struct predicted_study y = faulty("s", &no_fault);
	struct abl_example_request wanted = {.variant = "no part1"};
	struct abl_example_effect e, t;
	struct abl_predicted *x;

	y.seeds = ABL_RESAMPLE_UNITS;
	predicted_store_fill(store, &y);
	t = effect_of(&y);
	x = open_task(&y);
	abl_predicted_resample(x);
	abl_example_effect(x, &wanted, &e);
	ck_assert(e.replicates == 10000 && isnan(e.df) && !isnan(t.df));
	ck_assert_double_eq_tol(e.low, t.low, .3 * (t.high - t.low));
	ck_assert_double_eq_tol(e.high, t.high, .3 * (t.high - t.low));
	abl_example_effect_finish(&e);
	abl_example_effect_finish(&t);
	abl_predicted_close(x);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("example_effect");
	char *file = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/example_effects.json");
	int failed;

	reference = json_load_file(file, 0, NULL);
	free(file);
	if (!reference || !mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_example_effect__as_scikit_learn_has_it);
	tcase_add_test(c, test_example_effect__what_a_file_cannot_give);
	tcase_add_test(c, test_example_effect__other_examples);
	tcase_add_test(c, test_example_effect__no_difference_at_all);
	tcase_add_test(c, test_example_effect__metrics_without_examples);
	tcase_add_test(c, test_example_effect__mean_over_tasks);
	tcase_add_test(c, test_example_effect__many_seeds_are_resampled);
	failed = run_case(c, "example_effect");
	json_decref(reference);
	if (abl_remove_tree(folder, &err))
		failed = 1;
	return failed;
}
