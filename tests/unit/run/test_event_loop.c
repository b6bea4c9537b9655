/* SPDX-License-Identifier: Apache-2.0 */
/* test_event_loop.c - what comes next, signals, and several executors side by side. */
#include "machine.h"
#include "event_loop.h"
#include "files.h"
#include "local.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-loop-XXXXXX";

struct children;

struct child {
	const char *script;
	struct children *all;
	char last[200];
	struct abl_end end;
	bool ended;
	int64_t number, worker;
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
	int next_takes; /* microseconds */
	size_t at_first_tick;
	size_t settled; /* of those that were given */
	int settlings;
};

static bool hear(void *data, const char *line, size_t length)
{
	struct child *c = data;

	snprintf(c->last, sizeof c->last, "%.*s", (int)length, line);
	return true;
}

static void ended(void *data, const struct abl_end *end)
{
	struct child *c = data;

	ck_assert(!c->ended);
	c->end = *end;
	c->ended = true;
	c->all->running--;
}

static bool give_next(void *data, const struct abl_offer *offer, struct abl_attempt_spec *spec)
{
	static const char *argv[4] = {"/bin/sh", "-c"};
	struct children *c = data;

	if (c->next == c->count)
		return false;
	usleep((useconds_t)c->next_takes);
	c->list[c->next].worker = offer->worker;
	argv[2] = c->list[c->next].script;
	c->list[c->next].all = c;
	*spec = (struct abl_attempt_spec){.argv = argv,
					  .trial = "/some/trial.json",
					  .log = c->log,
					  .cores = 1,
					  .data = &c->list[c->next],
					  .line = hear,
					  .ended = ended};
	c->next++;
	if (++c->running > c->most)
		c->most = c->running;
	return true;
}

static void started(void *data, void *sink_data, int64_t number)
{
	((struct child *)sink_data)->number = number;
}

static void settle(void *data)
{
	struct children *c = data;

	c->settlings++;
	c->settled = c->next;
}

static bool tick(void *data, int stops)
{
	struct children *c = data;

	if (!c->ticks++)
		c->at_first_tick = c->next;
	if ((c->stop_after_ticks && c->ticks == c->stop_after_ticks) ||
	    (c->again_after && c->ticks == c->again_after))
		raise(SIGINT);
	return !c->give_up_after || c->ticks < c->give_up_after;
}

static int loop(struct children *c, const struct abl_executor *executors, size_t count)
{
	const struct abl_event_loop_hooks hooks = {
		.data = c, .next = give_next, .started = started, .settle = settle, .tick = tick};
	struct abl_err err = {0};

	return abl_event_loop_run(&hooks, executors, count, &err);
}

static int run(struct children *c, int workers)
{
	struct abl_executor local;
	int rc;

	c->log = c->log ? c->log : abl_path_join(folder, "log");
	abl_local_init(&local, workers, ABL_LOCAL_GRACE);
	rc = loop(c, &local, 1);
	abl_executor_finish(&local);
	free(c->log);
	return rc;
}

START_TEST(test_event_loop__as_many_as_there_is_room_for)
{
	struct child list[] = {{.script = "echo 1 >&3"},
			       {.script = "exit 3"},
			       {.script = "sleep .1"},
			       {.script = ":"}};
	struct children c = {.list = list, .count = 4};

	ck_assert_int_eq(run(&c, 2), 0);
	ck_assert_uint_eq(c.most, 2);
	ck_assert_uint_eq(c.settled, 4);
	ck_assert_int_le(c.settlings, 3); /* the first two at one go */
	ck_assert_str_eq(list[0].last, "1");
	ck_assert_int_eq(list[1].end.exit_code, 3);
	for (int i = 0; i < 4; i++)
		ck_assert(list[i].ended && list[i].number > 0);
}
END_TEST

START_TEST(test_event_loop__a_signal_lets_children_save)
{
	struct child list[] = {
		{.script = "trap 'echo saved >&3; exit 3' TERM; while :; do sleep .05; done"},
		{.script = "exit 0"},
	};
	struct children c = {.list = list, .count = 2, .stop_after_ticks = 3};

	ck_assert_int_eq(run(&c, 1), ABL_ESTOP);
	ck_assert(list[0].end.asked);
	ck_assert_int_eq(list[0].end.exit_code, 3);
	ck_assert_str_eq(list[0].last, "saved");
	ck_assert(!list[1].ended); /* never begun */
}
END_TEST

START_TEST(test_event_loop__a_second_signal_kills)
{
	struct child list[] = {{.script = "trap '' TERM; while :; do sleep .05; done"}};
	struct children c = {.list = list, .count = 1, .stop_after_ticks = 3, .again_after = 6};

	ck_assert_int_eq(run(&c, 1), ABL_ESTOP);
	ck_assert_int_eq(list[0].end.signal, SIGKILL);
}
END_TEST

START_TEST(test_event_loop__many_starts_leave_time_for_others)
{
	struct child list[10];
	struct children c = {.list = list, .count = 10, .next_takes = 30000};

	for (size_t i = 0; i < c.count; i++)
		list[i] = (struct child){.script = "exit 0"};
	ck_assert_int_eq(run(&c, 10), 0);
	ck_assert_uint_eq(c.next, c.count);
	ck_assert_uint_ge(c.at_first_tick, 1);
	ck_assert_uint_lt(c.at_first_tick, c.count);
}
END_TEST

