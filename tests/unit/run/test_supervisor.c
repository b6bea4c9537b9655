/* SPDX-License-Identifier: Apache-2.0 */
/* test_supervisor.c - a plan is run by executors that only count. */
#include "counting.h"
#include "files.h"
#include "str.h"
#include "supervisor.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-supervisor-XXXXXX";

static const char study_text[] = "study: counted\n"
				 "data: world\n"
				 "vocab: 400\n"
				 "pretraining: {texts: world}\n"
				 "tasks: [sentiment]\n"
				 "baseline: {layers: 1, hidden: 16, heads: 1}\n"
				 "design: {grid: {learning_rate: [1e-4, 2e-4, 3e-4]}}\n"
				 "seeds: 2\n";

struct outcome {
	size_t stages, done, failed; /* stages of the plan; trials */
	char reason[80];             /* of a stage that failed */
};

/* Runs the study in a store of its own. */
static struct outcome run(const char *name, const struct abl_executor *executors, size_t count)
{
	char *path = abl_path_join(folder, "study.yaml"), *store = abl_path_join(folder, name);
	struct abl_err err = {0};
	struct abl_study *study = NULL;
	struct abl_record record = {0};
	struct abl_supervisor s = {.run = {.workers = 3, .threads = 1},
				   .record = &record,
				   .executors = executors,
				   .executor_count = count};
	struct outcome out = {0};
	struct abl_plan *plan;
	struct abl_store *opened;
	int rc = abl_file_write(path, study_text, sizeof study_text - 1, &err);

	rc = rc ? rc : abl_study_load(&study, path, NULL, &err);
	rc = rc ? rc : abl_plan_create(&s.run.plan, study, NULL, &err);
	rc = rc ? rc : abl_store_open(&s.run.store, store, ABL_STORE_WRITE, &err);
	rc = rc ? rc : abl_record_plan(&record, s.run.store, s.run.plan, &err);
	ck_assert_msg(!rc, "%s", err.text);
	abl_provenance_gather(&s.run.made_by);
	rc = abl_supervisor_init(&s, &err);
	rc = rc ? rc : abl_supervisor_run(&s, &err);
	ck_assert_msg(!rc, "%s", err.text);
	out.stages = s.run.plan->stage_count;
	out.done = s.run.done, out.failed = s.run.failed;
	for (size_t i = 0; i < out.stages; i++)
		if (s.run.nodes[i].reason)
			snprintf(out.reason, sizeof out.reason, "%s", s.run.nodes[i].reason);
	ck_assert_uint_eq(s.run.plan->trial_count, 8);
	plan = s.run.plan, opened = s.run.store;
	abl_supervisor_finish(&s);
	abl_record_finish(&record);
	abl_store_close(opened);
	abl_plan_destroy(plan);
	abl_study_destroy(study);
	free(path), free(store);
	return out;
}

START_TEST(test_supervisor__each_stage_once)
{
	struct abl_executor e;
	struct outcome out;

	abl_counting_init(&e, 3, "{\"result\":{\"accuracy\":0.5,\"examples\":4}}");
	out = run("once", &e, 1);
	ck_assert_uint_eq(out.done, 8);
	ck_assert_uint_eq(abl_counting_started(&e), out.stages);
	run("once", &e, 1); /* all is done */
	ck_assert_uint_eq(abl_counting_started(&e), out.stages);
	abl_executor_finish(&e);
}
END_TEST

START_TEST(test_supervisor__two_share_the_work)
{
	struct abl_executor e[2];
	struct outcome out;

	for (int i = 0; i < 2; i++)
		abl_counting_init(&e[i], 1, "{\"result\":{\"accuracy\":0.5,\"examples\":4}}");
	out = run("shared", e, 2);
	ck_assert_uint_eq(out.done, 8);
	ck_assert_uint_eq(abl_counting_started(&e[0]) + abl_counting_started(&e[1]), out.stages);
	ck_assert_uint_gt(abl_counting_started(&e[1]), 0);
	abl_executor_finish(&e[0]);
	abl_executor_finish(&e[1]);
}
END_TEST

START_TEST(test_supervisor__without_a_result_nothing_is_done)
{
	struct abl_executor e;
	struct outcome out;

	abl_counting_init(&e, 3, NULL);
	out = run("silent", &e, 1);
	ck_assert_uint_eq(out.done, 0);
	ck_assert_uint_eq(out.failed, 8);
	ck_assert_str_eq(out.reason, "ended without a result");
	abl_executor_finish(&e);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("supervisor");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_supervisor__each_stage_once);
	tcase_add_test(c, test_supervisor__two_share_the_work);
	tcase_add_test(c, test_supervisor__without_a_result_nothing_is_done);
	failed = run_case(c, "supervisor");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
