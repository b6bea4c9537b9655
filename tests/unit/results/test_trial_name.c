/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_name.c - trials as people name them: by number, or by parts of STUDY/VARIANT/TASK/SEED
 * that only one of them has. */
#include "files.h"
#include "result_store.h"
#include "run_case.h"
#include "trial_name.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-trial-XXXXXX";
static struct abl_store *store;
static struct abl_err err;
static struct abl_str heard;

static void fill(void)
{
	static const double values[] = {.5, .6, .7};
	static const struct result_arm arms[] = {
		{.variant = {.label = "baseline", .kind = ABL_VARIANT_BASELINE}, .values = values},
		{.variant = {.label = "no x",
			     .kind = ABL_VARIANT_REMOVAL,
			     .subject = "x",
			     .position = 1},
		 .values = values},
		{.variant = {.label = "path=a/b",
			     .kind = ABL_VARIANT_GRID,
			     .subject = "path",
			     .position = 2},
		 .values = values},
	};
	const struct result_study filled = {.name = "first",
					    .task = "rte",
					    .metric = "accuracy",
					    .arms = arms,
					    .count = 3,
					    .seeds = 3};

	result_store_fill(store, &filled);
}

static void hear_trial(void *data, const struct abl_trial_name *name)
{
	abl_trial_name_text(name, &heard);
}

/* The trial's name as it is found by text, or what is said where it is not. */
static const char *named(const char *text)
{
	int64_t trial;

	err = (struct abl_err){0};
	abl_str_clear(&heard);
	if (abl_trial_find(store, text, &trial, &err))
		abl_str_puts(&heard, err.text);
	else
		ck_assert_int_eq(abl_read_trial_name(store, trial, hear_trial, NULL, &err), 1);
	return heard.text;
}

START_TEST(test_trial_name__parts_left_out)
{
	static const char *const same[] = {"first/no x/rte/2", "no x/2", "first/no x//2",
					   "No-X/RTE/2", "x/2"};
	static const struct {
		const char *text, *says;
	} others[] = {
		{"a/b/2", "no trial 'a/b/2'"},
		{"no x", "'no x' are 3 trials: "},
		{"first", "'first' are 9 trials: "},
		{"frist", "did you mean 'first'?"},
		{"first/no q/2", "no trial 'first/no q/2'"},
		{"x/7", "no trial 'x/7'"},
		{"999", "no trial 999 in the store"},
		{"", "no trial ''"},
		{"/", "'/' are 9 trials"},
	};
	char number[32];
	int64_t trial;

	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		ck_assert_str_eq(named(same[i]), "first/no x/rte/2");
	ck_assert_int_eq(abl_trial_find(store, "baseline/1", &trial, &err), 0);
	snprintf(number, sizeof number, "%d", (int)trial);
	ck_assert_str_eq(named(number), "first/baseline/rte/1");
	ck_assert_str_eq(named("first/path=a/b/rte/2"), "first/path=a/b/rte/2");
	ck_assert_str_eq(named("path=a/b/3"), "first/path=a/b/rte/3");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		ck_assert_msg(strstr(named(others[i].text), others[i].says), "%s", heard.text);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("trial_name");
	int failed;

	if (!mkdtemp(folder) || abl_store_open(&store, folder, ABL_STORE_WRITE, &err))
		return 1;
	fill();
	tcase_add_test(c, test_trial_name__parts_left_out);
	failed = run_case(c, "trial_name");
	abl_store_close(store);
	abl_str_finish(&heard);
	return abl_remove_tree(folder, &err) || failed;
}
