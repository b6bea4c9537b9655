/* SPDX-License-Identifier: Apache-2.0 */
/* Designs beyond one change at a time, and what a study says of how it is judged. */
#include "study_fixture.h"

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

int main(void)
{
	TCase *c = tcase_create("designs");

	tcase_add_test(c, test_seeds__grow);
	tcase_add_test(c, test_seeds__refused);
	return run_tests(c);
}