START_TEST(test_event_loop__tick_can_stop)
{
	struct child list[] = {{.script = "trap 'exit 3' TERM; while :; do sleep .05; done"}};
	struct children c = {.list = list, .count = 1, .give_up_after = 2};

	ck_assert_int_eq(run(&c, 1), ABL_ESTOP);
	ck_assert(list[0].end.asked && list[0].end.exit_code == 3);
}
END_TEST

START_TEST(test_event_loop__what_cannot_start_is_told)
{
	struct child list[] = {{.script = "exit 0"}};
	struct children c = {.list = list, .count = 1};

	c.log = abl_path_join(folder, "no/such/folder");
	ck_assert_int_eq(run(&c, 1), 0);
	ck_assert(list[0].ended && list[0].end.kind == ABL_END_NOT_STARTED);
	ck_assert_int_eq(list[0].end.exit_code, -1);
	ck_assert(strstr(list[0].end.text, "cannot start"));
}
END_TEST

START_TEST(test_event_loop__signals_are_put_back)
{
	struct child list[] = {{.script = "exit 5"}};
	struct children c = {.list = list, .count = 1};
	struct sigaction now;
	sigset_t set;

	signal(SIGCHLD, SIG_IGN); /* some start us so; the ends of children come all the same */
	ck_assert_int_eq(run(&c, 1), 0);
	ck_assert_int_eq(list[0].end.exit_code, 5);
	sigaction(SIGCHLD, NULL, &now);
	ck_assert(now.sa_handler == SIG_IGN);
	sigprocmask(SIG_SETMASK, NULL, &set);
	ck_assert(!sigismember(&set, SIGINT) && !sigismember(&set, SIGTERM));
}
END_TEST

/* An executor that only counts: each attempt is lost after a tenth of a second. */
struct counter {
	struct abl_attempt_spec spec;
	double until;
	size_t started, stopped;
};

static size_t count_running(void *state)
{
	return ((struct counter *)state)->until > 0;
}

static size_t count_offers(void *state, struct abl_offer *out, size_t most)
{
	if (count_running(state))
		return 0;
	if (most)
		*out = (struct abl_offer){.worker = 7, .memory = INFINITY, .seconds = INFINITY};
	return 1;
}

static int count_start(void *state, const struct abl_attempt_spec *spec, int64_t *number,
		       struct abl_err *err)
{
	struct counter *k = state;

	k->spec = *spec;
	k->until = abl_clock_now() + .1;
	*number = (int64_t)++k->started;
	return 0;
}

static void count_stop(void *state, int64_t number, enum abl_stop how)
{
	((struct counter *)state)->stopped += number == ABL_EVERY_ATTEMPT;
}

static size_t count_descriptors(void *state, struct pollfd *out, size_t most)
{
	return 0;
}

static double count_deadline(void *state)
{
	const struct counter *k = state;

	return k->until > 0 ? k->until : INFINITY;
}

static void count_advance(void *state)
{
	struct counter *k = state;

	if (!(k->until > 0) || abl_clock_now() < k->until)
		return;
	k->until = 0;
	k->spec.ended(k->spec.data, &(struct abl_end){.kind = ABL_END_LOST, .exit_code = -1});
}

static const struct abl_executor_ops counting = {
	.name = "counting",
	.offers = count_offers,
	.running = count_running,
	.start = count_start,
	.stop = count_stop,
	.descriptors = count_descriptors,
	.deadline = count_deadline,
	.advance = count_advance,
};

START_TEST(test_event_loop__executors_run_side_by_side)
{
	struct child list[] = {{.script = "echo here >&3"},
			       {.script = "echo here >&3"},
			       {.script = "echo here >&3"},
			       {.script = "sleep .3; echo here >&3"}};
	struct children c = {.list = list, .count = 4};
	struct counter counter = {0};
	struct abl_executor both[2] = {{&counting, &counter}};
	size_t lost = 0;

	c.log = abl_path_join(folder, "log");
	abl_local_init(&both[1], 1, ABL_LOCAL_GRACE);
	ck_assert_int_eq(loop(&c, both, 2), 0);
	ck_assert_uint_eq(c.most, 2);
	ck_assert_uint_ge(counter.started, 1);
	for (int i = 0; i < 4; i++) {
		ck_assert(list[i].ended);
		ck_assert(list[i].end.kind == ABL_END_LOST || !strcmp(list[i].last, "here"));
		ck_assert_int_eq(list[i].worker, list[i].end.kind == ABL_END_LOST ? 7 : 0);
		lost += list[i].end.kind == ABL_END_LOST;
	}
	ck_assert_uint_eq(lost, counter.started);
	ck_assert_uint_lt(lost, 4);
	for (int i = 0; i < 2; i++)
		abl_executor_finish(&both[i]);
	free(c.log);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("event_loop");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_event_loop__as_many_as_there_is_room_for);
	tcase_add_test(c, test_event_loop__a_signal_lets_children_save);
	tcase_add_test(c, test_event_loop__a_second_signal_kills);
	tcase_add_test(c, test_event_loop__many_starts_leave_time_for_others);
	tcase_add_test(c, test_event_loop__tick_can_stop);
	tcase_add_test(c, test_event_loop__what_cannot_start_is_told);
	tcase_add_test(c, test_event_loop__signals_are_put_back);
	tcase_add_test(c, test_event_loop__executors_run_side_by_side);
	failed = run_case(c, "event_loop");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
