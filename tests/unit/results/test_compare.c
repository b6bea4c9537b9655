/* SPDX-License-Identifier: Apache-2.0 */
/* A study with known answers (reference/statistics.json), and the cases that need care:
 * pre-trainings that serve several seeds, crashes, collapsed runs, too few seeds, losses. */
#include "compare.h"
#include "files.h"
#include "result_store.h"
#include "table.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-compare-XXXXXX";
static char *path;
static struct abl_store *store;
static struct abl_err err;
static json_t *reference;
static struct abl_analysis *shown; /* whose table compare() gave */

static void setup(void)
{
	err = (struct abl_err){0};
	path = abl_path_join(folder, "store");
	ck_assert_int_eq(abl_remove_tree(path, &err), 0);
	ck_assert_int_eq(abl_store_open(&store, path, ABL_STORE_WRITE, &err), 0);
}

static void teardown(void)
{
	abl_analysis_destroy(shown);
	shown = NULL;
	abl_store_close(store);
	free(path);
}

static struct abl_analysis *analyse(const char *study, struct abl_compare_request request)
{
	struct abl_analysis *a = NULL;
	int64_t id;

	ck_assert_int_eq(abl_store_find_study(store, study, &id, &err), 0);
	ck_assert_msg(!abl_analyse(&a, store, id, &request, &err), "%s", err.text);
	return a;
}

/* The primary rows of a study of one task. */
static struct abl_comparison *compare(const char *study, struct abl_compare_request request)
{
	abl_analysis_destroy(shown);
	shown = analyse(study, request);
	ck_assert_uint_eq(shown->tasks, 1);
	return shown->all;
}

static void check_verdict(const struct abl_comparison *c, size_t row, const char *expected)
{
	struct abl_str text = {0};

	abl_verdict_text(c, &c->effect[row], &text);
	ck_assert_str_eq(text.text, expected);
	abl_str_finish(&text);
}

static void near(double ours, const json_t *object, const char *name)
{
	double theirs = json_number_value(json_object_get(object, name));

	ck_assert_msg(fabs(ours - theirs) <= 1e-9 * fabs(theirs), "%s: %.17g, not %.17g", name,
		      ours, theirs);
}

START_TEST(test_compare__as_scipy_has_it)
{
	const json_t *expected = json_object_get(reference, "comparison");
	struct abl_comparison *c;

	result_store_fill_reference(store, expected);
	c = compare("special-tokens", (struct abl_compare_request){0});
	near(c->baseline.mean, expected, "baseline_mean");
	near(c->baseline.sd, expected, "baseline_sd");
	ck_assert_uint_eq(c->count, 4);
	ck_assert_uint_eq(c->family, 3);
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];
		const json_t *v = json_array_get(json_object_get(expected, "variants"), i);
		const json_t *x = json_object_get(v, "expected");

		ck_assert_str_eq(e->arm.label, json_string_value(json_object_get(v, "label")));
		near(e->t.estimate, x, "effect");
		near(e->t.low, x, "low");
		near(e->t.high, x, "high");
		near(e->p, x, "p");
		near(e->p_sign_flip, x, "sign_flip");
		if (e->arm.diverged)
			near(e->without, x, "without");
		if (e->arm.kind != ABL_VARIANT_PLACEBO)
			near(e->p_adjusted, x, "p_holm");
		else /* a family of its own */
			near(e->p_adjusted, x, "p");
		ck_assert_double_eq_tol(e->time, -.01, 1e-12);
	}
	ck_assert_int_eq(c->effect[0].arm.diverged, 1);
	ck_assert_int_eq(c->effect[0].arm.n, 8);
	ck_assert_int_eq(c->effect[0].decision, ABL_DECISION_HURTS);
	ck_assert_int_eq(c->effect[2].decision, ABL_DECISION_UNRESOLVED);
	ck_assert_ptr_null(c->mixed);
}
END_TEST

START_TEST(test_compare__one_with_another)
{
	struct abl_comparison *c;
	double difference;

	result_store_fill_reference(store, json_object_get(reference, "comparison"));
	c = compare("special-tokens", (struct abl_compare_request){0});
	difference = c->effect[0].t.estimate - c->effect[1].t.estimate;
	c = compare("special-tokens",
		    (struct abl_compare_request){.variant = "no positions", .base = "no segments"});
	ck_assert_uint_eq(c->count, 1);
	ck_assert_uint_eq(c->family, 3); /* picking one corrects no less */
	ck_assert_double_eq_tol(c->effect[0].t.estimate, difference, 1e-12);
	ck_assert_double_eq_tol(c->effect[0].p_adjusted, 2 * c->effect[0].p, 1e-12);
	check_verdict(c, 0, "change hurts"); /* the other one is no baseline */
	c = compare("special-tokens",
		    (struct abl_compare_request){.variant = "no special_tokens", .margin = .05});
	ck_assert(c->effect[0].equivalent);
	ck_assert(c->margin_late);
	check_verdict(c, 0, "equivalent within ±.050");
}
END_TEST

