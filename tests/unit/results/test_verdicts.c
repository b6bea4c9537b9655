/* SPDX-License-Identifier: Apache-2.0 */
/* Studies whose rows SciPy and statsmodels have computed (reference/verdicts.json, made by
 * make_verdicts.py): means over tasks, families, units, margins, failures, interactions. */
#include "compare.h"
#include "files.h"
#include "run_case.h"
#include "study_store.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-verdicts-XXXXXX";
static struct abl_err err;
static json_t *studies;

struct opened {
	struct abl_store *store;
	struct abl_analysis *a;
	const json_t *study;
};

static void open_study(struct opened *o, const json_t *study)
{
	const struct abl_compare_request request = {0};
	char *path = abl_path_join(folder, json_string_value(json_object_get(study, "name")));
	int64_t id;

	err = (struct abl_err){0};
	o->study = study;
	ck_assert_int_eq(abl_remove_tree(path, &err), 0);
	ck_assert_int_eq(abl_store_open(&o->store, path, ABL_STORE_WRITE, &err), 0);
	study_store_fill(o->store, study);
	ck_assert_int_eq(abl_store_find_study(o->store,
					      json_string_value(json_object_get(study, "name")),
					      &id, &err),
			 0);
	ck_assert_msg(!abl_analyse(&o->a, o->store, id, &request, &err), "%s", err.text);
	free(path);
}

static void close_study(struct opened *o)
{
	abl_analysis_destroy(o->a);
	abl_store_close(o->store);
}

static const json_t *named(const char *name)
{
	const json_t *study;
	size_t i;

	json_array_foreach(studies, i, study)
	{
		if (!strcmp(json_string_value(json_object_get(study, "name")), name))
			return study;
	}
	ck_abort_msg("no study '%s' in the reference", name);
	return NULL;
}

static void near(const char *where, const char *name, const json_t *row, double ours)
{
	const json_t *value = json_object_get(row, name);
	const double theirs = json_number_value(value);

	if (value)
		ck_assert_msg(fabs(ours - theirs) <= 1e-8 * fabs(theirs) + 1e-13,
			      "%s, %s: %.17g, not %.17g", where, name, ours, theirs);
}

static const struct abl_effect *row_of(const struct abl_analysis *a, const char *task,
				       const char *variant)
{
	const struct abl_comparison *c = a->all;

	/* a primary row that the study names is of that task */
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->effect[i].arm.label, variant) &&
		    !strcmp(c->effect[i].tasks ? c->effect[i].tasks : ABL_TASK_ALL, task))
			return &c->effect[i];
	for (size_t t = 0; t < a->tasks; t++)
		for (size_t i = 0; i < a->task[t]->count; i++)
			if (!strcmp(a->task[t]->task, task) &&
			    !strcmp(a->task[t]->effect[i].arm.label, variant))
				return &a->task[t]->effect[i];
	ck_abort_msg("no row of '%s' on '%s'", variant, task);
	return NULL;
}

static void check_row(const struct opened *o, const json_t *row)
{
	const char *task = json_string_value(json_object_get(row, "task")),
		   *variant = json_string_value(json_object_get(row, "variant"));
	const struct abl_effect *e = row_of(o->a, task, variant);
	const json_t *tested = json_object_get(row, "tested");
	char where[200];

	snprintf(where, sizeof where, "%s: %s on %s",
		 json_string_value(json_object_get(o->study, "name")), variant, task);
	near(where, "n", row, (double)e->n);
	near(where, "effect", row, e->t.estimate);
	near(where, "low", row, e->t.low);
	near(where, "high", row, e->t.high);
	near(where, "df", row, e->t.df);
	if (json_is_false(tested)) {
		ck_assert_msg(isnan(e->p) && e->decision == ABL_DECISION_VALUES, "%s", where);
		return;
	}
	near(where, "p", row, e->p);
	near(where, "p_adjusted", row, e->p_adjusted);
	near(where, "p_equivalent", row, e->p_equivalent);
	near(where, "could_see", row, e->could_see);
	if (json_object_get(row, "p_equivalent"))
		ck_assert(e->equivalent == (e->p_equivalent < .05));
	if (e->decision != ABL_DECISION_UNJUDGED)
		ck_assert_msg(abl_is_decided(e) == (e->p_adjusted < .05), "%s", where);
}

