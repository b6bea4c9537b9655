/* SPDX-License-Identifier: Apache-2.0 */
/* test_local.c - attempts as child processes. They are /bin/sh here: the executor runs any program
 * that keeps to the trial protocol. The loop is the smallest that its interface allows. */
#include "machine.h"
#include "files.h"
#include "local.h"
#include "signals.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-local-XXXXXX";

struct child {
	const char *script;
	bool takes_signals;
	double limit, memory;
	int lines;
	char last[200];
	struct abl_end end;
	bool ended;
	int64_t number;
};

static struct abl_executor local;
static char *log_path;

static bool hear(void *data, const char *line, size_t length)
{
	struct child *c = data;

	if (!strncmp(line, "strange", 7))
		return false;
	c->lines++;
	snprintf(c->last, sizeof c->last, "%.*s", (int)length, line);
	return true;
}

static void ended(void *data, const struct abl_end *end)
{
	struct child *c = data;

	ck_assert(!c->ended);
	c->end = *end;
	c->ended = true;
}

static int start(struct child *c, struct abl_err *err)
{
	const char *argv[] = {"/bin/sh", "-c", c->script, NULL};
	const struct abl_attempt_spec spec = {
		.argv = argv,
		.trial = "/some/trial.json",
		.log = log_path,
		.takes_signals = c->takes_signals,
		.cores = 3,
		.memory = c->memory,
		.seconds = c->limit,
		.data = c,
		.line = hear,
		.ended = ended,
	};

	return local.ops->start(local.state, &spec, &c->number, err);
}

/* Until news come or `seconds` are over. */
static void wait_for_news(double seconds)
{
	struct pollfd fds[64];
	size_t n = local.ops->descriptors(local.state, fds, 64);
	double due = fmin(local.ops->deadline(local.state) - abl_clock_now(), seconds);

	ck_assert_uint_le(n, 64);
	poll(fds, n, due > 0 ? (int)ceil(1e3 * due) : 0);
	local.ops->advance(local.state);
}

/* Until none is running. */
static void finish(void)
{
	while (local.ops->running(local.state))
		wait_for_news(30);
}

static void run(struct child *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct abl_err err = {0};

		while (!local.ops->offers(local.state, NULL, 0))
			wait_for_news(30);
		ck_assert_msg(!start(&list[i], &err), "%s", err.text);
		ck_assert_int_gt(list[i].number, 0);
	}
	finish();
	for (size_t i = 0; i < count; i++)
		ck_assert(list[i].ended);
}

/* Runs one, and calls stop() for it when it has said a line. */
static void stop_one(struct child *c, enum abl_stop how)
{
	struct abl_err err = {0};

	ck_assert_msg(!start(c, &err), "%s", err.text);
	while (!c->lines)
		wait_for_news(30);
	local.ops->stop(local.state, c->number + 1, how); /* nobody */
	local.ops->stop(local.state, c->number, how);
	finish();
	ck_assert(c->ended);
}

static void set_up(void)
{
	abl_local_init(&local, 2, ABL_LOCAL_GRACE);
	log_path = abl_path_join(folder, "log");
	unlink(log_path);
}

static void tear_down(void)
{
	abl_executor_finish(&local);
	free(log_path);
}

static void check_log(const char *text)
{
	struct abl_str log = {0};

	ck_assert_int_eq(abl_file_read(log_path, &log, 1 << 20, NULL), 0);
	ck_assert_msg(strstr(log.text, text) != NULL, "'%s' is not in: %s", text, log.text);
	abl_str_finish(&log);
}