/* 6 seeds, 2 of them on each of 3 pre-trainings. What has pre-trainings of its own is counted by
 * them. */
START_TEST(test_compare__pretrainings_are_what_counts)
{
	static const double base[] = {.60, .62, .64, .60, .61, .63},
			    own[] = {.59, .57, .61, .59, .60, .58};
	static const double shared[] = {.61, .62, .65, .62, .60, .64};
	static const struct result_arm arms[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .values = base},
		{.variant = {.label = "no mlm",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "mlm",
			     .position = 1},
		 .values = own,
		 .own_pretraining = true},
		{.variant = {.label = "pooler=mean",
			     .kind = ABL_VARIANT_LIST,
			     .subject = "pooler=mean",
			     .position = 2},
		 .values = shared},
	};
	struct abl_comparison *c;

	result_store_fill(store, &(struct result_study){.name = "blocks",
							.task = "rte",
							.metric = "accuracy",
							.examples = 100,
							.majority = .5,
							.arms = arms,
							.count = 3,
							.seeds = 6,
							.seeds_per_pretraining = 2});
	c = compare("blocks", (struct abl_compare_request){0});
	ck_assert_uint_eq(c->effect[0].n, 3);
	ck_assert(c->effect[0].by_pretraining);
	ck_assert_double_eq_tol(c->effect[0].difference[0], -.03, 1e-12);
	ck_assert_double_eq_tol(c->effect[0].difference[1], -.02, 1e-12);
	ck_assert_double_eq_tol(c->effect[0].difference[2], -.03, 1e-12);
	ck_assert_int_eq(c->effect[0].decision, ABL_DECISION_VALUES); /* three are too few */
	ck_assert(isnan(c->effect[0].p));
	ck_assert(c->effect[1].scope == ABL_FOR_PRETRAININGS);
	ck_assert_uint_eq(c->effect[1].pretrainings, 3);
	ck_assert_double_eq(c->effect[1].t.df, 3); /* too few as well */
	ck_assert_int_eq(c->effect[1].decision, ABL_DECISION_VALUES);
	ck_assert_uint_eq(c->family, 0);
}
END_TEST

START_TEST(test_compare__what_goes_wrong_is_counted)
{
	static const double base[] = {2.0, 2.1, 2.2, 2.1, 2.0}, worse[] = {3.0, 3.2, 3.1, 3.3, 3.0};
	static const double mishaps[] = {RUN_CRASHED, RUN_WAITING, 4, RUN_DIVERGED, 4.2};
	static const struct result_arm arms[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .values = base},
		{.variant = {.label = "no nsp",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "nsp",
			     .position = 1},
		 .values = worse},
		{.variant = {.label = "no norm",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "norm",
			     .position = 2},
		 .values = mishaps},
	};
	struct abl_str text = {0};
	struct abl_comparison *c;
	const struct abl_effect *e;

	result_store_fill(store, &(struct result_study){.name = "loss",
							.task = "lm",
							.metric = "loss",
							.lower_is_better = true,
							.examples = 50,
							.majority = 4,
							.arms = arms,
							.count = 3,
							.seeds = 5});
	c = compare("loss", (struct abl_compare_request){0});
	ck_assert(c->interim); /* a trial is missing: no words, not even for the others */
	ck_assert(isnan(c->effect[0].p));
	check_verdict(c, 0, "interim");
	e = &c->effect[1];
	ck_assert_int_eq(e->arm.planned, 5);
	ck_assert_int_eq(e->arm.done, 2);
	ck_assert_int_eq(e->arm.failed, 1);
	ck_assert_int_eq(e->arm.diverged, 1);
	ck_assert_int_eq(e->arm.pending, 1);
	ck_assert_int_eq(e->arm.collapsed, 1);
	ck_assert_uint_eq(e->n, 3);
	ck_assert_int_eq(e->decision, ABL_DECISION_INTERIM);
	ck_assert_double_eq_tol(e->t.estimate, (4 - 2.2 + 4 - 2.1 + 4.2 - 2.0) / 3, 1e-12);
	ck_assert_double_eq_tol(e->without, (4 - 2.2 + 4.2 - 2.0) / 2, 1e-12);
	abl_compare_notes(c, &text);
	ck_assert(
		strstr(text.text,
		       "1 of 5 'no norm' runs diverged (counted as majority); without it +2.000"));
	ck_assert(strstr(text.text, "1 of 5 'no norm' runs failed"));
	ck_assert(strstr(text.text, "1 of 5 'no norm' runs "
				    "collapsed to a single class (majority: 4.000)"));
	ck_assert(strstr(text.text, "1 trial is still to run"));
	abl_str_finish(&text);
}
END_TEST

