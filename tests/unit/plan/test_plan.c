/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of small studies on the built-in world: what has a key of its own, and what is shared. */
#include "planned_fixture.h"

/* The key of the first stage of that kind. */
static const char *key(const struct abl_plan *p, const char *kind)
{
	for (size_t i = 0; i < p->stage_count; i++)
		if (!strcmp(p->stages[i].kind->name, kind))
			return p->stages[i].key;
	ck_abort_msg("no such stage");
}

START_TEST(test_plan__words_about_a_study_are_in_no_key)
{
	struct planned a = plan("study: one\n" HEAD BODY "seeds: 2\n");
	struct planned b =
		plan("study: other\nabout: something else\n" HEAD
		     "limits: {hours: 3, trial_minutes: 5, workers: 1}\nplots: [curves]\n" BODY
		     "seeds: 2\n");

	ck_assert_uint_eq(a.plan->stage_count, b.plan->stage_count);
	for (size_t i = 0; i < a.plan->stage_count; i++)
		ck_assert_str_eq(a.plan->stages[i].key, b.plan->stages[i].key);
	finish(&a), finish(&b);
}
END_TEST

START_TEST(test_plan__a_value_said_or_not_is_the_same_key)
{
	struct planned a = plan("study: a\n" HEAD BODY);
	struct planned b =
		plan("study: a\n" HEAD "pretraining: {texts: world}\ntasks: [sentiment]\n"
		     "baseline: {layers: 1, hidden: 64, segments: learned, learning_rate: 5e-5}\n");

	for (size_t k = 0; k < abl_kind_count(); k++)
		if (!abl_kind_at(k)->foreign)
			ck_assert_str_eq(key(a.plan, abl_kind_at(k)->name),
					 key(b.plan, abl_kind_at(k)->name));
	finish(&a), finish(&b);
}
END_TEST

START_TEST(test_plan__an_option_changes_its_stages_only)
{
	static const struct {
		const char *option;
		const char *changed; /* names of kinds */
	} cases[] = {
		{"learning_rate: 1e-3", "finetune evaluate"},
		{"epochs: 9", "finetune evaluate"},
		{"pretrain_learning_rate: 1e-3", "pretrain finetune evaluate"},
		{"segments: none", "pretrain finetune evaluate"},
		{"nsp: none", "pretrain finetune evaluate"},
		{"sentences: lines", "tokenize pretrain finetune evaluate"},
		{"cased: true", "vocab tokenize pretrain finetune evaluate"},
	};
	struct planned a = plan("study: a\n" HEAD BODY);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct abl_str text = {0};
		struct planned b;

		abl_str_printf(&text,
			       "study: a\n" HEAD "pretraining: {texts: world}\ntasks: [sentiment]\n"
			       "baseline: {layers: 1, hidden: 64, %s}\n",
			       cases[i].option);
		b = plan(text.text);
		for (size_t k = 0; k < abl_kind_count() && !abl_kind_at(k)->foreign; k++) {
			const char *kind = abl_kind_at(k)->name;
			const bool same = !strcmp(key(a.plan, kind), key(b.plan, kind));

			ck_assert_msg(same == !strstr(cases[i].changed, kind), "%s: %s is %s",
				      cases[i].option, kind, same ? "the same" : "changed");
		}
		abl_str_finish(&text);
		finish(&b);
	}
	finish(&a);
}
END_TEST

START_TEST(test_plan__a_grid_over_fine_tuning_pretrains_once)
{
	struct planned p = plan("study: a\n" HEAD
				"pretraining: {texts: world}\ntasks: [sentiment, entailment]\n"
				"baseline: {layers: 1, hidden: 64, learning_rate: 1e-3}\n"
				"design: {grid: {learning_rate: [1e-3, 3e-4, 1e-4]}}\nseeds: 2\n");
	size_t served = 0;

	ck_assert_uint_eq(p.study->variant_count, 3);
	ck_assert_uint_eq(p.plan->trial_count, 3 * 2 * 2);
	ck_assert_uint_eq(count(p.plan, "vocab"), 1);
	ck_assert_uint_eq(count(p.plan, "tokenize"), 1);
	ck_assert_uint_eq(count(p.plan, "pretrain"), 2);
	ck_assert_uint_eq(count(p.plan, "finetune"), 12);
	ck_assert_uint_eq(count(p.plan, "evaluate"), 12);
	for (size_t i = 0; i < p.plan->stage_count; i++)
		if (!strcmp(p.plan->stages[i].kind->name, "pretrain")) {
			ck_assert_uint_eq(p.plan->stages[i].serves, 6);
			served += p.plan->stages[i].serves;
		}
	ck_assert_uint_eq(served, p.plan->trial_count);
	finish(&p);
}
END_TEST

