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
	struct abl_err err;          /* of the run */
	size_t staying;              /* failed trials that were left alone */
};
static struct given {     /* what runs, beside what is the same in all of them */
	const char *more; /* lines of the study file */
	unsigned retry;
	bool may_pause;
} given;
static const struct abl_plan *planned; /* of the run that goes on */

/* Runs the study in a store of its own. */
static struct outcome run(const char *name, const struct abl_executor *executors, size_t count)
{
	char *path = abl_path_join(folder, "study.yaml"), *store = abl_path_join(folder, name);
	struct abl_err err = {0};
	struct abl_study *study = NULL;
	struct abl_record record = {0};
	struct abl_supervisor s = {.run = {.workers = 3, .threads = 1},
				   .retry = given.retry,
				   .record = &record,
				   .executors = executors,
				   .executor_count = count};
	struct outcome out = {0};
	struct abl_plan *plan;
	struct abl_store *opened;
	struct abl_str text = {0};
	int rc;

	abl_str_printf(&text, "%s%s", study_text, given.more ? given.more : "");
	rc = abl_file_write(path, text.text, text.length, &err);
	abl_str_finish(&text);
	rc = rc ? rc : abl_study_load(&study, path, NULL, &err);
	rc = rc ? rc : abl_plan_create(&s.run.plan, study, NULL, &err);
	rc = rc ? rc : abl_store_open(&s.run.store, store, ABL_STORE_WRITE, &err);
	rc = rc ? rc : abl_record_plan(&record, s.run.store, s.run.plan, &err);
	ck_assert_msg(!rc, "%s", err.text);
	abl_provenance_gather(&s.run.made_by);
	planned = s.run.plan;
	rc = abl_supervisor_init(&s, &err);
	ck_assert_msg(!rc, "%s", err.text);
	out.staying = abl_retry_staying(&s.run);
	rc = abl_supervisor_run(&s, &out.err);
	ck_assert_msg(!rc || given.may_pause, "%s", out.err.text);
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

	given.more = "retry: {crash: 0, breaker: off}\n";
	abl_counting_init(&e, 3, NULL);
	out = run("silent", &e, 1);
	ck_assert_uint_eq(out.done, 0);
	ck_assert_uint_eq(out.failed, 8);
	ck_assert_str_eq(out.reason, "ended without a result");
	abl_executor_finish(&e);
}
END_TEST

/* How attempts of a variant's evaluations end. */
static struct rule {
	size_t variant; /* ABL_NONE: all */
	const char *line;
	size_t met;   /* attempts so far */
	bool crowded; /* one of them was not alone, but for the first of each stage */
} rule;
#define CRASHES "{\"error\":\"it gave up\",\"cause\":\"crash\"}"
#define STARVES "{\"error\":\"too large\",\"cause\":\"memory\"}"

static void by_rule(const void *data, struct abl_end *end, const char **line)
{
	const struct abl_job *job = data;
	const struct abl_supervisor *s = job->owner;
	const struct abl_plan_stage *stage = &planned->stages[job->stage];

	if (strcmp(stage->kind->name, "evaluate") != 0 ||
	    (rule.variant != ABL_NONE && rule.variant != stage->variant))
		return;
	rule.met++;
	rule.crowded |= s->run.nodes[job->stage].alone && s->run.running > 1;
	end->exit_code = 1;
	*line = rule.line;
}

static struct outcome run_by_rule(const char *name, struct rule next)
{
	struct abl_executor e;
	struct outcome out;

	rule = next;
	abl_counting_init(&e, 3, "{\"result\":{\"accuracy\":0.5,\"examples\":4}}");
	abl_counting_decide(&e, by_rule);
	out = run(name, &e, 1);
	abl_executor_finish(&e);
	return out;
}

START_TEST(test_supervisor__tries_are_counted_over_starts)
{
	struct outcome out;

	given.more = "retry: {crash: 0}\n";
	out = run_by_rule("tries", (struct rule){.variant = 2, .line = CRASHES});
	ck_assert_uint_eq(out.failed, 2);
	ck_assert_uint_eq(rule.met, 2);
	given.more = "retry: {crash: 1}\n"; /* one of the two tries is over already */
	out = run_by_rule("tries", (struct rule){.variant = 2, .line = CRASHES});
	ck_assert_uint_eq(rule.met, 2);
	out = run_by_rule("tries", (struct rule){.variant = 2, .line = CRASHES});
	ck_assert_uint_eq(rule.met, 0);
	ck_assert_uint_eq(out.staying, 2);
	ck_assert_uint_eq(out.done, 6);
	given.retry = ABL_RETRY_CAUSE(ABL_CAUSE_MEMORY); /* of something else */
	out = run_by_rule("tries", (struct rule){.variant = 2, .line = CRASHES});
	ck_assert_uint_eq(rule.met, 0);
	given.retry = ABL_RETRY_FAILED;
	out = run_by_rule("tries", (struct rule){.variant = 5});
	ck_assert_uint_eq(out.done, 8);
}
END_TEST

START_TEST(test_supervisor__want_of_memory_is_tried_alone)
{
	const struct outcome out =
		run_by_rule("alone", (struct rule){.variant = 1, .line = STARVES});

	ck_assert_uint_eq(rule.met, 4);
	ck_assert(!rule.crowded);
	ck_assert_uint_eq(out.failed, 2);
	ck_assert_uint_eq(out.done, 6);
}
END_TEST

START_TEST(test_supervisor__pauses_where_all_fails_at_once)
{
	const struct rule all = {.variant = ABL_NONE, .line = CRASHES};
	struct outcome out;

	given.may_pause = true;
	out = run_by_rule("paused", all);
	ck_assert_int_eq(out.err.code, ABL_EFAIL);
	ck_assert_ptr_nonnull(strstr(out.err.text, "paused: 5 stages in a row failed within 10 s"));
	ck_assert_ptr_nonnull(strstr(out.err.text, "last error: sentiment, "));
	ck_assert_ptr_nonnull(strstr(out.err.text, "it gave up"));
	ck_assert_uint_le(rule.met, 7); /* those that ran at that time, too */
	ck_assert_uint_eq(out.failed, 0);
	out = run_by_rule("paused", all); /* one is tried */
	ck_assert_int_eq(out.err.code, ABL_EFAIL);
	ck_assert_uint_eq(rule.met, 1);
	given = (struct given){.retry = ABL_RETRY_FAILED}; /* that had no more try */
	out = run_by_rule("paused", (struct rule){.variant = 9});
	ck_assert_uint_eq(out.done, 8);
}
END_TEST

static void forget(void)
{
	given = (struct given){0};
}

int main(void)
{
	TCase *c = tcase_create("supervisor");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_supervisor__each_stage_once);
	tcase_add_test(c, test_supervisor__two_share_the_work);
	tcase_add_checked_fixture(c, forget, NULL);
	tcase_add_test(c, test_supervisor__without_a_result_nothing_is_done);
	tcase_add_test(c, test_supervisor__tries_are_counted_over_starts);
	tcase_add_test(c, test_supervisor__want_of_memory_is_tried_alone);
	tcase_add_test(c, test_supervisor__pauses_where_all_fails_at_once);
	failed = run_case(c, "supervisor");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