/* A run that always says the same number has no correlation: it stays, as a 0, and is named. */
START_TEST(test_compare__a_constant_has_no_correlation)
{
	static const double base[] = {.80, .82, .81, .80, .83}, some[] = {.7, NAN, .72, .71, NAN};
	static const struct result_arm arms[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .values = base},
		{.variant = {.label = "no a",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "a",
			     .position = 1},
		 .values = some},
	};
	struct abl_str text = {0};
	struct abl_comparison *c;
	const struct abl_effect *e;

	result_store_fill(store, &(struct result_study){.name = "constant",
							.task = "stsb",
							.metric = "pearson",
							.examples = 1500,
							.majority = NAN,
							.arms = arms,
							.count = 2,
							.seeds = 5});
	c = compare("constant", (struct abl_compare_request){0});
	e = &c->effect[0];
	ck_assert_double_eq(c->majority, 0);
	ck_assert_int_eq(e->arm.done, 5);
	ck_assert_int_eq(e->arm.failed, 0);
	ck_assert_int_eq(e->arm.collapsed, 2);
	ck_assert_int_eq(e->arm.undefined, 2);
	ck_assert_uint_eq(e->n, 5);
	ck_assert_double_eq_tol(e->arm.mean, (.7 + .72 + .71) / 5, 1e-12);
	ck_assert_double_eq_tol(e->difference[1], -.82, 1e-12);
	abl_compare_notes(c, &text);
	ck_assert_msg(strstr(text.text, "2 of 5 'no a' runs collapsed to a single value "
					"(majority: .000); 2 without a pearson (nan) counted as "
					"that"),
		      "%s", text.text);
	abl_str_finish(&text);
}
END_TEST

/* Swaps are not called removals, and two of one slot are told apart; notes of many are one. */
START_TEST(test_compare__swaps_and_many_variants)
{
	static const double base[] = {.80, .82, .81, .80, .83, .82},
			    some[] = {.7, RUN_DIVERGED, .72, RUN_CRASHED, .7, RUN_WAITING};
	static struct result_arm arms[43] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .values = base},
		{.variant = {.label = "activation=relu",
			     .kind = ABL_VARIANT_SWAP,
			     .subject = "activation",
			     .position = 1},
		 .values = base},
		{.variant = {.label = "activation=none",
			     .kind = ABL_VARIANT_REMOVAL, /* as stores had it once */
			     .subject = "activation",
			     .position = 2},
		 .values = base},
	};
	static char labels[43][16];
	struct abl_str text = {0};
	struct abl_comparison *c;

	for (size_t i = 3; i < 43; i++) {
		snprintf(labels[i], sizeof labels[i], "no part%zu", i);
		arms[i] = (struct result_arm){.variant = {.label = labels[i],
							  .kind = ABL_VARIANT_REMOVAL,
							  .subject = labels[i] + 3,
							  .position = (int)i},
					      .values = some};
	}
	result_store_fill(store, &(struct result_study){.name = "many",
							.task = "t",
							.metric = "accuracy",
							.examples = 100,
							.majority = .5,
							.arms = arms,
							.count = 43,
							.seeds = 6});
	c = compare("many", (struct abl_compare_request){0});
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"activation=relu", "activation=none",
						    "no part3"};

		abl_compare_name(c, &c->effect[i], &text);
		ck_assert_str_eq(text.text, names[i]);
		abl_str_clear(&text);
	}
	abl_verdict_text(c, &c->effect[1], &text);
	ck_assert_msg(!strstr(text.text, "removal"), "%s", text.text);
	abl_str_clear(&text);
	ck_assert_double_eq_tol(c->effect[2].base_mean, (.80 + .82 + .81 + .83) / 4, 1e-12);
	ck_assert_double_eq_tol(c->effect[2].mean, (.7 + .5 + .72 + .7) / 4, 1e-12);
	abl_compare_notes(c, &text);
	for (const char *at = text.text; (at = strstr(at, "diverged")); at++)
		ck_assert_ptr_null(strstr(at + 1, "diverged"));
	ck_assert_msg(strstr(text.text,
			     "failed and are left out: see the view 'failures': 1 of 6 'no part3'"),
		      "%s", text.text);
	ck_assert(strstr(text.text, "'no part3' 4 of 6 (baseline there .815)"));
	ck_assert(strstr(text.text, "and 32 more: 'ablate compare many --format csv' has all"));
	for (const char *line = text.text; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(strcspn(line, "\n") <= 80, "%s", line);
	abl_str_finish(&text);
}
END_TEST