/* The key of the first stage of that kind of a variant. */
static const char *key_of(const struct abl_plan *p, const char *kind, size_t variant)
{
	for (size_t i = 0; i < p->stage_count; i++)
		if (!strcmp(p->stages[i].kind->name, kind) && p->stages[i].variant == variant)
			return p->stages[i].key;
	ck_abort_msg("no %s of variant %zu", kind, variant);
	return NULL;
}

START_TEST(test_plan__how_it_is_judged_is_in_no_key)
{
	struct planned plain = plan("study: a\n" HEAD BODY
				    "design: {leave-one-out: [segments, placebo]}\nseeds: 2\n");
	struct planned judged =
		plan("study: a\n" HEAD BODY
		     "design: {leave-one-out: [segments, placebo]}\nprimary: [{segments: all}]\n"
		     "margins: {accuracy: .01}\nverdict_from: 3\nbaseline_arms: 2\n"
		     "seeds: {start: 2, until: .5}\n");

	ck_assert_str_eq(key(plain.plan, "finetune"), key(judged.plan, "finetune"));
	ck_assert_str_eq(key_of(plain.plan, "pretrain", 1), key_of(judged.plan, "pretrain", 2));
	ck_assert_str_eq(key_of(plain.plan, "finetune", 2), key_of(judged.plan, "finetune", 3));
	/* the second arm draws all its own, and is no placebo */
	ck_assert_uint_eq(count(judged.plan, "pretrain"), 4 * 2);
	for (size_t v = 0; v < 4; v++)
		ck_assert_int_eq(!strcmp(key_of(judged.plan, "pretrain", 1),
					 key_of(judged.plan, "pretrain", v)),
				 v == 1);
	finish(&plain), finish(&judged);
}
END_TEST

/* Pre-trainings that are compared themselves are those that fine-tuning would go on from. */
START_TEST(test_plan__no_tasks)
{
	struct planned whole = plan("study: a\n" HEAD BODY "seeds: 2\n");
	struct planned alone = plan("study: a\n" HEAD "pretraining: {texts: world}\ntasks: []\n"
				    "baseline: {layers: 1, hidden: 64}\nseeds: 2\n"
				    "margins: {nsp_accuracy: .01}\n");

	ck_assert_uint_eq(alone.plan->trial_count, 2);
	ck_assert_uint_eq(alone.plan->stage_count, 2 + 2);
	ck_assert_str_eq(key(whole.plan, "pretrain"), key(alone.plan, "pretrain"));
	for (size_t i = 0; i < 2; i++) {
		const size_t scored = abl_plan_stage_of(&alone.plan->trials[i], "evaluate");

		ck_assert(scored != ABL_NONE);
		ck_assert_str_eq(alone.plan->stages[scored].kind->name, "pretrain");
		ck_assert(abl_plan_ends_trial(alone.plan, &alone.plan->stages[scored]));
	}
	ck_assert_str_eq(abl_plan_metric(alone.study, 0), "mlm_loss");
	ck_assert_str_eq(abl_plan_split(alone.study, 0), "held-out");
	finish(&whole), finish(&alone);
}
END_TEST

