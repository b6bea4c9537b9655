/* SPDX-License-Identifier: Apache-2.0 */
/* test_away.c - a run whose stages are with workers: lost ones, late ones, those that come back to
 * a head that was started anew, and what becomes of their folders. */
#include "away_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

START_TEST(test_away__each_stage_once)
{
	struct outcome out = run(&all);
	const size_t started = all.attempt_count;

	ck_assert_uint_eq(out.done, 3);
	ck_assert_uint_eq(started, out.stages);
	check("SELECT count(*) FROM attempt WHERE worker IS NULL", "0");
	check("SELECT count(*) FROM attempt a JOIN worker w ON w.id = a.worker WHERE a.host = "
	      "w.host AND w.host IN ('n1', 'n2') AND a.kernels = 'skx' AND a.pid IS NULL",
	      "7");
	check("SELECT group_concat(name || state) FROM worker", "n1left,n2left");
	ck_assert_int_eq(entries("work"), 0);
	ck_assert_int_eq(entries("artifacts"), (int)out.stages);
	all.joined = false;
	out = run(&all);
	ck_assert_uint_eq(out.done, 3);
	ck_assert_uint_eq(all.attempt_count, started);
}
END_TEST

/* The first attempt at each fine-tuning ends so; what it left is seen by the second. */
static enum abl_pretends first_ends;
static bool had_state, old_was_held;

static enum abl_pretends first(const struct abl_pretended_attempt *a)
{
	char *state, *old;

	if (!strstr(a->spec.log, "finetune"))
		return ABL_PRETENDS_DONE;
	if (a->attempt == 1)
		return first_ends;
	state = abl_path_join(a->folder, "state");
	old = abl_strdup(a->folder);
	old[strlen(old) - 1]--; /* .../2 -> .../1 */
	had_state = abl_file_exists(state);
	old_was_held = abl_is_dir(old);
	free(state), free(old);
	return ABL_PRETENDS_DONE;
}

static struct outcome run_first(enum abl_pretends ends)
{
	first_ends = ends;
	had_state = old_was_held = false;
	all.decide = first;
	return run(&all);
}

START_TEST(test_away__a_lost_one_goes_on_in_a_folder_of_its_own)
{
	struct outcome out;

	given.lease = 30; /* longer than this takes */
	out = run_first(ABL_PRETENDS_LOST);
	ck_assert_uint_eq(out.done, 3);
	ck_assert(had_state && old_was_held);
	check("SELECT group_concat(state || ' ' || cause || ' ' || reason) FROM attempt WHERE "
	      "number = 1 AND state <> 'done'",
	      "failed lost worker w is lost,failed lost worker w is lost,failed lost worker w is "
	      "lost");
	check("SELECT count(*) FROM stage WHERE state = 'done' AND attempt = 2", "3");
	ck_assert_int_eq(entries("work"), 3); /* what a lost worker may still write to */
	all.joined = false;
	run(&all);
	ck_assert_int_eq(entries("work"), 0);
}
END_TEST

/* The lease is over before the next attempt has begun, or before the run is over. */
START_TEST(test_away__a_lease_that_is_over_holds_nothing)
{
	given.lease = .01;
	run_first(ABL_PRETENDS_LOST);
	ck_assert(had_state && !old_was_held);
	ck_assert_int_eq(entries("work"), 0);
}
END_TEST

/* Sealed before it is lost, or before it is tried again: that counts, and nothing runs twice. */
START_TEST(test_away__what_a_lost_one_has_sealed_is_taken)
{
	const struct outcome out = run_first(_i ? ABL_PRETENDS_LATE : ABL_PRETENDS_SEALED);

	ck_assert_uint_eq(out.done, 3);
	ck_assert_uint_eq(all.attempt_count, out.stages);
	check("SELECT count(*) FROM attempt WHERE state = 'done'", "7");
	ck_assert_int_eq(entries("artifacts"), (int)out.stages);
}
END_TEST

START_TEST(test_away__what_is_not_seen_yet_is_looked_for)
{
	const struct outcome out = run_first(ABL_PRETENDS_UNSEEN);

	ck_assert_uint_eq(out.done, 3);
	ck_assert_uint_eq(all.attempt_count, out.stages);
	check("SELECT count(*) FROM attempt WHERE state = 'done' AND number = 1", "7");
}
END_TEST