START_TEST(test_local__lines_logs_and_exit_codes)
{
	struct child list[] = {
		{.script = "echo one >&3; echo two >&3; printf three >&3; echo noise; echo error "
			   ">&2"},
		{.script = "echo strange >&3; exit 3"},
		{.script = "kill -9 $$"},
		{.script = "i=0; while [ $i -lt 5000 ]; do echo line $i >&3; i=$((i+1)); done"},
	};

	run(list, 4);
	ck_assert_int_eq(list[0].end.kind, ABL_END_EXITED);
	ck_assert_int_eq(list[0].end.exit_code, 0);
	ck_assert_int_eq(list[0].lines, 3);
	ck_assert_str_eq(list[0].last, "three");
	check_log("noise");
	check_log("error");
	ck_assert_int_eq(list[1].end.kind, ABL_END_EXITED);
	ck_assert_int_eq(list[1].end.exit_code, 3);
	ck_assert_uint_eq(list[1].end.strange_lines, 1);
	check_log("unknown line on descriptor 3: strange");
	ck_assert_int_eq(list[2].end.kind, ABL_END_SIGNALLED);
	ck_assert_int_eq(list[2].end.exit_code, -1);
	ck_assert_int_eq(list[2].end.signal, SIGKILL);
	ck_assert(strstr(list[2].end.text, "killed by signal 9"));
	ck_assert_int_eq(list[3].lines, 5000);
	ck_assert_str_eq(list[3].last, "line 4999");
}
END_TEST

START_TEST(test_local__a_line_of_two_mebibytes_is_dropped)
{
	struct child list[] = {{.script = "head -c 2000000 /dev/zero | tr '\\0' x >&3; echo >&3; "
					  "echo next >&3"}};

	run(list, 1);
	ck_assert_int_eq(list[0].lines, 1);
	ck_assert_str_eq(list[0].last, "next");
	ck_assert_uint_eq(list[0].end.strange_lines, 1);
	check_log("(longer than 1 MiB, dropped)");
}
END_TEST

/* One more could start on this machine, where nothing runs or something does. */
static void check_offer(bool idle)
{
	struct abl_offer offer;

	ck_assert_uint_eq(local.ops->offers(local.state, &offer, 1), 1);
	ck_assert_int_eq(offer.worker, 0);
	ck_assert(offer.idle == idle && !offer.cards && isinf(offer.memory));
}

START_TEST(test_local__offers)
{
	struct child list[] = {{.script = "exec sleep 60"}, {.script = "exit 0"}};
	struct abl_err err = {0};

	check_offer(true);
	ck_assert_int_eq(start(&list[0], &err), 0);
	check_offer(false);
	ck_assert_int_eq(start(&list[1], &err), 0);
	ck_assert_uint_eq(local.ops->offers(local.state, NULL, 0), 0);
	while (!list[1].ended)
		wait_for_news(30);
	check_offer(false);
	ck_assert_uint_eq(local.ops->running(local.state), 1);
	local.ops->stop(local.state, ABL_EVERY_ATTEMPT, ABL_STOP_HARD);
	finish();
	ck_assert_int_eq(list[0].end.signal, SIGKILL);
}
END_TEST

START_TEST(test_local__a_clean_environment)
{
	struct child list[] = {
		{.script = "echo \"$ABLATE_TRIAL $OMP_NUM_THREADS $BLIS_NUM_THREADS "
			   "${BLIS_ARCH-none} $OMP_WAIT_POLICY $GOMP_SPINCOUNT\" >&3"},
		{.script = "ls /proc/self/fd | wc -l >&3"}, /* 0 1 2 3 and the listing itself */
		{.script = "cat; [ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && echo leads >&3"},
	};

	setenv("BLIS_ARCH", "4", 1);
	setenv("OMP_NUM_THREADS", "64", 1);
	setenv("GOMP_SPINCOUNT", "64", 1);
	run(list, 3);
	ck_assert_str_eq(list[0].last, "/some/trial.json 3 1 none passive 1000");
	ck_assert_str_eq(list[1].last, "5");
	ck_assert_str_eq(list[2].last, "leads");
}
END_TEST

START_TEST(test_local__memory_limit)
{
	struct child list[] = {{.script = "ulimit -d >&3", .memory = 64 << 20}, /* in KiB */
			       {.script = "ulimit -d >&3"}};

	run(list, 2);
	ck_assert_str_eq(list[0].last, "65536");
	ck_assert_str_eq(list[1].last, "unlimited");
}
END_TEST

