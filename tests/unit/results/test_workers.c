/* SPDX-License-Identifier: Apache-2.0 */
/* test_workers.c - workers in the database, and what they may run when their program has died. */
#include "files.h"
#include "sql.h"
#include "store_carry.h"
#include "store_drop.h"
#include "store_worker.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-workers-XXXXXX";
static char *path;
static struct abl_err err; /* of the last call */

static void setup(void)
{
	path = abl_path_join(folder, "store");
	ck_assert_int_eq(abl_remove_tree(path, &err), 0);
}

static void teardown(void)
{
	free(path);
}

#define ok(call)                                                            \
	do {                                                                \
		int code_;                                                  \
		err = (struct abl_err){0};                                  \
		code_ = (call);                                             \
		ck_assert_msg(!code_, "%s: %d %s", #call, code_, err.text); \
	} while (0)

static struct abl_store *open_store(enum abl_store_mode mode)
{
	struct abl_store *s = NULL;

	ok(abl_store_open(&s, path, mode, &err));
	return s;
}

static void check(struct abl_store *s, const char *sql, const char *expected)
{
	struct abl_query *q;
	int rc;

	ok(abl_query_open(&q, abl_store_sql(s), sql, &err));
	rc = abl_query_step(q, &err);
	ck_assert_msg(rc >= 0, "%s", err.text);
	ck_assert_msg(!strcmp(rc && abl_query_text(q, 0) ? abl_query_text(q, 0) : "-", expected),
		      "%s: %s", sql, rc ? abl_query_text(q, 0) : "no row");
	abl_query_close(q);
}

#define KEY_A "0123456789abcdef0123456789abcdea"
#define KEY_B "0123456789abcdef0123456789abcdeb"
#define KEY_C "0123456789abcdef0123456789abcdec"

static const struct abl_provenance made_by = {
	.host = "n1", .cpu = "a cpu", .kernels = "skx", .engine = "1.0", .cores = 4};

/* One trial with the stages KEY_A, KEY_B, KEY_C, and a run of the study. */
static int64_t plan(struct abl_store *s)
{
	static const char *const keys[] = {KEY_A, KEY_B, KEY_C};
	int64_t study, variant, trial, run;

	ok(abl_store_begin(s, &err));
	ok(abl_store_put_study(s, &(struct abl_study_row){.name = "far", .text = "study: far\n"},
			       &study, &err));
	ok(abl_store_put_task(s, study, &(struct abl_task_row){.name = "t", .metric = "m"}, &err));
	ok(abl_store_put_variant(
		s, study,
		&(struct abl_variant_row){.label = "baseline", .kind = ABL_VARIANT_BASELINE},
		&variant, &err));
	ok(abl_store_put_trial(s, variant, "t", 1, &trial, &err));
	for (size_t i = 0; i < 3; i++) {
		ok(abl_store_put_stage(
			s, &(struct abl_stage_row){.key = keys[i], .kind = "finetune"}, &err));
		ok(abl_store_link(s, trial, keys[i], keys[i] + 31, &err));
	}
	ok(abl_store_refresh_views(s, &err));
	ok(abl_store_commit(s, &err));
	ok(abl_store_run_begin(s, study, &made_by, 0, NULL, &run, &err));
	return run;
}

static int64_t join(struct abl_store *s, int64_t run, const char *name)
{
	const struct abl_worker_row row = {.run = run,
					   .name = name,
					   .made_by = &made_by,
					   .slots = 2,
					   .memory = INFINITY,
					   .job = "812",
					   .array = "3"};
	int64_t id = 0;

	ok(abl_store_worker_joined(s, &row, &id, &err));
	return id;
}

static int64_t begin(struct abl_store *s, const char *key, int64_t worker)
{
	const struct abl_attempt_row row = {
		.log = "logs/x", .threads = 1, .made_by = &made_by, .worker = worker};
	int64_t attempt, id;

	ok(abl_store_stage_begin(s, key, &row, &attempt, &id, &err));
	return attempt;
}

START_TEST(test_workers__come_and_go)
{
	static const char *const words[] = {"left", "lost", "refused"};
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	const int64_t run = plan(s);

	for (int how = 0; how < 3; how++) {
		const int64_t id = join(s, run, words[how]);

		check(s,
		      "SELECT state || ' ' || host || cores || slots || job || array_index FROM "
		      "worker WHERE left_at IS NULL AND memory IS NULL",
		      "joined n142"
		      "812"
		      "3");
		ok(abl_store_worker_left(s, id, (enum abl_worker_end)how, "so it is", &err));
	}
	check(s,
	      "SELECT group_concat(name || ' ' || state || ' ' || reason) FROM worker WHERE "
	      "left_at >= joined",
	      "left left so it is,lost lost so it is,refused refused so it is");
	abl_store_close(s);
}
END_TEST

struct left {
	char text[200];
	int rc;
};

static int hear_left(void *data, const char *key, int64_t attempt, struct abl_err *e)
{
	struct left *l = data;
	const size_t n = strlen(l->text);

	(void)e;
	snprintf(l->text + n, sizeof l->text - n, "%s%lld ", key + 31, (long long)attempt);
	return l->rc;
}

static void work_and_die(void)
{
	struct abl_store *s = open_store(ABL_STORE_WRITE);
	const int64_t worker = join(s, plan(s), "w");

	begin(s, KEY_A, 0);
	begin(s, KEY_B, worker);
	begin(s, KEY_C, 0);
	begin(s, KEY_C, worker);
	_exit(7);
}

static void leave_some(void)
{
	const pid_t pid = fork();
	int status;

	if (!pid)
		work_and_die();
	ck_assert(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7);
}

START_TEST(test_workers__what_they_run_outlives_the_program)
{
	struct left left = {0}, none = {.rc = ABL_EIO};
	struct abl_stage_info info;
	struct abl_store *s;
	int64_t worker, again;

	leave_some();
	s = open_store(ABL_STORE_READ); /* whoever looks on: nobody runs them now */
	check(s, "SELECT group_concat(state) FROM (SELECT state FROM stage ORDER BY key)",
	      "waiting,waiting,waiting");
	abl_store_close(s);
	s = open_store(ABL_STORE_WRITE);
	check(s, "SELECT group_concat(state) FROM (SELECT state FROM stage ORDER BY key)",
	      "waiting,running,running");
	check(s,
	      "SELECT group_concat(coalesce(cause, '-') || number) FROM (SELECT * FROM attempt "
	      "ORDER BY id)",
	      "killed1,-1,killed1,-2");
	check(s, "SELECT state || ' ' || reason FROM worker",
	      "lost the program that it had joined ended");
	ok(abl_store_left_attempts(s, hear_left, &left, &err));
	ck_assert_str_eq(left.text, "b1 c2 ");
	ck_assert_int_eq(abl_store_left_attempts(s, hear_left, &none, &err), ABL_EIO);
	ok(abl_store_attempt_worker(s, KEY_B, 1, &worker, &err));
	ck_assert_int_gt(worker, 0);
	ok(abl_store_attempt_worker(s, KEY_A, 1, &again, &err));
	ck_assert_int_eq(again, 0);
	again = join(s, 0, "w");
	ok(abl_store_attempt_kept(s, KEY_B, 1, again, &err));
	ck_assert_int_eq(abl_store_stage(s, KEY_B, &info, &err), 1);
	ck_assert(info.worker == again && info.state == ABL_RUNNING);
	abl_stage_info_finish(&info);
	ok(abl_store_stage_end(s, KEY_B, 1, &(struct abl_stage_end){.state = ABL_DONE}, &err));
	ok(abl_store_attempt_given_up(s, KEY_B, 1, &err)); /* it has ended */
	ok(abl_store_attempt_given_up(s, KEY_C, 1, &err)); /* overtaken */
	check(s, "SELECT group_concat(state) FROM (SELECT state FROM stage ORDER BY key)",
	      "waiting,done,running");
	ok(abl_store_attempt_given_up(s, KEY_C, 2, &err));
	check(s, "SELECT group_concat(state) FROM (SELECT state FROM stage ORDER BY key)",
	      "waiting,done,waiting");
	check(s, "SELECT state || ' ' || cause FROM attempt WHERE number = 2", "waiting lost");
	left.text[0] = '\0';
	ok(abl_store_left_attempts(s, hear_left, &left, &err));
	ck_assert_str_eq(left.text, "");
	abl_store_close(s);
}
END_TEST

/* Into another store, and out of this one. */
START_TEST(test_workers__go_with_their_study)
{
	const struct abl_carry_request request = {.name = "far", .as = "far"};
	struct abl_dropped dropped = {0};
	char *other = abl_path_join(folder, "other");
	struct abl_store *s = open_store(ABL_STORE_WRITE), *to = NULL;
	int64_t study;
	const int64_t run = plan(s), idle = join(s, run, "idle"), worker = join(s, run, "busy");

	ck_assert_int_lt(idle, worker);
	begin(s, KEY_A, worker);
	ok(abl_store_stage_end(s, KEY_A, 1, &(struct abl_stage_end){.state = ABL_DONE}, &err));
	begin(s, KEY_B, worker);
	ok(abl_store_open(&to, other, ABL_STORE_WRITE, &err));
	ok(abl_store_begin(to, &err));
	ok(abl_store_carry(to, s, &request, &err));
	ok(abl_store_commit(to, &err));
	check(to, "SELECT group_concat(name || run_id) FROM worker", "busy1");
	check(to, "SELECT w.name FROM attempt a JOIN worker w ON w.id = a.worker", "busy");
	check(to, "SELECT group_concat(state) FROM (SELECT state FROM stage ORDER BY key)",
	      "done,waiting,waiting");
	abl_store_close(to);
	ok(abl_remove_tree(other, &err));
	free(other);
	ok(abl_store_stage_end(s, KEY_B, 1, &(struct abl_stage_end){.state = ABL_WAITING}, &err));
	ok(abl_store_find_study(s, "far", &study, &err));
	ok(abl_store_drop_study(s, study, &dropped, &err));
	check(s, "SELECT count(*) FROM worker", "0");
	abl_store_close(s);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("workers");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_workers__come_and_go);
	tcase_add_test(c, test_workers__what_they_run_outlives_the_program);
	tcase_add_test(c, test_workers__go_with_their_study);
	failed = run_case(c, "workers");
	return abl_remove_tree(folder, &err) || failed;
}
