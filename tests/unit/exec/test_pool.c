/* SPDX-License-Identifier: Apache-2.0 */
/* The children here are /bin/sh: the pool runs any program that keeps to the trial protocol. */
#include "files.h"
#include "pool.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-pool-XXXXXX";

struct child {
	const char *script;
	double limit;
	int lines;
	char last[200];
	struct abl_pool_end end;
	bool ended;
};

struct children {
	struct child *list;
	size_t count, next;
	size_t running, most; /* at one time */
	char *log;
	int stop_after_ticks; /* raise SIGINT in ourselves; 0 = never */
	int again_after;      /* a second time */
	int give_up_after;    /* our own tick says so */
	int ticks;
};

static bool give_next(void *data, struct abl_pool_job *job)
{
	static const char *argv[4] = {"/bin/sh", "-c"};
	struct children *c = data;

	if (c->next == c->count)
		return false;
	argv[2] = c->list[c->next].script;
	*job = (struct abl_pool_job){.argv = argv,
				     .trial = "/some/trial.json",
				     .log = c->log,
				     .threads = 3,
				     .limit = c->list[c->next].limit,
				     .data = &c->list[c->next]};
	c->next++;
	if (++c->running > c->most)
		c->most = c->running;
	return true;
}

static bool hear(void *data, void *job, const char *line, size_t length)
{
	struct child *c = job;

	if (!strncmp(line, "strange", 7))
		return false;
	c->lines++;
	snprintf(c->last, sizeof c->last, "%.*s", (int)length, line);
	return true;
}

static void ended(void *data, void *job, const struct abl_pool_end *end)
{
	struct child *c = job;

	ck_assert(!c->ended);
	c->end = *end;
	c->ended = true;
	((struct children *)data)->running--;
}

static bool tick(void *data, int stops)
{
	struct children *c = data;

	c->ticks++;
	if ((c->stop_after_ticks && c->ticks == c->stop_after_ticks) ||
	    (c->again_after && c->ticks == c->again_after))
		raise(SIGINT);
	return !c->give_up_after || c->ticks < c->give_up_after;
}

static int run(struct children *c, int workers)
{
	struct abl_pool_hooks hooks = {
		.data = c, .next = give_next, .line = hear, .finished = ended, .tick = tick};
	struct abl_err err = {0};

	c->log = abl_path_join(folder, "log");
	unlink(c->log);
	return abl_pool_run(&hooks, workers, &err);
}

static void check_log(const struct children *c, const char *text)
{
	struct abl_str log = {0};

	ck_assert_int_eq(abl_file_read(c->log, &log, 1 << 20, NULL), 0);
	ck_assert_msg(strstr(log.text, text) != NULL, "'%s' is not in: %s", text, log.text);
	abl_str_finish(&log);
}

START_TEST(test_pool__lines_logs_and_exit_codes)
{
	struct child list[] = {
		{.script = "echo one >&3; echo two >&3; printf three >&3; echo noise; echo error "
			   ">&2"},
		{.script = "echo strange >&3; exit 3"},
		{.script = "kill -9 $$"},
		{.script = "i=0; while [ $i -lt 5000 ]; do echo line $i >&3; i=$((i+1)); done"},
	};
	struct children c = {.list = list, .count = 4};

	ck_assert_int_eq(run(&c, 2), 0);
	ck_assert_uint_eq(c.most, 2);
	ck_assert_int_eq(list[0].end.exit_code, 0);
	ck_assert_int_eq(list[0].lines, 3);
	ck_assert_str_eq(list[0].last, "three");
	check_log(&c, "noise");
	check_log(&c, "error");
	ck_assert_int_eq(list[1].end.exit_code, 3);
	ck_assert_uint_eq(list[1].end.strange_lines, 1);
	check_log(&c, "unknown line on descriptor 3: strange");
	ck_assert_int_eq(list[2].end.exit_code, -1);
	ck_assert_int_eq(list[2].end.signal, SIGKILL);
	ck_assert(strstr(list[2].end.text, "killed by signal 9"));
	ck_assert_int_eq(list[3].lines, 5000);
	ck_assert_str_eq(list[3].last, "line 4999");
	free(c.log);
}
END_TEST