START_TEST(test_plan__seeds_are_replicates)
{
	struct planned whole = plan("study: a\n" HEAD BODY "seeds: 4\n");
	struct planned crossed = plan("study: a\n" HEAD BODY "seeds: {pretrain: 2, finetune: 3}\n");
	struct planned fewer = plan("study: a\n" HEAD BODY "seeds: {pretrain: 2, finetune: 2}\n");
	size_t there = 0;

	ck_assert_uint_eq(count(whole.plan, "pretrain"), 4);
	ck_assert_uint_eq(count(whole.plan, "finetune"), 4);
	ck_assert_uint_eq(crossed.plan->trial_count, 6);
	ck_assert_uint_eq(count(crossed.plan, "pretrain"), 2);
	ck_assert_uint_eq(count(crossed.plan, "finetune"), 6);
	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(crossed.plan->trials[i].seed,
				 1000000 * ((int64_t)i / 3 + 1) + (int64_t)i % 3 + 1);
		ck_assert_int_eq(crossed.plan->trials[i].pretrain_seed, (int64_t)i / 3 + 1);
	}
	/* with one fine-tuning more a pre-training, the others are the same stages */
	for (size_t i = 0; i < fewer.plan->stage_count; i++)
		for (size_t k = 0; k < crossed.plan->stage_count; k++)
			there += !strcmp(fewer.plan->stages[i].key, crossed.plan->stages[k].key);
	ck_assert_uint_eq(there, fewer.plan->stage_count);
	ck_assert_uint_eq(crossed.plan->stage_count - there, 2 + 2); /* fine-tuned and scored */
	finish(&whole), finish(&crossed), finish(&fewer);
}
END_TEST

START_TEST(test_plan__from_scratch_has_no_pretraining)
{
	struct planned p =
		plan("study: a\n" HEAD BODY "design: {leave-one-out: [pretraining]}\nseeds: 2\n");
	const struct abl_plan_trial *trial = &p.plan->trials[1];

	ck_assert_uint_eq(count(p.plan, "pretrain"), 2); /* the baseline's */
	ck_assert_uint_eq(trial->variant, 1);
	ck_assert_uint_eq(abl_plan_stage_of(trial, "pretrain"), ABL_NONE);
	ck_assert_uint_eq(
		abl_plan_input(&p.plan->stages[abl_plan_stage_of(trial, "finetune")], "parent"),
		ABL_NONE);
	ck_assert_uint_ne(abl_plan_stage_of(trial, "vocab"), ABL_NONE);
	finish(&p);
}
END_TEST

START_TEST(test_plan__inputs_come_before_their_users)
{
	struct planned p =
		plan("study: a\n" HEAD BODY "design: {leave-one-out: [segments, nsp]}\nseeds: 3\n");

	for (size_t i = 0; i < p.plan->stage_count; i++) {
		const struct abl_plan_stage *s = &p.plan->stages[i];

		for (size_t k = 0; k < s->input_count; k++)
			ck_assert(s->inputs[k].stage == ABL_NONE || s->inputs[k].stage < i);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(p.plan->stages[k].key, s->key);
		ck_assert(s->cost > 0);
	}
	finish(&p);
}
END_TEST

static double cost_of_pretraining(const char *more)
{
	char text[512];
	struct planned p;
	double cost = 0;

	snprintf(text, sizeof text,
		 "study: a\n" HEAD "pretraining: {texts: world}\ntasks: [sentiment]\n"
		 "baseline: {layers: 1, hidden: 64, pretrain_steps: 1000%s}\nseeds: 1\n",
		 more);
	p = plan(text);
	for (size_t i = 0; i < p.plan->stage_count; i++)
		if (!strcmp(p.plan->stages[i].kind->name, "pretrain"))
			cost = p.plan->stages[i].cost;
	finish(&p);
	return cost;
}

START_TEST(test_plan__predictions_cost)
{
	const double masked = cost_of_pretraining("");

	ck_assert(cost_of_pretraining(", mlm: none") < masked);
	ck_assert(cost_of_pretraining(", mask_rate: .3") > masked);
	ck_assert(cost_of_pretraining(", lm: on, mlm: none, nsp: none") > 1.3 * masked);
}
END_TEST

START_TEST(test_plan__measures_are_of_the_evaluation)
{
	struct planned a = plan("study: a\n" HEAD BODY "seeds: 1\n");
	struct planned b = plan("study: a\n" HEAD BODY "seeds: 1\nmeasure: sharpness\n");

	for (size_t k = 0; k < abl_kind_count() && !abl_kind_at(k)->foreign; k++) {
		const char *kind = abl_kind_at(k)->name;

		ck_assert(!strcmp(key(a.plan, kind), key(b.plan, kind)) ==
			  !!strcmp(kind, "evaluate"));
	}
	finish(&a);
	finish(&b);
}
END_TEST

