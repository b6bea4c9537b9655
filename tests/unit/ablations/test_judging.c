/* SPDX-License-Identifier: Apache-2.0 */
/* What a study says of how it is judged, and by what. */
#include "study_fixture.h"

/* All labels but the baseline's, each with its kind: "no a (removal); ". */
static const char *labels(const struct abl_study *s)
{
	static struct abl_str text;

	abl_str_clear(&text);
	abl_str_puts(&text, "");
	for (size_t i = 1; i < s->variant_count; i++)
		abl_str_printf(&text, "%s%s (%s)", i > 1 ? "; " : "", s->variants[i].label,
			       abl_variant_kind_name(s->variants[i].kind));
	return text.text;
}

/* What the designs set in it: "segments=none layers=4". */
static const char *set_in(const struct abl_variant *v)
{
	static struct abl_str text;

	abl_str_clear(&text);
	abl_str_puts(&text, "");
	for (size_t i = 0; i < v->set_count; i++) {
		abl_str_printf(&text, "%s%s=", i ? " " : "", v->set[i].key->name);
		abl_value_text(&v->set[i].value, &text);
	}
	return text.text;
}

START_TEST(test_seeds__grow)
{
	struct abl_study *s = load(HEAD "seeds: {start: 8, until: 0.5}\n");

	ck_assert(!s->crossed && s->pretrain_seeds == 8 && s->finetune_seeds == 8);
	ck_assert(s->seeds_start == 8 && s->seeds_until == .5 && s->seeds_max == 30);
	abl_study_destroy(s);
	s = load(HEAD "seeds: {until: 1, start: 40, max: 50}\n");
	ck_assert(s->pretrain_seeds == 40 && s->seeds_until == 1 && s->seeds_max == 50);
	abl_study_destroy(s);
}
END_TEST

static const struct {
	const char *text, *message;
} refused_seeds[] = {
	{HEAD "seeds: {start: 8}\n", "study.yaml:5:8: error: 'seeds.until' is missing\n"},
	{HEAD "seeds: {until: 1}\n", "study.yaml:5:8: error: 'seeds.start' is missing\n"},
	{HEAD "seeds: {start: 1, until: 1}\n",
	 "study.yaml:5:16: error: 'start' is out of range: 1; it must be 2 to 1000\n"},
	{HEAD "seeds: {start: 8, until: 0}\n",
	 "study.yaml:5:26: error: 'until' is out of range: 0; it must be above 0\n"},
	{HEAD "seeds: {start: 8, until: .inf}\n",
	 "study.yaml:5:26: error: 'until' is out of range: inf; it must be above 0\n"},
	{HEAD "seeds: {start: 8, until: 1, max: 7}\n",
	 "study.yaml:5:34: error: 'seeds.max' is below 'seeds.start'\n"},
	{HEAD PRE "seeds: {start: 8, until: 1, pretrain: 2}\n",
	 "study.yaml:6:26: error: seeds that are added each have their own pre-training and one "
	 "fine-tuning\n"},
	{HEAD "tune: {epochs: [1, 2]}\nseeds: {start: 8, until: 1}\n",
	 "study.yaml:6:8: error: 'epochs' is tuned by the mean over all seeds, so seeds cannot be "
	 "added to it\n"},
	{HEAD "seeds: {}\n", "study.yaml:5:8: error: 'seeds.pretrain' is missing\n"},
	{HEAD "seeds: {strat: 8, until: 1}\n",
	 "study.yaml:5:9: error: unknown key 'strat'; did you mean 'start'?\n"},
};

START_TEST(test_seeds__refused)
{
	for (size_t i = 0; i < sizeof refused_seeds / sizeof *refused_seeds; i++)
		refuse_start(refused_seeds[i].text, refused_seeds[i].message);
}
END_TEST

