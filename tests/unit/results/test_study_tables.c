/* SPDX-License-Identifier: Apache-2.0 */
/* Which key mattered, costs, variance components and expected bests, on made stores; the numbers
 * are those of statsmodels and SciPy (reference/study_tables.json). */
#include "cost.h"
#include "expected.h"
#include "files.h"
#include "made_study.h"
#include "marginal.h"
#include "run_case.h"
#include "variance.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *reference;

static const struct abl_marginal_key *key_named(const struct abl_marginal *m, const char *name)
{
	for (size_t i = 0; i < m->keys; i++)
		if (!strcmp(m->key[i].name, name))
			return &m->key[i];
	ck_abort_msg("no key %s", name);
	return NULL;
}

static void fill_grid(const json_t *grid)
{
	static const char *const names[] = {"act", "layers", "rate"};
	int64_t of = 0;
	size_t i;
	json_t *row;

	begin("grid", false);
	json_array_foreach(json_object_get(grid, "runs"), i, row)
	{
		const json_t *value = json_object_get(row, "value");

		if (i % 5 == 0)
			of = 0;
		variant_of(row, names, 3, (int)i, &of);
		run(of, json_integer_value(json_object_get(row, "seed")),
		    (struct run){.value = json_is_null(value) ? NAN : json_number_value(value)});
	}
}

START_TEST(test_tables__marginal_means_as_statsmodels_has_them)
{
	const json_t *grid = json_object_get(reference, "grid");
	struct abl_marginal *m;
	struct abl_str text = {0};
	const char *name;
	json_t *key;

	fill_grid(grid);
	end();
	MUST(abl_marginal(&m, store, study, "t", &err));
	ck_assert_uint_eq(m->keys, 3);
	ck_assert_uint_eq(m->variants, 12);
	near(m->error, number(grid, "error"), "error of a mean");
	near(m->luck, number(grid, "luck"), "luck");
	json_object_foreach(json_object_get(grid, "keys"), name, key)
	{
		const struct abl_marginal_key *ours = key_named(m, name);

		near(ours->share, number(key, "share"), name);
		ck_assert_ptr_null(ours->reason);
		ck_assert_uint_eq(ours->missing, 1);
		for (size_t l = 0; l < ours->levels; l++) {
			const struct abl_marginal_level *level = &ours->level[l];

			is_interval(&level->mean,
				    json_object_get(json_object_get(key, "levels"), level->value),
				    level->value);
			ck_assert_int_eq(level->best, !strcmp(level->value, text_of(key, "best")));
			if (level->best)
				continue;
			is_interval(
				&level->difference,
				json_object_get(json_object_get(key, "differences"), level->value),
				level->value);
		}
	}
	ck_assert_str_eq(m->key[0].name, "rate"); /* explains most */
	ck_assert_str_eq(m->best[0].label, "act=relu, layers=4, rate=0.001");
	abl_marginal_notes(m, &text);
	ck_assert_msg(strstr(text.text, "values that are missing: 'act=gelu, layers=4, rate=0.01' "
					"(4 of 5)"),
		      "%s", text.text);
	ck_assert_msg(strstr(text.text, "best of 12 equal configurations gains 1.63 sd by noise"),
		      "%s", text.text);
	abl_str_finish(&text);
	abl_marginal_destroy(m);
}
END_TEST

/* A baseline beside the grid is no level of it; keys that go together are one; a placebo is none.
 */
START_TEST(test_tables__what_is_no_grid)
{
	static const char *const values[] = {"1", "2", "3"};
	struct abl_marginal *m;
	int64_t of;

	begin("zip", false);
	of = variant("baseline", ABL_VARIANT_BASELINE, 0);
	option(of, "a", "9"), option(of, "b", "9");
	run(of, 1, (struct run){.value = .1});
	for (int i = 0; i < 3; i++) {
		of = variant(values[i], ABL_VARIANT_GRID, i + 1);
		option(of, "a", values[i]), option(of, "b", values[2 - i]);
		run(of, 1, (struct run){.value = .1 * i});
	}
	end();
	MUST(abl_marginal(&m, store, study, "t", &err));
	ck_assert_uint_eq(m->keys, 1);
	ck_assert_str_eq(m->key[0].name, "a, b");
	ck_assert_uint_eq(m->key[0].levels, 3);
	ck_assert_str_eq(m->key[0].level[0].value, "1, 3");
	ck_assert(isnan(m->key[0].level[0].mean.low)); /* one seed has no interval */
	abl_marginal_destroy(m);
}
END_TEST