#define TUNE(by) "tune: {learning_rate: [1e-3, 3e-4, 1e-4], by: " by "}\nseeds: 2\n"

START_TEST(test_plan__tuning_expands_when_the_value_is_chosen)
{
	struct planned p = plan("study: a\n" HEAD BODY
				"design: {leave-one-out: [segments]}\n" TUNE("held-back"));
	const size_t before = p.plan->stage_count;

	ck_assert_uint_eq(p.plan->tune_count, 2);
	ck_assert_uint_eq(count(p.plan, "finetune"), 2 * 3 * 2);
	for (size_t i = 0; i < p.plan->stage_count; i++)
		if (!strcmp(p.plan->stages[i].kind->name, "finetune"))
			ck_assert(p.plan->stages[i].hold_back && p.plan->stages[i].serves == 0);
	for (size_t i = 0; i < p.plan->trial_count; i++)
		ck_assert_uint_eq(abl_plan_stage_of(&p.plan->trials[i], "finetune"), ABL_NONE);
	ck_assert_int_eq(abl_plan_choose(p.plan, 1, 2, NULL), 0);
	ck_assert_uint_eq(p.plan->stage_count, before + 4); /* two seeds: fine-tune and evaluate */
	for (size_t i = 0; i < p.plan->trial_count; i++) {
		const struct abl_plan_trial *t = &p.plan->trials[i];
		const struct abl_plan_stage *s;

		if (!t->variant) {
			ck_assert_uint_eq(abl_plan_stage_of(t, "evaluate"), ABL_NONE);
			continue;
		}
		s = &p.plan->stages[abl_plan_stage_of(t, "finetune")];
		ck_assert(abl_native_config(s->config)->finetune.learning_rate == 1e-4 &&
			  !s->hold_back && s->serves == 1);
		ck_assert_str_eq(p.plan->stages[abl_plan_stage_of(t, "evaluate")].split, "dev");
	}
	finish(&p);
}
END_TEST

/* A threshold for "no answer" comes from questions that were not trained on. */
START_TEST(test_plan__holds_back_where_a_threshold_is_tuned)
{
	struct planned p = plan("study: a\ndata: world\nvocab: 500\ntasks: [spans, spans2]\n"
				"baseline: {layers: 1, hidden: 32}\nseeds: 1\n");

	ck_assert_uint_eq(p.plan->trial_count, 2);
	for (size_t i = 0; i < p.plan->trial_count; i++) {
		const struct abl_plan_trial *t = &p.plan->trials[i];
		const struct abl_plan_stage *s = &p.plan->stages[abl_plan_stage_of(t, "evaluate")];

		ck_assert_str_eq(s->split, "dev");
		ck_assert(s->hold_back == (t->task == 1));
		ck_assert(p.plan->stages[abl_plan_stage_of(t, "finetune")].hold_back ==
			  (t->task == 1));
	}
	finish(&p);
}
END_TEST

START_TEST(test_plan__tuning_by_dev_reuses_the_chosen_run)
{
	struct planned p = plan("study: a\n" HEAD BODY TUNE("dev"));
	const size_t before = p.plan->stage_count;

	ck_assert_int_eq(abl_plan_choose(p.plan, 0, 1, NULL), 0);
	ck_assert_uint_eq(p.plan->stage_count, before);
	ck_assert_uint_eq(p.plan->stages[abl_plan_stage_of(&p.plan->trials[0], "evaluate")].tuned,
			  ABL_NONE);
	finish(&p);
}
END_TEST