START_TEST(test_local__time_limit)
{
	struct child list[] = {
		{.script = "trap 'echo saved >&3; exit 3' TERM; while :; do sleep .05; done",
		 .limit = .3},
		{.script = "exit 0", .limit = 60},
	};

	run(list, 2);
	ck_assert_int_eq(list[0].end.kind, ABL_END_TIMED_OUT);
	ck_assert(list[0].end.asked && list[0].end.exit_code == 3);
	ck_assert_str_eq(list[0].last, "saved");
	ck_assert_int_eq(list[1].end.kind, ABL_END_EXITED);
	ck_assert(!list[1].end.asked);
}
END_TEST

START_TEST(test_local__a_gentle_stop_lets_it_save)
{
	struct child c = {.script = "trap 'echo saved >&3; exit 3' TERM; echo ready >&3; "
				    "while :; do sleep .05; done"};

	stop_one(&c, ABL_STOP_GENTLY);
	ck_assert_int_eq(c.end.kind, ABL_END_EXITED);
	ck_assert(c.end.asked);
	ck_assert_int_eq(c.end.exit_code, 3);
	ck_assert_str_eq(c.last, "saved");
}
END_TEST

START_TEST(test_local__a_hard_stop_kills)
{
	struct child c = {.script = "trap '' TERM; echo ready >&3; while :; do sleep .05; done"};

	stop_one(&c, ABL_STOP_HARD);
	ck_assert_int_eq(c.end.kind, ABL_END_SIGNALLED);
	ck_assert_int_eq(c.end.signal, SIGKILL);
}
END_TEST

START_TEST(test_local__what_does_not_stop_is_killed_after_the_grace)
{
	struct child c = {.script = "trap '' TERM; echo ready >&3; while :; do sleep .05; done"};

	abl_executor_finish(&local);
	abl_local_init(&local, 1, .5);
	stop_one(&c, ABL_STOP_GENTLY);
	ck_assert(c.end.asked);
	ck_assert_int_eq(c.end.signal, SIGKILL);
	ck_assert(c.end.seconds > .4 && c.end.seconds < 10);
}
END_TEST

/* A process that nobody has buried yet is dead all the same. */
static bool is_alive(const char *pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%*d %*s %c", &state) != 1)
		state = 'Z';
	if (f)
		fclose(f);
	return state != 'Z';
}

START_TEST(test_local__its_own_children_end_with_it)
{
	struct child c = {.script = "sleep 60 & echo $! >&3"};
	bool lives = true;

	run(&c, 1);
	ck_assert_int_eq(c.end.exit_code, 0);
	for (int i = 0; i < 500 && (lives = is_alive(c.last)); i++)
		usleep(10000);
	ck_assert(!lives);
}
END_TEST

START_TEST(test_local__what_cannot_start_is_told)
{
	struct child c = {.script = "exit 0"};
	struct abl_err err = {0};

	free(log_path);
	log_path = abl_path_join(folder, "no/such/folder");
	ck_assert_int_eq(start(&c, &err), ABL_EIO);
	ck_assert(strstr(err.text, "cannot start"));
	ck_assert(!c.ended);
	ck_assert_uint_eq(local.ops->running(local.state), 0);
}
END_TEST

START_TEST(test_local__an_end_that_somebody_else_took_is_lost)
{
	struct child c = {.script = "exit 0"};

	signal(SIGCHLD, SIG_IGN); /* the kernel buries it */
	run(&c, 1);
	signal(SIGCHLD, SIG_DFL);
	ck_assert_int_eq(c.end.kind, ABL_END_LOST);
	ck_assert_int_eq(c.end.exit_code, -1);
}
END_TEST