/* Rows and interactions are objects with the same keys, in the order of the analysis. */
static void check_export(const struct opened *o)
{
	struct abl_table *wide = abl_compare_wide_table();
	struct abl_str text = {0};
	const json_t *row, *last;
	json_t *rows;
	size_t i, count = o->a->all->count + o->a->interactions;

	for (i = 0; i < o->a->tasks; i++)
		count += o->a->task[i]->count;
	abl_compare_add_analysis(o->a, wide);
	abl_table_render(wide, ABL_TABLE_JSON, &text);
	rows = json_loads(text.text, 0, NULL);
	ck_assert_uint_eq(json_array_size(rows), count);
	last = json_array_get(rows, count - 1);
	json_array_foreach(rows, i, row)
	{
		ck_assert_uint_eq(json_object_size(row), json_object_size(last));
		ck_assert(json_is_string(json_object_get(row, "family")));
	}
	if (o->a->interactions)
		ck_assert_str_eq(json_string_value(json_object_get(last, "family")), "interaction");
	json_decref(rows);
	abl_table_destroy(wide);
	abl_str_finish(&text);
}

START_TEST(test_verdicts__as_computed)
{
	const json_t *row;
	struct opened o;
	size_t i;

	open_study(&o, json_array_get(studies, (size_t)_i));
	json_array_foreach(json_object_get(o.study, "rows"), i, row)
	{
		check_row(&o, row);
	}
	json_array_foreach(json_object_get(o.study, "interactions"), i, row)
	{
		const struct abl_interaction *x = &o.a->interaction[i];

		ck_assert_uint_eq(o.a->interactions,
				  json_array_size(json_object_get(o.study, "interactions")));
		ck_assert_str_eq(x->label, json_string_value(json_object_get(row, "label")));
		near(x->label, "effect", row, x->t.estimate);
		near(x->label, "low", row, x->t.low);
		near(x->label, "high", row, x->t.high);
		near(x->label, "p", row, x->p);
		near(x->label, "p_adjusted", row, x->p_adjusted);
		near(x->label, "could_see", row, x->could_see);
	}
	check_export(&o);
	close_study(&o);
}
END_TEST

static void check_words(const struct opened *o, const struct abl_comparison *c, const char *variant,
			const char *expected)
{
	struct abl_str text = {0};

	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->effect[i].arm.label, variant))
			abl_verdict_text(c, &c->effect[i], &text);
	ck_assert_msg(text.length && strstr(text.text, expected), "%s, %s: '%s', not '%s'",
		      json_string_value(json_object_get(o->study, "name")), variant,
		      text.length ? text.text : "", expected);
	abl_str_finish(&text);
}

START_TEST(test_verdicts__families_and_scopes)
{
	struct abl_str text = {0};
	struct opened o;

	open_study(&o, named("two-tasks"));
	ck_assert_uint_eq(o.a->all->family, 4);
	ck_assert_uint_eq(o.a->task[1]->family, 8);
	ck_assert(!o.a->task[1]->by_rate);
	check_words(&o, o.a->all, "no a", "removal hurts");
	check_words(&o, o.a->task[0], "no a", " by task");
	check_words(&o, o.a->all, "placebo", "no difference seen, could see ");
	check_words(&o, o.a->task[0], "placebo", "-");
	close_study(&o);

	open_study(&o, named("four-tasks"));
	ck_assert(o.a->task[0]->by_rate);
	ck_assert_uint_eq(o.a->task[0]->family, 16);
	close_study(&o);

	open_study(&o, named("points"));
	ck_assert_str_eq(o.a->all->metric, "points");
	ck_assert(!o.a->all->lower_is_better); /* the loss is turned */
	close_study(&o);

	open_study(&o, named("few-pretrainings"));
	check_words(&o, o.a->all, "dropout=0.3", " for these 3 pre-trainings");
	check_words(&o, o.a->all, "no mlm", "-");
	close_study(&o);

	open_study(&o, named("three"));
	check_words(&o, o.a->all, "no a", " (3 seeds, assumes normal)");
	close_study(&o);

	open_study(&o, named("named"));
	ck_assert_uint_eq(o.a->all->count,
			  (size_t)json_integer_value(json_object_get(o.study, "primary")));
	abl_compare_notes(o.a->all, &text);
	ck_assert_msg(strstr(text.text, "as a check: a on t1 ."), "%s", text.text);
	abl_str_finish(&text);
	close_study(&o);

	open_study(&o, named("two-baselines"));
	ck_assert_int_eq(o.a->all->baseline_arms, 2);
	ck_assert_uint_eq(o.a->all->count, 1);
	close_study(&o);
}
END_TEST