START_TEST(test_judging)
{
	static const char design[] = "tasks: [sentiment, entailment]\n"
				     "design: {leave-one-out: [segments, placebo, {attention: "
				     "causal}], add-one-in: [{attention: causal, layers: 3}]}\n";
	struct abl_str text = {0};
	struct abl_study *s;

	abl_str_printf(&text,
		       "study: s\ndata: world\nvocab: 500\n%sprimary: [{segments: entailment}, "
		       "attention=causal, {segments: [all, sentiment]}]\n"
		       "margins: {accuracy: 0.01, f1: 2}\nverdict_from: 3\n",
		       design);
	s = load(text.text);
	ck_assert_uint_eq(s->primary_count, 4);
	ck_assert_str_eq(s->variants[s->primary[0].variant].label, "no segments");
	ck_assert_uint_eq(s->primary[0].task, 1);
	ck_assert_str_eq(s->variants[s->primary[1].variant].label, "attention=causal");
	ck_assert(s->primary[1].task == ABL_ALL_TASKS && s->primary[2].task == ABL_ALL_TASKS);
	ck_assert_uint_eq(s->primary[3].task, 0);
	ck_assert_uint_eq(s->margin_count, 2);
	ck_assert_str_eq(s->margins[1].metric, "f1");
	ck_assert(s->margins[0].value == .01 && s->verdict_from == 3 && !s->baseline_arms);
	abl_study_destroy(s);
	abl_str_finish(&text);
	s = load(HEAD);
	ck_assert(!s->primary_count && !s->margin_count && !s->verdict_from);
	abl_study_destroy(s);
}
END_TEST

START_TEST(test_judging__arms_of_the_baseline)
{
	struct abl_study *s = load(HEAD "baseline_arms: 2\nbaseline: {layers: 1}\n"
					"design: {leave-one-out: [segments, placebo]}\n"
					"exclude: [{segments: none}]\n");

	ck_assert_str_eq(labels(s), "baseline (2) (baseline arm); placebo (placebo)");
	ck_assert_str_eq(set_in(&s->variants[1]), "placebo=resalted");
	ck_assert_str_eq(set_in(&s->variants[2]), "placebo=salted");
	abl_study_destroy(s);
	/* rules are about points of the design */
	s = load(HEAD "baseline_arms: 2\nbaseline: {layers: 1}\n"
		      "design: {leave-one-out: [segments]}\nexclude: [{layers: 1}]\n");
	ck_assert_str_eq(labels(s), "baseline (2) (baseline arm)");
	abl_study_destroy(s);
	s = load(HEAD "baseline_arms: 1\n");
	ck_assert_uint_eq(s->variant_count, 1);
	abl_study_destroy(s);
}
END_TEST

#define TWO "tasks: [sentiment, entailment]\ndesign: {leave-one-out: [segments, placebo]}\n"
static const struct {
	const char *text, *message;
} refused_judging[] = {
	{"primary: []\n", "6:10: error: 'primary' names no variant\n"},
	{"primary: [[segments]]\n", "6:11: error: 'primary' needs a map, not a list\n"},
	{"primary: [segmants]\n",
	 "6:11: error: no variant is called 'segmants' or is about it; did you mean 'segments'?\n"},
	{"primary: {segments: rte}\n",
	 "6:21: error: study 's' has no task 'rte'; its tasks are sentiment, entailment\n"},
	{"primary: [{segments: [sentiment, sentiment]}]\n",
	 "6:34: error: this comparison is named twice\n"},
	{"primary: [segments, {segments: all}]\n", "6:32: error: this comparison is named twice\n"},
	{"primary: {segments: []}\n", "6:21: error: 'segments' has no task\n"},
	{"primary: {segments: {a: b}}\n",
	 "6:21: error: 'segments' needs a single value, not a map"},
	{"primary: [placebo]\n", "6:11: error: 'placebo' changes nothing"},
	{"primary: [baseline]\n", "6:11: error: no variant is called 'baseline'"},
	{"margins: {}\n", "6:10: error: 'margins' names no metric\n"},
	{"margins: .01\n", "6:10: error: 'margins' needs a map, not a real\n"},
	{"margins: {accuracy: 0}\n",
	 "6:21: error: 'accuracy' is out of range: 0; it must be above 0\n"},
	{"margins: {accuracy: .inf}\n", "6:21: error: 'accuracy' is out of range: inf;"},
	{"verdict_from: 1\n",
	 "6:15: error: 'verdict_from' is out of range: 1; it must be 2 to 1000\n"},
	{"baseline_arms: 3\n",
	 "6:16: error: 'baseline_arms' is out of range: 3; it must be 1 to 2\n"},
	{"baseline_arm: 2\n",
	 "6:1: error: unknown key 'baseline_arm'; did you mean 'baseline_arms'"},
};