START_TEST(test_compare__half_done)
{
	static const double base[] = {.8, RUN_WAITING, RUN_WAITING},
			    other[] = {.7, .5, RUN_WAITING};
	static const struct result_arm arms[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .values = base},
		{.variant = {.label = "no a",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "a",
			     .position = 1},
		 .values = other},
	};
	struct abl_str text = {0};
	struct abl_comparison *c;

	result_store_fill(store, &(struct result_study){.name = "half",
							.task = "t",
							.metric = "accuracy",
							.examples = 10,
							.majority = .5,
							.arms = arms,
							.count = 2,
							.seeds = 3});
	c = compare("half", (struct abl_compare_request){0});
	abl_compare_heading(c, &text);
	ck_assert_msg(strstr(text.text, ", 3 seeds (1 finished), baseline .800"), "%s", text.text);
	ck_assert_double_eq_tol(c->effect[0].mean, .7, 1e-12); /* of the pair, not of both */
	ck_assert_double_eq_tol(c->effect[0].base_mean, .8, 1e-12);
	abl_compare_notes(c, &text);
	ck_assert_msg(strstr(text.text, "pairs that have finished: 'no a' 1 of 3\n"), "%s",
		      text.text);
	abl_str_finish(&text);
}
END_TEST

START_TEST(test_compare__equal_runs_have_no_t)
{
	static const double base[] = {.5, .5, .5, .5, .5, .5}, same[] = {.5, .5, .5, .5, .5, .5},
			    less[] = {.4, .4, .4, .4, .4, .4};
	static const struct result_arm arms[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .values = base},
		{.variant = {.label = "no a",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "a",
			     .position = 1},
		 .values = same},
		{.variant = {.label = "no b",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "b",
			     .position = 2},
		 .values = less},
	};
	struct abl_comparison *c;

	result_store_fill(store, &(struct result_study){.name = "flat",
							.task = "t",
							.metric = "accuracy",
							.examples = 10,
							.majority = NAN,
							.arms = arms,
							.count = 3,
							.seeds = 6});
	c = compare("flat", (struct abl_compare_request){0});
	for (size_t i = 0; i < 2; i++) {
		ck_assert(isnan(c->effect[i].p) && isnan(c->effect[i].t.low));
		ck_assert(isnan(c->effect[i].could_see));
		check_verdict(c, i, "cannot say: no spread between seeds");
	}
	ck_assert(isnan(c->majority));
}
END_TEST

START_TEST(test_compare__unknown_names)
{
	struct abl_analysis *a = NULL;
	int64_t id;

	result_store_fill_reference(store, json_object_get(reference, "comparison"));
	ck_assert_int_eq(abl_store_find_study(store, "special-tokens", &id, &err), 0);
	a = analyse("special-tokens", (struct abl_compare_request){0});
	ck_assert_ptr_null(abl_analysis_task(a, "rta", &err));
	ck_assert_str_eq(err.text, "the study has no task 'rta'; did you mean 'rte'?");
	err = (struct abl_err){0};
	ck_assert_ptr_eq(abl_analysis_task(a, "RTE", &err), a->task[0]);
	abl_analysis_destroy(a);
	ck_assert_int_eq(
		abl_analyse(&a, store, id, &(struct abl_compare_request){.variant = "x"}, &err),
		ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "no variant 'x'; it has 'baseline', 'no positions'"), "%s",
		      err.text);
	err = (struct abl_err){0};
	ck_assert_int_eq(
		abl_analyse(&a, store, id, &(struct abl_compare_request){.metric = "x"}, &err),
		ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "no task of the study has the metric 'x'; choose from "
				       "accuracy, "),
		      "%s", err.text);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("compare");
	char *file = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/statistics.json");
	int failed;

	reference = json_load_file(file, 0, NULL);
	free(file);
	if (!reference || !mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_compare__as_scipy_has_it);
	tcase_add_test(c, test_compare__one_with_another);
	tcase_add_test(c, test_compare__pretrainings_are_what_counts);
	tcase_add_test(c, test_compare__what_goes_wrong_is_counted);
	tcase_add_test(c, test_compare__a_constant_has_no_correlation);
	tcase_add_test(c, test_compare__swaps_and_many_variants);
	tcase_add_test(c, test_compare__half_done);
	tcase_add_test(c, test_compare__equal_runs_have_no_t);
	tcase_add_test(c, test_compare__unknown_names);
	failed = run_case(c, "compare");
	json_decref(reference);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