START_TEST(test_verdicts__failures)
{
	const json_t *row, *value;
	const char *variant;
	struct opened o;
	size_t i;

	open_study(&o, named("failures"));
	json_array_foreach(json_object_get(o.study, "rates"), i, row)
	{
		const char *label = json_string_value(json_object_get(row, "variant"));
		const struct abl_effect *e = row_of(o.a, ABL_TASK_ALL, label);

		ck_assert_int_eq(e->arm.fails.hits,
				 json_integer_value(json_object_get(row, "failed")));
		ck_assert_int_eq(e->arm.collapses.hits,
				 json_integer_value(json_object_get(row, "collapsed")));
		ck_assert_int_eq(e->base_fails.hits, o.a->all->baseline.fails.hits);
		ck_assert_int_eq(e->base_fails.units, o.a->all->baseline.fails.units);
		near(label, "low", row, e->arm.fails.low);
		near(label, "high", row, e->arm.fails.high);
		value = json_object_get(row, "p");
		if (json_is_null(value))
			ck_assert_msg(isnan(e->p_fails), "%s", label);
		else
			near(label, "p", row, e->p_fails);
	}
	json_object_foreach((json_t *)json_object_get(o.study, "verdicts"), variant, value)
	{
		check_words(&o, o.a->all, variant, json_string_value(value));
	}
	/* a crash is no value; a run that diverged counts as the majority's */
	ck_assert_uint_eq(row_of(o.a, ABL_TASK_ALL, "no a")->n, 1);
	ck_assert_uint_eq(row_of(o.a, ABL_TASK_ALL, "no b")->n, 4);
	check_words(&o, o.a->all, "no d", "removal hurts");
	close_study(&o);
}
END_TEST

/* Every study whose interactions have words. */
START_TEST(test_verdicts__interactions_in_words)
{
	const json_t *words = json_object_get(json_array_get(studies, (size_t)_i), "words"), *value;
	const char *label;
	struct opened o;

	if (!words)
		return;
	open_study(&o, json_array_get(studies, (size_t)_i));
	json_object_foreach((json_t *)words, label, value)
	{
		bool seen = false;

		for (size_t i = 0; i < o.a->interactions; i++) {
			struct abl_str text = {0};

			if (strcmp(o.a->interaction[i].label, label) != 0)
				continue;
			seen = true;
			abl_interaction_words(&o.a->interaction[i], &text);
			ck_assert_str_eq(text.text, json_string_value(value));
			abl_str_finish(&text);
		}
		ck_assert_msg(seen, "%s", label);
	}
	close_study(&o);
}
END_TEST

START_TEST(test_verdicts__what_needs_care)
{
	struct abl_str text = {0};
	struct opened o;

	/* the double removals are judged as interactions, not as rows */
	open_study(&o, named("pairs"));
	check_words(&o, o.a->all, "no a, no b", "-");
	ck_assert_uint_eq(o.a->all->family, 3);
	close_study(&o);

	open_study(&o, named("all-failed"));
	check_words(&o, o.a->all, "no a", "cannot say: all its runs failed");
	ck_assert(isnan(o.a->all->effect[0].t.estimate));
	close_study(&o);

	open_study(&o, named("raised"));
	abl_compare_notes(o.a->all, &text);
	ck_assert_msg(strstr(text.text, "seeds were raised from 5 to 8 after results were there: a "
					"nominal .05 is .082\n"),
		      "%s", text.text);
	abl_str_finish(&text);
	close_study(&o);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("verdicts");
	char *file = abl_path_join(getenv("ABLATE_SOURCE"), "tests/reference/verdicts.json");
	int failed;

	studies = json_load_file(file, 0, NULL);
	free(file);
	if (!studies || !mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, test_verdicts__as_computed, 0, (int)json_array_size(studies));
	tcase_add_test(c, test_verdicts__families_and_scopes);
	tcase_add_test(c, test_verdicts__failures);
	tcase_add_loop_test(c, test_verdicts__interactions_in_words, 0,
			    (int)json_array_size(studies));
	tcase_add_test(c, test_verdicts__what_needs_care);
	failed = run_case(c, "verdicts");
	json_decref(studies);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