/* One choice for both tasks of a variant, one for each task of another, none for a third. */
START_TEST(test_plan__a_variant_says_how_it_is_tuned)
{
	struct planned p = plan(
		"study: a\nvocab: 400\ndata: world\ntasks: [sentiment, entailment]\n"
		"pretraining: {texts: world}\n"
		"baseline: {tuning: off, learning_rate: 1e-5, pretrain_steps: 10}\ndesign:\n"
		"  list: [{label: one, tuning: shared}, {label: each, tuning: per-task}]\n" TUNE(
			"held-back"));
	const struct abl_plan_tune *tune = p.plan->tunes;
	size_t both = 0;

	ck_assert_uint_eq(p.plan->tune_count, 3);
	ck_assert_uint_eq(tune[0].variant, 1);
	ck_assert_uint_eq(tune[0].task_count, 2);
	ck_assert(tune[1].variant == 2 && tune[1].task == 0 && tune[1].task_count == 1);
	ck_assert(tune[2].variant == 2 && tune[2].task == 1 && tune[2].task_count == 1);
	ck_assert_uint_eq(count(p.plan, "pretrain"), 2); /* the arms share them, */
	/* and the tuning runs: 2 tasks x 3 values x 2 seeds, beside 4 runs of the baseline */
	ck_assert_uint_eq(count(p.plan, "finetune"), 12 + 4);
	ck_assert_uint_eq(*abl_plan_tuning_run(p.plan, &tune[0], 1, 2, 1),
			  *abl_plan_tuning_run(p.plan, &tune[2], 0, 2, 1));
	ck_assert_int_eq(abl_plan_choose(p.plan, 0, 1, NULL), 0);
	for (size_t i = 0; i < p.plan->trial_count; i++) {
		const struct abl_plan_trial *t = &p.plan->trials[i];
		const size_t stage = abl_plan_stage_of(t, "finetune");

		ck_assert_int_eq(stage == ABL_NONE, t->variant == 2);
		both += t->variant == 1 &&
			abl_native_config(p.plan->stages[stage].config)->finetune.learning_rate ==
				3e-4;
		ck_assert_int_eq(abl_plan_tune(p.plan, i) == ABL_NONE, t->variant == 0);
	}
	ck_assert_uint_eq(both, 4);
	finish(&p);
}
END_TEST

/* A tuned key of pre-training: each value has pre-trainings of its own, of which one is used. */
START_TEST(test_plan__a_key_of_pretraining_is_tuned)
{
	struct planned p = plan("study: a\n" HEAD BODY
				"tune: {pretrain_learning_rate: [1e-3, 3e-4, 1e-4]}\nseeds: 2\n");

	ck_assert_uint_eq(count(p.plan, "pretrain"), 3 * 2);
	for (size_t i = 0; i < p.plan->trial_count; i++)
		ck_assert_uint_eq(abl_plan_stage_of(&p.plan->trials[i], "pretrain"), ABL_NONE);
	ck_assert_int_eq(abl_plan_choose(p.plan, 0, 1, NULL), 0);
	ck_assert_uint_eq(count(p.plan, "pretrain"), 3 * 2);
	for (size_t i = 0; i < p.plan->trial_count; i++) {
		size_t stage = abl_plan_stage_of(&p.plan->trials[i], "pretrain");

		ck_assert(abl_native_config(p.plan->stages[stage].config)->pretrain.learning_rate ==
			  3e-4);
		ck_assert_uint_eq(p.plan->stages[stage].serves, 1);
	}
	finish(&p);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("plan");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_plan__words_about_a_study_are_in_no_key);
	tcase_add_test(c, test_plan__a_value_said_or_not_is_the_same_key);
	tcase_add_test(c, test_plan__an_option_changes_its_stages_only);
	tcase_add_test(c, test_plan__how_it_is_judged_is_in_no_key);
	tcase_add_test(c, test_plan__no_tasks);
	tcase_add_test(c, test_plan__a_grid_over_fine_tuning_pretrains_once);
	tcase_add_test(c, test_plan__seeds_are_replicates);
	tcase_add_test(c, test_plan__from_scratch_has_no_pretraining);
	tcase_add_test(c, test_plan__inputs_come_before_their_users);
	tcase_add_test(c, test_plan__predictions_cost);
	tcase_add_test(c, test_plan__measures_are_of_the_evaluation);
	tcase_add_test(c, test_plan__tuning_expands_when_the_value_is_chosen);
	tcase_add_test(c, test_plan__holds_back_where_a_threshold_is_tuned);
	tcase_add_test(c, test_plan__tuning_by_dev_reuses_the_chosen_run);
	tcase_add_test(c, test_plan__a_variant_says_how_it_is_tuned);
	tcase_add_test(c, test_plan__a_key_of_pretraining_is_tuned);
	failed = run_case(c, "plan");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
