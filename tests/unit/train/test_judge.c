/* SPDX-License-Identifier: Apache-2.0 */
/* Which evaluation is the best, and when training ends for want of a better one. */
#include "judge.h"
#include "run_case.h"

#include <check.h>
#include <math.h>

START_TEST(test_judge__the_first_of_the_best_is_kept)
{
	static const double values[] = {NAN, .5, .5, .7, .6, NAN, .7};
	const struct abl_recipe recipe = {.select = "best", .early_stopping = 3, .epochs = 7};
	struct abl_judge j;

	abl_judge_begin(&j, &recipe, "dev", "accuracy");
	ck_assert(j.on && j.apart && j.keeps_best);
	ck_assert_str_eq(j.point, "held_back_accuracy");
	for (int i = 0; i < 7; i++) {
		ck_assert_int_eq(abl_judge_hear(&j, 10 * (i + 1), values[i]), i == 1 || i == 3);
		ck_assert_int_eq(abl_judge_is_done(&j), i == 6); /* no better for the third time */
	}
	ck_assert_int_eq(j.step, 40);
	abl_judge_finish(&j);
}
END_TEST

START_TEST(test_judge__what_it_looks_at)
{
	struct abl_recipe recipe = {.select = "last", .epochs = 3};
	struct abl_judge j;

	abl_judge_begin(&j, &recipe, "dev", "mse");
	ck_assert(!j.on && !j.apart && !abl_judge_holds_back(&recipe));
	ck_assert_str_eq(j.point, "dev_mse");
	abl_judge_finish(&j);
	recipe.early_stopping = 1; /* the last weights, but an end by held-back examples */
	abl_judge_begin(&j, &recipe, "dev", "mse");
	ck_assert(j.on && j.apart && !j.keeps_best && abl_judge_holds_back(&recipe));
	ck_assert(abl_judge_hear(&j, 1, 2.5) && abl_judge_hear(&j, 2, 2.25)); /* lower is better */
	ck_assert(!abl_judge_hear(&j, 3, 2.5) && abl_judge_is_done(&j));
	abl_judge_finish(&j);
	recipe.select = "best_dev";
	abl_judge_begin(&j, &recipe, "dev", "accuracy");
	ck_assert(j.on && !j.apart && !abl_judge_holds_back(&recipe));
	ck_assert(abl_judge_sees_scored(&recipe));
	abl_judge_finish(&j);
	recipe.select = "best";
	abl_judge_begin(&j, &recipe, "held-back", "accuracy"); /* there is no dev file */
	ck_assert(j.on && !j.apart);
	abl_judge_finish(&j);
	ck_assert_int_eq(abl_judge_count(&recipe), 5);
	recipe.epochs = 12.5;
	ck_assert_int_eq(abl_judge_count(&recipe), 13);
	recipe.steps = 500;
	ck_assert_int_eq(abl_judge_count(&recipe), 10);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("judge");

	tcase_add_test(c, test_judge__the_first_of_the_best_is_kept);
	tcase_add_test(c, test_judge__what_it_looks_at);
	return run_case(c, "judge");
}
