/* SPDX-License-Identifier: Apache-2.0 */
/* test_standing.c - what runs, what failed and how long the rest takes, of the study of
 * test_read.c.
 */
#include "facts.h"
#include "files.h"
#include "result_store.h"
#include "run_case.h"
#include "standing.h"
#include "str.h"
#include "time_left.h"
#include "trials.h"

#include <check.h>
#include <stdlib.h>

static char folder[] = "/tmp/ablate-standing-XXXXXX";
static struct abl_store *store;
static struct abl_err err;
static struct abl_str heard;
static int64_t study;

static void setup(void)
{
	err = (struct abl_err){0};
	study = result_store_begin_first(&store, folder);
	abl_str_clear(&heard);
	abl_str_puts(&heard, "");
}

static void teardown(void)
{
	abl_store_close(store);
	abl_str_finish(&heard);
}

static void hear_stage(void *data, const struct abl_standing_stage *s)
{
	abl_standing_name(s, &heard);
	abl_str_printf(&heard, ": %s %s: %s (%d, %d) %s;", s->stage, s->state,
		       s->reason ? s->reason : "-", (int)s->trials, (int)s->step, s->log);
}

static void hear_standing(void *data, const struct abl_standing *s)
{
	abl_str_printf(&heard, "%s %s %s: %d x %d x %d: %s, %g s", s->text,
		       s->about ? "about" : "-", s->typed ? "typed" : "-", (int)s->variants,
		       (int)s->tasks, (int)s->seeds, s->trials, s->seconds);
}

START_TEST(test_standing__what_runs_and_what_failed)
{
	const struct abl_attempt_row row = {.log = "logs/y", .threads = 1};
	const struct abl_metric points[] = {{10, "loss", 1}, {20, "loss", .5}};
	struct abl_facts facts;
	const struct abl_task_row gone = {.name = "gone", .metric = "f1", .split = "dev"};
	const char *key = "first/rte/no y/3";
	int64_t attempt, id;

	ck_assert_int_eq(abl_store_stage_begin(store, key, &row, &attempt, &id, &err), 0);
	ck_assert_int_eq(abl_read_running(store, study, hear_stage, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "rte, no y, seed 3: finetune running: - (0, -1) logs/y;");
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_store_stage_metrics(store, key, attempt, points, 2, &err), 0);
	ck_assert_int_eq(abl_read_running(store, study, hear_stage, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "rte, no y, seed 3: finetune running: - (0, 20) logs/y;");
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_read_failures(store, study, hear_stage, NULL, &err), 0);
	ck_assert_str_eq(heard.text,
			 "rte, no y, seed 1: finetune failed: diverged at step 180 (loss nan) "
			 "(1, -1) logs/attempt.log;"
			 "rte, no y, seed 2: finetune failed: killed by signal 11 "
			 "(1, -1) logs/attempt.log;");
	abl_str_clear(&heard);
	/* a task that an earlier plan had is none of this one's */
	ck_assert_int_eq(abl_store_put_task(store, study, &gone, &err), 0);
	ck_assert_int_eq(abl_read_standing(store, study, hear_standing, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "study: x\n - -: 3 x 1 x 3: 6 done, 2 failed, 1 running, "
				     "140 s");
	ck_assert_int_eq(abl_facts_load(&facts, store, "first", NULL, &err), 0);
	ck_assert_uint_eq(facts.tasks, 1);
	abl_facts_finish(&facts);
	ck_assert_int_eq(abl_read_task(store, study, "gone", NULL, NULL, &err), 0);
}
END_TEST

/* What tries a value of `tune` is shown though no trial has it; what it reads as well. */
START_TEST(test_standing__what_tries_a_value)
{
	const struct abl_stage_input reads = {"parent", "texts"};
	const struct abl_stage_row texts = {.key = "texts", .kind = "tokenize", .rated = 3},
				   row = {.key = "a try",
					  .kind = "try",
					  .seed = 2,
					  .cost = 5,
					  .inputs = &reads,
					  .input_count = 1};
	const struct abl_attempt_row attempt_row = {.log = "logs/try", .threads = 1};
	const struct abl_stage_end end = {
		.state = ABL_FAILED, .seconds = 1, .reason = "diverged at step 7"};
	int64_t attempt, id;
	double before, left;

	ck_assert_int_eq(abl_read_time_left(store, study, &before, &err), 0);
	ck_assert_int_eq(abl_store_put_stage(store, &texts, &err), 0);
	ck_assert_int_eq(abl_store_put_stage(store, &row, &err), 0);
	ck_assert_int_eq(abl_read_time_left(store, study, &left, &err), 0);
	ck_assert(left == before); /* not the study's yet */
	ck_assert_int_eq(abl_store_put_tuning(store, study, "a try", &err), 0);
	ck_assert_int_eq(abl_read_time_left(store, study, &left, &err), 0);
	ck_assert_msg(left == before + 8, "%g after %g", left, before);

	ck_assert_int_eq(abl_store_stage_begin(store, "a try", &attempt_row, &attempt, &id, &err),
			 0);
	ck_assert_int_eq(abl_read_running(store, study, hear_stage, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "choosing a value of 'tune', seed 2: try running: - (0, -1) "
				     "logs/try;");
	ck_assert_int_eq(abl_store_stage_end(store, "a try", attempt, &end, &err), 0);
	abl_str_clear(&heard);
	ck_assert_int_eq(abl_read_running(store, study, hear_stage, NULL, &err), 0);
	ck_assert_str_eq(heard.text, "");
	ck_assert_int_eq(abl_read_failures(store, study, hear_stage, NULL, &err), 0);
	ck_assert(strstr(heard.text, "choosing a value of 'tune', seed 2: try failed: diverged at "
				     "step 7 (0, -1) logs/try;"));
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("standing");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_standing__what_runs_and_what_failed);
	tcase_add_test(c, test_standing__what_tries_a_value);
	failed = run_case(c, "standing");
	return abl_remove_tree(folder, &err) || failed;
}