START_TEST(test_pool__a_clean_environment)
{
	struct child list[] = {
		{.script = "echo \"$ABLATE_TRIAL $OMP_NUM_THREADS $BLIS_NUM_THREADS "
			   "${BLIS_ARCH-none}\" >&3"},
		{.script = "ls /proc/self/fd | wc -l >&3"}, /* 0 1 2 3 and the listing itself */
		{.script = "cat; [ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && echo leads >&3"},
	};
	struct children c = {.list = list, .count = 3};

	setenv("BLIS_ARCH", "4", 1);
	setenv("OMP_NUM_THREADS", "64", 1);
	ck_assert_int_eq(run(&c, 1), 0);
	ck_assert_str_eq(list[0].last, "/some/trial.json 3 1 none");
	ck_assert_str_eq(list[1].last, "5");
	ck_assert_str_eq(list[2].last, "leads");
	free(c.log);
}
END_TEST

START_TEST(test_pool__time_limit)
{
	struct child list[] = {
		{.script = "trap 'echo saved >&3; exit 3' TERM; while :; do sleep .05; done",
		 .limit = .3},
		{.script = "exit 0", .limit = 60},
	};
	struct children c = {.list = list, .count = 2};

	ck_assert_int_eq(run(&c, 2), 0);
	ck_assert(list[0].end.timed_out);
	ck_assert_str_eq(list[0].last, "saved");
	ck_assert(!list[1].end.timed_out && !list[1].end.stopped);
	free(c.log);
}
END_TEST

START_TEST(test_pool__stop_lets_children_save)
{
	struct child list[] = {
		{.script = "trap 'echo saved >&3; exit 3' TERM; while :; do sleep .05; done"},
		{.script = "exit 0"},
	};
	struct children c = {.list = list, .count = 2, .stop_after_ticks = 3};

	ck_assert_int_eq(run(&c, 1), ABL_ESTOP);
	ck_assert(list[0].end.stopped);
	ck_assert_int_eq(list[0].end.exit_code, 3);
	ck_assert_str_eq(list[0].last, "saved");
	ck_assert(!list[1].ended); /* never begun */
	free(c.log);
}
END_TEST

START_TEST(test_pool__second_stop_kills)
{
	struct child list[] = {{.script = "trap '' TERM; while :; do sleep .05; done"}};
	struct children c = {.list = list, .count = 1, .stop_after_ticks = 3, .again_after = 6};

	ck_assert_int_eq(run(&c, 1), ABL_ESTOP);
	ck_assert_int_eq(list[0].end.signal, SIGKILL);
	free(c.log);
}
END_TEST

START_TEST(test_pool__tick_can_stop)
{
	struct child list[] = {{.script = "trap 'exit 3' TERM; while :; do sleep .05; done"}};
	struct children c = {.list = list, .count = 1, .give_up_after = 2};

	ck_assert_int_eq(run(&c, 1), ABL_ESTOP);
	ck_assert(list[0].end.stopped && list[0].end.exit_code == 3);
	free(c.log);
}
END_TEST

START_TEST(test_pool__what_cannot_start_is_told)
{
	struct child list[] = {{.script = "exit 0"}};
	struct children c = {.list = list, .count = 1};
	struct abl_pool_hooks hooks = {
		.data = &c, .next = give_next, .line = hear, .finished = ended};
	struct abl_err err = {0};

	c.log = abl_path_join(folder, "no/such/folder");
	ck_assert_int_eq(abl_pool_run(&hooks, 1, &err), 0);
	ck_assert(list[0].ended && !list[0].end.spawned);
	ck_assert(strstr(list[0].end.text, "cannot start"));
	free(c.log);
}
END_TEST

START_TEST(test_pool__machine)
{
	ck_assert_int_ge(abl_pool_cores(), 1);
	ck_assert(abl_pool_memory() > 1e6);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pool");
	TCase *c = tcase_create("pool");
	SRunner *runner = srunner_create(suite);
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_pool__lines_logs_and_exit_codes);
	tcase_add_test(c, test_pool__a_clean_environment);
	tcase_add_test(c, test_pool__time_limit);
	tcase_add_test(c, test_pool__stop_lets_children_save);
	tcase_add_test(c, test_pool__second_stop_kills);
	tcase_add_test(c, test_pool__tick_can_stop);
	tcase_add_test(c, test_pool__what_cannot_start_is_told);
	tcase_add_test(c, test_pool__machine);
	suite_add_tcase(suite, c);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed != 0;
}
