/* SPDX-License-Identifier: Apache-2.0 */
/* test_two_parts.c - how a pre-training in two parts, short sequences and then long ones, is
 * planned.
 */
#include "planned_fixture.h"

#define TASKS "study: a\n" HEAD "pretraining: {texts: world}\ntasks: [sentiment, entailment]\n"
#define SHORT TASKS "baseline: {layers: 1, hidden: 64, max_length: 16}\nseeds: 2\n"
#define LONG                                                       \
	TASKS "baseline: {layers: 1, hidden: 64, max_length: 32, " \
	      "pretrain_max_length: 16, pretrain_long_steps: 7}\nseeds: 2\n"

static size_t stage_of(const struct planned *p, size_t trial, const char *role)
{
	return abl_plan_stage_of(&p->plan->trials[trial], role);
}

/* It is what a study of shorter texts has, and fine-tuning begins with the second. */
START_TEST(test_two_parts__the_first_is_shared)
{
	struct planned a = plan(SHORT), b = plan(LONG);

	ck_assert_uint_eq(count(a.plan, "pretrain"), 2);
	ck_assert_uint_eq(count(b.plan, "pretrain"), 2 * 2);
	for (size_t i = 0; i < b.plan->trial_count; i++) {
		const size_t first = stage_of(&b, i, ABL_ROLE_PRETRAIN_FIRST),
			     second = stage_of(&b, i, "pretrain"),
			     tuned = stage_of(&b, i, "finetune");
		const struct abl_plan_stage *stages = b.plan->stages;

		ck_assert_str_eq(stages[first].key,
				 a.plan->stages[stage_of(&a, i, "pretrain")].key);
		ck_assert_uint_eq(stage_of(&a, i, ABL_ROLE_PRETRAIN_FIRST), ABL_NONE);
		ck_assert_uint_eq(abl_plan_input(&stages[first], "parent"), ABL_NONE);
		ck_assert_uint_eq(abl_plan_input(&stages[second], "parent"), first);
		ck_assert_uint_eq(abl_plan_input(&stages[tuned], "parent"), second);
		/* seven steps, not an epoch */
		ck_assert_double_lt(stages[second].cost, stages[first].cost);
	}
	finish(&a), finish(&b);
}
END_TEST

/* A value that is tried has the parts of the trial that it is tried for, or parts of its own. */
START_TEST(test_two_parts__tuned)
{
	static const struct {
		const char *key;
		size_t pretrainings;
	} cases[] = {{"learning_rate", 2 * 2}, {"pretrain_learning_rate", 2 * 2 * 2}};
	struct abl_str text = {0};
	struct planned p;

	abl_str_printf(&text, LONG "tune: {%s: [1e-4, 1e-3], by: held-back}\n", cases[_i].key);
	p = plan(text.text);
	ck_assert_uint_eq(count(p.plan, "pretrain"), cases[_i].pretrainings);
	ck_assert(!abl_plan_choose(p.plan, 0, 1, NULL));
	ck_assert_uint_eq(count(p.plan, "pretrain"), cases[_i].pretrainings);
	for (size_t i = 0; i < p.plan->trial_count; i++)
		if (!abl_plan_tune(p.plan, i)) {
			const size_t second = stage_of(&p, i, "pretrain");

			ck_assert_uint_ne(second, ABL_NONE);
			ck_assert_uint_eq(abl_plan_input(&p.plan->stages[second], "parent"),
					  stage_of(&p, i, ABL_ROLE_PRETRAIN_FIRST));
		}
	abl_str_finish(&text);
	finish(&p);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("two_parts");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_two_parts__the_first_is_shared);
	tcase_add_loop_test(c, test_two_parts__tuned, 0, 2);
	failed = run_case(c, "two_parts");
	return abl_remove_tree(folder, &err) || failed;
}