START_TEST(test_away__what_never_comes_is_lost)
{
	struct outcome out;

	given.awaits = .2;
	out = run_first(ABL_PRETENDS_NOTHING);
	ck_assert_uint_eq(out.done, 3);
	ck_assert_uint_eq(all.attempt_count, out.stages + 3);
	check("SELECT DISTINCT cause || ' ' || substr(reason, 1, 29) FROM attempt WHERE number = 1 "
	      "AND state = 'failed'",
	      "lost worker n1 says that it is don");
}
END_TEST

START_TEST(test_away__lost_three_times_and_no_more)
{
	struct outcome out;

	given.more = "retry: {lost: 0}\n";
	out = run_first(ABL_PRETENDS_LOST);
	ck_assert_uint_eq(out.failed, 3);
	check("SELECT DISTINCT cause FROM failures", "lost");
}
END_TEST

START_TEST(test_away__given_back_is_no_failure)
{
	struct outcome out;

	given.more = "retry: {lost: 0, killed: 0, not_started: 0, crash: 0}\n";
	out = run_first(ABL_PRETENDS_BACK);
	ck_assert_uint_eq(out.done, 3);
	ck_assert(had_state);
	check("SELECT DISTINCT state || ' ' || reason || coalesce(cause, '-') FROM attempt WHERE "
	      "state <> 'done'",
	      "waiting given back by its worker-");
}
END_TEST

/* A head that dies: its workers go on. */

static enum abl_pretends until_three(const struct abl_pretended_attempt *a)
{
	size_t on = 0;

	for (size_t i = 0; i < all.attempt_count; i++)
		on += !all.attempts[i].ended;
	if (on == 3)
		_exit(7);
	return strstr(a->spec.log, "finetune") ? ABL_PRETENDS_ON : ABL_PRETENDS_DONE;
}

static struct abl_wire_attempt left[3];
static char left_keys[3][40];

static void leave_three(void)
{
	const pid_t pid = fork();
	char *store = store_path();
	struct abl_err err = {0};
	struct abl_store *s = NULL;
	struct abl_query *q = NULL;
	int status;

	if (!pid) {
		all.decide = until_three;
		run(&all);
		_exit(1);
	}
	ck_assert(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7);
	ck_assert_int_eq(abl_store_open(&s, store, ABL_STORE_WRITE, &err), 0);
	ck_assert_int_eq(abl_query_open(&q, abl_store_sql(s),
					"SELECT key, attempt FROM stage WHERE state = 'running'",
					&err),
			 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(abl_query_step(q, &err), 1);
		snprintf(left_keys[i], sizeof left_keys[i], "%s", abl_query_text(q, 0));
		left[i] = (struct abl_wire_attempt){left_keys[i], abl_query_int(q, 1)};
	}
	abl_query_close(q);
	abl_store_close(s);
	free(store);
}

static char *work_of(int i)
{
	char *store = store_path(), *path = abl_store_path(store, "work/%s/%lld", left_keys[i],
							   (long long)left[i].attempt);

	free(store);
	return path;
}

/* Of the kept one: it has no folder of the pretended executor's own. */
static enum abl_pretends kept_ends(const struct abl_pretended_attempt *a)
{
	char *work;

	if (a->folder)
		return ABL_PRETENDS_DONE;
	work = work_of(0);
	abl_pretended_seal(work, a->key, a->attempt);
	free(work);
	return ABL_PRETENDS_UNSEEN; /* its end alone */
}