/* The masks of a shell that was started, of those words of its status file. */
static void signals_of(bool takes_signals, unsigned long long *blocked, unsigned long long *ignored)
{
	struct child c = {
		.takes_signals = takes_signals,
		.script = "sed -n 's/^Sig\\(Blk\\|Ign\\):\t//p' /proc/self/status | tr '\\n' ' ' "
			  ">&3"};

	run(&c, 1);
	ck_assert_int_eq(sscanf(c.last, "%llx %llx", blocked, ignored), 2);
}

static void signals_of_child(unsigned long long *blocked, unsigned long long *ignored)
{
	signals_of(false, blocked, ignored);
}

static bool has(unsigned long long mask, int signal)
{
	return mask >> (signal - 1) & 1;
}

START_TEST(test_local__signals_are_as_we_found_them)
{
	unsigned long long blocked, ignored;
	sigset_t set;

	/* as a shell, Python or nohup may have started us */
	signal(SIGHUP, SIG_IGN), signal(SIGPIPE, SIG_DFL), signal(SIGUSR1, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_SETMASK, &set, NULL);
	abl_signals_note();
	/* what we do ourselves */
	signal(SIGHUP, SIG_DFL), signal(SIGPIPE, SIG_IGN);
	sigaddset(&set, SIGTERM);
	sigdelset(&set, SIGUSR2);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signals_of_child(&blocked, &ignored);
	ck_assert(has(ignored, SIGHUP) && !has(ignored, SIGPIPE) && !has(ignored, SIGUSR1));
	ck_assert(has(blocked, SIGUSR2) && !has(blocked, SIGTERM));
	abl_signals_pass_over(SIGUSR1); /* as workers do, to whose whole tree a queue sends it */
	signals_of_child(&blocked, &ignored);
	ck_assert(has(ignored, SIGHUP) && !has(ignored, SIGPIPE) && has(ignored, SIGUSR1));
}
END_TEST

START_TEST(test_local__a_program_that_takes_signals_begins_with_them_held)
{
	static const int held[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2};
	unsigned long long blocked, ignored;
	sigset_t set;

	signals_of(true, &blocked, &ignored);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		ck_assert(has(blocked, held[i]));
	/* and what it starts itself does not */
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		sigaddset(&set, held[i]);
	sigprocmask(SIG_SETMASK, &set, NULL);
	abl_signals_note();
	abl_signals_let_come();
	signals_of_child(&blocked, &ignored);
	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		ck_assert(!has(blocked, held[i]));
	sigprocmask(SIG_BLOCK, NULL, &set);
	ck_assert(!sigismember(&set, SIGTERM));
}
END_TEST

START_TEST(test_local__signals_without_a_note_are_at_their_defaults)
{
	unsigned long long blocked, ignored;
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signals_of_child(&blocked, &ignored);
	ck_assert(!has(ignored, SIGPIPE) && !has(blocked, SIGTERM));
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("local");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, test_local__lines_logs_and_exit_codes);
	tcase_add_test(c, test_local__a_line_of_two_mebibytes_is_dropped);
	tcase_add_test(c, test_local__offers);
	tcase_add_test(c, test_local__a_clean_environment);
	tcase_add_test(c, test_local__memory_limit);
	tcase_add_test(c, test_local__time_limit);
	tcase_add_test(c, test_local__a_gentle_stop_lets_it_save);
	tcase_add_test(c, test_local__a_hard_stop_kills);
	tcase_add_test(c, test_local__what_does_not_stop_is_killed_after_the_grace);
	tcase_add_test(c, test_local__its_own_children_end_with_it);
	tcase_add_test(c, test_local__what_cannot_start_is_told);
	tcase_add_test(c, test_local__an_end_that_somebody_else_took_is_lost);
	tcase_add_test(c, test_local__signals_are_as_we_found_them);
	tcase_add_test(c, test_local__signals_without_a_note_are_at_their_defaults);
	tcase_add_test(c, test_local__a_program_that_takes_signals_begins_with_them_held);
	failed = run_case(c, "local");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