START_TEST(test_tables__levels_that_never_meet)
{
	struct abl_marginal *m;
	struct abl_str text = {0};
	int64_t of;

	begin("list", false);
	of = variant("x", ABL_VARIANT_LIST, 0);
	option(of, "a", "1"), option(of, "b", "1"), option(of, "c", "1");
	run(of, 1, (struct run){.value = .1});
	of = variant("y", ABL_VARIANT_LIST, 1);
	option(of, "a", "2"), option(of, "b", "2"), option(of, "c", "1");
	run(of, 1, (struct run){.value = .2});
	of = variant("z", ABL_VARIANT_LIST, 2);
	option(of, "a", "3"), option(of, "b", "2"), option(of, "c", "2");
	run(of, 1, (struct run){.value = .3});
	end();
	MUST(abl_marginal(&m, store, study, "t", &err));
	ck_assert_uint_eq(m->keys, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(m->key[i].reason);
	abl_marginal_notes(m, &text);
	ck_assert_ptr_nonnull(
		strstr(text.text, "a: no means: its levels never meet the same values of the"));
	abl_str_finish(&text);
	abl_marginal_destroy(m);
}
END_TEST

START_TEST(test_tables__nothing_varies)
{
	struct abl_marginal *m;

	begin("", false);
	run(variant("baseline", ABL_VARIANT_BASELINE, 0), 1, (struct run){.value = .5});
	end();
	ck_assert_int_eq(abl_marginal(&m, store, study, "t", &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "no key varies in study 's'"));
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_marginal(&m, store, study, "zzz", &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, "the study has no task 'zzz'; it has 't'");
}
END_TEST

/* Draws are independent: Welch's t between levels; numbers of many values are taken in thirds. */
START_TEST(test_tables__levels_of_random_draws)
{
	struct abl_marginal *m;
	const struct abl_marginal_key *key;

	begin("random", false);
	for (int i = 0; i < 12; i++) {
		char text[32];
		int64_t of;

		snprintf(text, sizeof text, "%d", i + 1);
		of = variant(text, ABL_VARIANT_RANDOM, i);
		option(of, "a", text), option(of, "b", i & 1 ? "x" : "y");
		run(of, 1, (struct run){.value = i});
	}
	end();
	MUST(abl_marginal(&m, store, study, "t", &err));
	key = key_named(m, "a");
	ck_assert(key->by_draws && !key->reason);
	ck_assert_uint_eq(key->levels, 3);
	ck_assert_str_eq(key->level[2].value, "9 to 12");
	near(key->level[2].mean.estimate, 9.5, "third");
	near(key->level[0].difference.estimate, -8, "difference"); /* to the best, by Welch */
	near(key->level[0].difference.df, 6, "df");
	key = key_named(m, "b");
	ck_assert_uint_eq(key->level[0].n, 6);
	near(key->range, 1, "range");
	abl_marginal_destroy(m);
}
END_TEST

/* ---- costs ---- */

START_TEST(test_tables__costs_and_who_is_unbeaten)
{
	static const struct {
		const char *label;
		double score, cpu;
	} arms[] = {{"best", .9, 20}, {"cheap", .8, 10}, {"beaten", .8, 11}, {"twin", .8, 10}};
	struct abl_cost_table *c;
	const struct abl_cost_row *row;

	begin("list", false);
	for (int i = 0; i < 4; i++) {
		const int64_t of =
			variant(arms[i].label, i ? ABL_VARIANT_LIST : ABL_VARIANT_BASELINE, i);

		for (int64_t seed = 1; seed <= 3; seed++)
			run(of, seed,
			    (struct run){.value = arms[i].score,
					 .seconds = 5,
					 .cpu_seconds = arms[i].cpu + (double)seed - 2,
					 .peak_memory = 1048576. * (double)seed,
					 .parameters = 1000,
					 .flops = 6e9});
	}
	end();
	MUST(abl_costs(&c, store, study, "t", &err));
	ck_assert_uint_eq(c->count, 4);
	ck_assert_int_eq(c->main, ABL_COST_CPU_SECONDS);
	row = &c->row[0];
	near(row->quality.estimate, .9, "score");
	near(row->cost[ABL_COST_CPU_SECONDS].estimate, 20, "cpu");
	/* t(.975, 2) / sqrt(3) = 2.4841377 */
	near(row->cost[ABL_COST_CPU_SECONDS].high, 20 + 2.484137714150042, "cpu high");
	near(row->cost[ABL_COST_PEAK_MEMORY].estimate, 2 * 1048576., "memory");
	near(row->cost[ABL_COST_PARAMETERS].estimate, 1000, "parameters");
	near(row->cost[ABL_COST_FLOPS].estimate, 6e9, "flops");
	ck_assert(c->row[0].pareto[c->main]);
	ck_assert(c->row[1].pareto[c->main]);
	ck_assert(!c->row[2].pareto[c->main]);
	ck_assert(c->row[3].pareto[c->main]); /* equal ones do not beat each other */
	abl_cost_table_destroy(c);
}
END_TEST

/* An earlier program measured no processor time; half a study of it is weighed by the clock. */
START_TEST(test_tables__costs_that_are_not_known)
{
	struct abl_cost_table *c;
	struct abl_str text = {0};
	int64_t of;

	begin("list", true);
	of = variant("baseline", ABL_VARIANT_BASELINE, 0);
	run(of, 1, (struct run){.value = 2, .seconds = 4, .cpu_seconds = 3});
	of = variant("old", ABL_VARIANT_LIST, 1);
	run(of, 1, (struct run){.value = 1, .seconds = 5});
	of = variant("crashed", ABL_VARIANT_LIST, 2);
	run(of, 1, (struct run){.value = NAN, .seconds = 5});
	end();
	MUST(abl_costs(&c, store, study, "t", &err));
	ck_assert_int_eq(c->main, ABL_COST_SECONDS);
	ck_assert(isnan(c->row[1].cost[ABL_COST_CPU_SECONDS].estimate));
	ck_assert(c->row[0].pareto[c->main] && c->row[1].pareto[c->main]);
	ck_assert(!c->row[2].pareto[c->main]);
	ck_assert_uint_eq(c->row[2].n, 0);
	abl_cost_notes(c, &text);
	ck_assert_ptr_nonnull(strstr(text.text, "time is that of the clock"));
	abl_str_finish(&text);
	abl_cost_table_destroy(c);
}
END_TEST

/* ---- variance ---- */

static void are_components(const struct abl_variance *v, const json_t *expected)
{
	ck_assert_uint_eq(v->count, json_array_size(expected));
	for (size_t i = 0; i < v->count; i++) {
		const json_t *theirs = json_array_get(expected, i);

		near(v->source[i].df, number(theirs, "df"), v->source[i].name);
		near(v->source[i].variance, number(theirs, "variance"), v->source[i].name);
		near(v->source[i].share, number(theirs, "share"), v->source[i].name);
	}
	ck_assert_str_eq(v->source[v->count - 1].name, "the rest");
}

START_TEST(test_tables__variance_of_crossed_seeds)
{
	static const char *const names[] = {"init_seed", "order_seed"};
	const json_t *crossed = json_object_get(reference, "crossed_keys");
	struct abl_variance *v;
	size_t i;
	json_t *row;

	begin("grid", false);
	json_array_foreach(json_object_get(crossed, "runs"), i, row)
	{
		int64_t of = 0;

		variant_of(row, names, 2, (int)i, &of);
		run(of, 1, (struct run){.value = number(row, "value")});
	}
	end();
	MUST(abl_variance(&v, store, study, "t", &err));
	are_components(v, json_object_get(crossed, "components"));
	ck_assert_str_eq(v->source[0].name, "init_seed");
	ck_assert_uint_eq(v->source[0].levels, 4);
	ck_assert_uint_eq(v->configurations, 1);
	abl_variance_destroy(v);
}
END_TEST

START_TEST(test_tables__variance_of_pretrainings)
{
	static const char *const names[] = {"rate"}, *const keys[] = {"p1", "p2", "p3", "p4"};
	const json_t *crossed = json_object_get(reference, "crossed_pretraining");
	struct abl_variance *v;
	int64_t of = 0;
	size_t i;
	json_t *row;

	begin("grid", false);
	json_array_foreach(json_object_get(crossed, "runs"), i, row)
	{
		const int p = (int)number(row, "pretraining"), f = (int)number(row, "finetuning");

		if (i % 12 == 0)
			of = 0;
		variant_of(row, names, 1, (int)i, &of);
		run(of, (int64_t)p * ABL_CROSSED_SEED + f,
		    (struct run){.value = number(row, "value"), .pretraining = keys[p - 1]});
	}
	end();
	MUST(abl_variance(&v, store, study, "t", &err));
	are_components(v, json_object_get(crossed, "components"));
	ck_assert_str_eq(v->source[0].name, "pre-training");
	ck_assert_uint_eq(v->configurations, 2);
	abl_variance_destroy(v);
}
END_TEST

START_TEST(test_tables__variance_is_refused_where_nothing_is_crossed)
{
	struct abl_variance *v;

	fill_grid(json_object_get(reference, "grid"));
	end();
	ck_assert_int_eq(abl_variance(&v, store, study, "t", &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "nothing is crossed in study 's'"));
}
END_TEST

START_TEST(test_tables__variance_of_equal_values)
{
	struct abl_variance *v;
	struct abl_str text = {0};

	begin("grid", false);
	for (int i = 0; i < 4; i++) {
		const int64_t of =
			variant((const char *[]){"a", "b", "c", "d"}[i], ABL_VARIANT_GRID, i);

		option(of, "init_seed", i & 1 ? "1" : "2");
		option(of, "order_seed", i & 2 ? "1" : "2");
		run(of, 1, (struct run){.value = .5});
	}
	end();
	MUST(abl_variance(&v, store, study, "t", &err));
	abl_variance_notes(v, &text);
	ck_assert_ptr_nonnull(strstr(text.text, "cannot say: all trials have the same value"));
	ck_assert_ptr_null(strstr(text.text, "nan"));
	abl_str_finish(&text);
	abl_variance_destroy(v);
}
END_TEST

/* ---- expected bests ---- */

static void fill_draws(const char *design, bool lower, double sign)
{
	const json_t *values = json_object_get(json_object_get(reference, "expected"), "values");
	size_t i;
	json_t *value;
	int64_t of;

	begin(design, lower);
	of = variant("baseline", ABL_VARIANT_BASELINE, 0);
	option(of, "a", "1000");
	run(of, 1, (struct run){.value = sign * 99}); /* nobody drew it */
	json_array_foreach(values, i, value)
	{
		char text[32];

		snprintf(text, sizeof text, "%zu", i);
		of = variant(text, ABL_VARIANT_LIST, (int)i + 1);
		option(of, "a", text);
		run(of, 1, (struct run){.value = sign * json_number_value(value)});
	}
	of = variant("crashed", ABL_VARIANT_LIST, (int)i + 1);
	option(of, "a", "77");
	run(of, 1, (struct run){.value = NAN});
	end();
}

static void are_expected(double sign)
{
	const json_t *theirs = json_object_get(reference, "expected");
	struct abl_expected *e;

	MUST(abl_expected(&e, store, study, "t", &err));
	ck_assert_uint_eq(e->draws, 9);
	ck_assert_uint_eq(e->missing, 1);
	ck_assert_uint_eq(e->shown, 4);
	ck_assert_uint_eq(e->count, 9); /* nothing beyond what was drawn */
	for (size_t i = 0; i < e->count; i++) {
		near(sign * e->point[i].expected,
		     json_number_value(json_array_get(json_object_get(theirs, "expected"), i)),
		     "expected");
		near(sign * e->point[i].unbiased,
		     json_number_value(json_array_get(json_object_get(theirs, "unbiased"), i)),
		     "unbiased");
		ck_assert_double_le(e->point[i].low, e->point[i].expected);
		ck_assert_double_ge(e->point[i].high, e->point[i].expected);
	}
	abl_expected_destroy(e);
}

START_TEST(test_tables__expected_best)
{
	fill_draws("random", false, 1);
	are_expected(1);
}
END_TEST

START_TEST(test_tables__expected_best_of_a_loss)
{
	fill_draws("random", true, -1);
	are_expected(-1);
}
END_TEST

START_TEST(test_tables__expected_best_is_refused_for_grids)
{
	struct abl_expected *e;

	fill_draws("grid", false, 1);
	ck_assert_int_eq(abl_expected(&e, store, study, "t", &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "study 's' has the design 'grid'"));
}
END_TEST

static TCase *tests(void)
{
	TCase *c = tcase_create("study tables");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_tables__marginal_means_as_statsmodels_has_them);
	tcase_add_test(c, test_tables__what_is_no_grid);
	tcase_add_test(c, test_tables__levels_that_never_meet);
	tcase_add_test(c, test_tables__nothing_varies);
	tcase_add_test(c, test_tables__levels_of_random_draws);
	tcase_add_test(c, test_tables__costs_and_who_is_unbeaten);
	tcase_add_test(c, test_tables__costs_that_are_not_known);
	tcase_add_test(c, test_tables__variance_of_crossed_seeds);
	tcase_add_test(c, test_tables__variance_of_pretrainings);
	tcase_add_test(c, test_tables__variance_is_refused_where_nothing_is_crossed);
	tcase_add_test(c, test_tables__variance_of_equal_values);
	tcase_add_test(c, test_tables__expected_best);
	tcase_add_test(c, test_tables__expected_best_of_a_loss);
	tcase_add_test(c, test_tables__expected_best_is_refused_for_grids);
	return c;
}

int main(void)
{
	char *file = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/study_tables.json");
	int failed;

	reference = json_load_file(file, 0, NULL);
	free(file);
	if (!reference || !mkdtemp(folder))
		return 1;
	failed = run_case(tests(), "study_tables");
	(void)!abl_remove_tree(folder, NULL);
	json_decref(reference);
	return failed;
}