START_TEST(test_judging__refused)
{
	for (size_t i = 0; i < sizeof refused_judging / sizeof *refused_judging; i++) {
		struct abl_str text = {0}, message = {0};

		abl_str_printf(&text, "study: s\ndata: world\nvocab: 500\n" TWO "%s",
			       refused_judging[i].text);
		abl_str_printf(&message, "study.yaml:%s", refused_judging[i].message);
		refuse_start(text.text, message.text);
		abl_str_finish(&text), abl_str_finish(&message);
	}
}
END_TEST

static const struct {
	const char *text, *message;
} refused_alone[] = {
	{"", "3:8: error: a study without tasks is one of pre-training alone, and this one has no "
	     "'pretraining:'\n"},
	{PRE "tune: {epochs: [1, 2]}\n",
	 "5:7: error: values are tuned by the score on a task, and this study has none\n"},
	{PRE "measure: sharpness\n", "5:10: error: sharpness is measured on a task"},
	{PRE "select: best\n", "5:9: error: weights are selected by the score on a task"},
	{PRE "early_stopping: 3\n", "5:17: error: it is fine-tuning that ends early"},
	{PRE "seeds: {pretrain: 3, finetune: 2}\n",
	 "5:32: error: this study does no fine-tuning: it has no tasks\n"},
	{PRE "design: {grid: {learning_rate: [1e-3, 1e-4]}}\n",
	 "5:17: error: 'learning_rate' is a key of fine-tuning, and this study has no tasks\n"},
	{PRE "design: {leave-one-out: [nsp, pretraining]}\n",
	 "5:31: error: 'no pretraining' does no pre-training, and this study has no tasks to "
	 "measure it by\n"},
	{PRE "design: {leave-one-out: [nsp, mlm]}\n",
	 "5:31: error: 'no mlm' has no held-out loss of 'mlm', by which this study compares\n"},
	{PRE "baseline: {pretraining: none}\n", "1:1: error: 'baseline' does no pre-training"},
	{PRE "design: {leave-one-out: [nsp]}\nprimary: [{nsp: sentiment}]\n",
	 "6:17: error: study 's' has no task 'sentiment'; its tasks are pretraining\n"},
};

START_TEST(test_no_tasks)
{
	static const char head[] = "study: s\ndata: world\ntasks: []\n";
	struct abl_str text = {0};
	struct abl_study *s;

	for (size_t i = 0; i < sizeof refused_alone / sizeof *refused_alone; i++) {
		struct abl_str message = {0};

		abl_str_clear(&text);
		abl_str_printf(&text, "%s%s", head, refused_alone[i].text);
		abl_str_printf(&message, "study.yaml:%s", refused_alone[i].message);
		refuse_start(text.text, message.text);
		abl_str_finish(&message);
	}
	abl_str_clear(&text);
	abl_str_printf(&text,
		       "%s" PRE
		       "design: {grid: {pretrain_learning_rate: [1e-3, 3e-4]}, leave-one-out: "
		       "[segments, placebo]}\nseeds: 3\n",
		       head);
	s = load(text.text);
	ck_assert(s->pretraining_only && s->task_count == 1 && s->pretrain_seeds == 3);
	ck_assert_str_eq(s->tasks[0].spec.name, "pretraining");
	ck_assert_uint_eq(s->variant_count, 5);
	ck_assert_int_eq(abl_study_need_files(s, &err), ABL_EINPUT);
	abl_study_destroy(s);
	abl_str_finish(&text);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("judging");

	tcase_add_test(c, test_seeds__grow);
	tcase_add_test(c, test_seeds__refused);
	tcase_add_test(c, test_judging);
	tcase_add_test(c, test_judging__arms_of_the_baseline);
	tcase_add_test(c, test_judging__refused);
	tcase_add_test(c, test_no_tasks);
	return run_tests(c);
}