START_TEST(test_away__a_new_head_takes_over)
{
	char *work;
	struct outcome out;

	leave_three();
	/* one runs on, one has sealed its work meanwhile, one is never heard of again */
	work = work_of(1);
	abl_pretended_seal(work, left_keys[1], left[1].attempt);
	free(work);
	given.lease = .5;
	all.running = &left[0], all.running_count = 1;
	all.sealed = &left[1], all.sealed_count = 1;
	all.decide = kept_ends;
	out = run(&all);
	ck_assert_uint_eq(out.done, 3);
	ck_assert_uint_eq(all.kept, 1);
	ck_assert_ptr_nonnull(strstr(out.said, "2 stages run with workers of a run that ended"));
	/* the kept one, the lost one's second attempt, and three evaluations */
	ck_assert_uint_eq(all.attempt_count, 5);
	check("SELECT count(*) FROM stage WHERE state = 'done'", "7");
	check("SELECT count(*) FROM attempt", "8");
	check("SELECT number || state || cause FROM attempt WHERE state <> 'done'", "1waitinglost");
	check("SELECT count(*) FROM attempt a JOIN worker w ON w.id = a.worker WHERE w.state = "
	      "'left'",
	      "5");
	ck_assert_int_eq(entries("artifacts"), 7);
}
END_TEST

/* Who comes with what is not current any more, or never was, is told to drop it. */
START_TEST(test_away__what_is_not_current_is_dropped)
{
	leave_three();
	left[0].attempt++;
	left[1].key = "0123456789abcdef0123456789abcdef";
	given.lease = .1;
	all.running = left, all.running_count = 2;
	ck_assert_uint_eq(run(&all).done, 3);
	ck_assert_uint_eq(all.kept, 0);
	check("SELECT count(*) FROM attempt WHERE state = 'done'", "7");
}
END_TEST

/* A run of a part of the study leaves the rest to whoever runs that. */
START_TEST(test_away__what_is_not_wanted_is_not_begun_again)
{
	struct outcome out;

	leave_three();
	given.lease = .1;
	given.only = true; /* the first trial */
	out = run(&all);
	ck_assert_uint_eq(out.done, 1);
	ck_assert_uint_eq(all.attempt_count, 2); /* a fine-tuning and its evaluation */
	given.only = false;
	all.joined = false;
	ck_assert_uint_eq(run(&all).done, 3);
}
END_TEST

/* A power cut took the store back: a worker may run on under a number that comes again. */
START_TEST(test_away__a_number_that_somebody_has_is_not_given_again)
{
	char *store = store_path(), *work, *file;
	struct outcome out;

	leave_three();
	work = abl_store_path(store, "work/%s/2", left_keys[0]);
	file = abl_path_join(work, "state");
	ck_assert_int_eq(abl_mkdir_all(work, NULL), 0);
	ck_assert_int_eq(abl_file_write(file, "theirs", 6, NULL), 0);
	given.lease = .1;
	out = run(&all);
	ck_assert_uint_eq(out.done, 3);
	check("SELECT group_concat(attempt) FROM (SELECT attempt FROM stage WHERE kind = "
	      "'finetune' ORDER BY 1)",
	      "2,2,3");
	free(store), free(work), free(file);
}
END_TEST

/* Stages wait for a worker with as much memory, or as much time, as they want. */
START_TEST(test_away__offers_are_asked)
{
	struct outcome out;

	workers[0].memory = 1e6;
	workers[0].seconds = 20;
	workers[1].memory = 1e12;
	out = run(&all);
	ck_assert_uint_eq(out.done, 3);
	check("SELECT DISTINCT host FROM attempt", "n2");
	ck_assert_ptr_nonnull(strstr(out.said, "and worker n1 has 20 s left"));
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("away");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_away__each_stage_once);
	tcase_add_test(c, test_away__a_lost_one_goes_on_in_a_folder_of_its_own);
	tcase_add_test(c, test_away__a_lease_that_is_over_holds_nothing);
	tcase_add_loop_test(c, test_away__what_a_lost_one_has_sealed_is_taken, 0, 2);
	tcase_add_test(c, test_away__what_is_not_seen_yet_is_looked_for);
	tcase_add_test(c, test_away__what_never_comes_is_lost);
	tcase_add_test(c, test_away__lost_three_times_and_no_more);
	tcase_add_test(c, test_away__given_back_is_no_failure);
	tcase_add_test(c, test_away__a_new_head_takes_over);
	tcase_add_test(c, test_away__what_is_not_current_is_dropped);
	tcase_add_test(c, test_away__a_number_that_somebody_has_is_not_given_again);
	tcase_add_test(c, test_away__what_is_not_wanted_is_not_begun_again);
	tcase_add_test(c, test_away__offers_are_asked);
	failed = run_case(c, "away");
	return abl_remove_tree(folder, NULL) || failed;
}
