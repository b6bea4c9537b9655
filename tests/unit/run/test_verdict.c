/* SPDX-License-Identifier: Apache-2.0 */
/* test_verdict.c - what becomes of a stage, by how its attempt ended and what it had told. */
#include "files.h"
#include "local.h"
#include "protocol.h"
#include "verdict.h"
#include "run_case.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#define EXITED(code)                                                                    \
	{                                                                               \
		.kind = ABL_END_EXITED, .exit_code = (code), .text = "exit code " #code \
	}
#define ASKED(code)                                                                         \
	{                                                                                   \
		.kind = ABL_END_EXITED, .exit_code = (code), .asked = true, .text = "asked" \
	}
#define KILLED                                                                                  \
	{                                                                                       \
		.kind = ABL_END_SIGNALLED, .exit_code = -1, .signal = SIGKILL, .text = "killed" \
	}
#define KILLED_WHEN_ASKED                                                                     \
	{                                                                                     \
		.kind = ABL_END_SIGNALLED, .exit_code = -1, .signal = SIGKILL, .asked = true, \
		.text = "killed"                                                              \
	}
#define OUT_OF_TIME(code)                                                                     \
	{                                                                                     \
		.kind = ABL_END_TIMED_OUT, .exit_code = (code), .asked = true, .text = "time" \
	}

#define UNASKED "paused by a signal from outside, not by 'ablate run'"

static const struct {
	struct abl_end end;
	struct abl_told told;
	enum abl_state state;
	enum abl_cause cause;
	bool goes_on;
	const char *reason;
} cases[] = {
	{EXITED(0), {.scored = true}, ABL_DONE, ABL_CAUSE_NONE, false, ""},
	{EXITED(0), {0}, ABL_FAILED, ABL_CAUSE_CRASH, false, "ended without a result"},
	{EXITED(1),
	 {.scored = true, .error = "diverged", .cause = ABL_CAUSE_DIVERGED},
	 ABL_FAILED,
	 ABL_CAUSE_DIVERGED,
	 false,
	 "diverged"},
	/* an exit code of its own means nothing, asked or not */
	{EXITED(3), {.scored = true}, ABL_FAILED, ABL_CAUSE_CRASH, false, "exit code 3"},
	{ASKED(3), {.scored = true}, ABL_WAITING, ABL_CAUSE_NONE, true, "stopped"},
	/* pausing is to be asked and to say so */
	{ASKED(3), {.scored = true, .paused = true}, ABL_WAITING, ABL_CAUSE_NONE, true, "paused"},
	{ASKED(0), {.scored = true, .paused = true}, ABL_WAITING, ABL_CAUSE_NONE, true, "paused"},
	{EXITED(3), {.scored = true, .paused = true}, ABL_FAILED, ABL_CAUSE_KILLED, true, UNASKED},
	{EXITED(0), {.scored = true, .paused = true}, ABL_FAILED, ABL_CAUSE_KILLED, true, UNASKED},
	/* a program of a user's that was killed, and one that gave up: that says by itself whether
	 * it may go on */
	{EXITED(0),
	 {.error = "killed by signal 9", .cause = ABL_CAUSE_KILLED},
	 ABL_FAILED,
	 ABL_CAUSE_KILLED,
	 true,
	 "killed by signal 9"},
	{EXITED(0),
	 {.paused = true, .error = "exit code 3", .cause = ABL_CAUSE_CRASH},
	 ABL_FAILED,
	 ABL_CAUSE_CRASH,
	 true,
	 "exit code 3"},
	{ASKED(0),
	 {.error = "killed by signal 15", .cause = ABL_CAUSE_KILLED},
	 ABL_WAITING,
	 ABL_CAUSE_NONE,
	 true,
	 "stopped"},
	/* its machine is taken away, and the queue has signalled the program, too */
	{{.kind = ABL_END_EXITED, .asked = true, .given_back = true, .text = "leaving"},
	 {.error = "killed by signal 15", .cause = ABL_CAUSE_KILLED},
	 ABL_WAITING,
	 ABL_CAUSE_NONE,
	 true,
	 "given back by its worker: leaving"},
	{{.kind = ABL_END_EXITED, .asked = true, .given_back = true, .text = "leaving"},
	 {.error = "diverged", .cause = ABL_CAUSE_DIVERGED},
	 ABL_FAILED,
	 ABL_CAUSE_DIVERGED,
	 false,
	 "diverged"},
	/* what is sealed is done, whatever became of the process or of its lines */
	{KILLED, {.sealed = true, .scored = true}, ABL_DONE, ABL_CAUSE_NONE, false, ""},
	{{.kind = ABL_END_LOST, .exit_code = -1, .text = "gone"},
	 {.sealed = true, .scored = true},
	 ABL_DONE,
	 ABL_CAUSE_NONE,
	 false,
	 ""},
	{EXITED(0), {.sealed = true}, ABL_FAILED, ABL_CAUSE_CRASH, false, "ended without a result"},
	/* it had finished when it was asked; it failed when it was asked */
	{ASKED(0), {.scored = true}, ABL_DONE, ABL_CAUSE_NONE, false, ""},
	{ASKED(1),
	 {.scored = true, .error = "no disk"},
	 ABL_FAILED,
	 ABL_CAUSE_CRASH,
	 false,
	 "no disk"},
	/* a full disk takes no saved state with it */
	{EXITED(0),
	 {.scored = true, .error = "no room", .cause = ABL_CAUSE_DISK},
	 ABL_FAILED,
	 ABL_CAUSE_DISK,
	 true,
	 "no room"},
	{ASKED(0), {0}, ABL_WAITING, ABL_CAUSE_NONE, true, "stopped"},
	{KILLED, {.scored = true}, ABL_FAILED, ABL_CAUSE_KILLED, true, "killed"},
	{KILLED_WHEN_ASKED, {.scored = true}, ABL_WAITING, ABL_CAUSE_NONE, true, "stopped"},
	{KILLED_WHEN_ASKED,
	 {.scored = true, .paused = true},
	 ABL_WAITING,
	 ABL_CAUSE_NONE,
	 true,
	 "paused"},
	{OUT_OF_TIME(3),
	 {.paused = true},
	 ABL_TIMED_OUT,
	 ABL_CAUSE_TIME,
	 true,
	 "timed out after 1 min 30 s"},
	{OUT_OF_TIME(-1), {0}, ABL_TIMED_OUT, ABL_CAUSE_TIME, true, "timed out after 1 min 30 s"},
	{OUT_OF_TIME(0), {.scored = true}, ABL_DONE, ABL_CAUSE_NONE, false, ""},
	{{.kind = ABL_END_LOST, .exit_code = -1, .text = "gone"},
	 {.scored = true},
	 ABL_FAILED,
	 ABL_CAUSE_LOST,
	 true,
	 "gone"},
	{{.kind = ABL_END_NOT_STARTED, .exit_code = -1, .text = "cannot start"},
	 {.scored = true},
	 ABL_FAILED,
	 ABL_CAUSE_NOT_STARTED,
	 true, /* what an earlier attempt had saved is still there */
	 "cannot start"},
};

START_TEST(test_verdict__each_end)
{
	struct abl_str reason = {0};
	struct abl_verdict v;

	abl_str_puts(&reason, "");
	v = abl_verdict(&cases[_i].end, &cases[_i].told, 90, &reason);
	ck_assert_int_eq(v.state, cases[_i].state);
	ck_assert_int_eq(v.cause, cases[_i].cause);
	ck_assert_int_eq(v.goes_on, cases[_i].goes_on);
	ck_assert_str_eq(reason.text, cases[_i].reason);
	abl_str_finish(&reason);
}
END_TEST

/* A child of whatever kind, asked or not, by way of its lines. */

struct child {
	struct abl_told told;
	struct abl_end end;
	bool ready;
};

static void hear_paused(void *data, int64_t step)
{
	((struct child *)data)->told.paused = true;
}

static void hear_message(void *data, const char *text)
{
	((struct child *)data)->ready = true;
}

static bool hear(void *data, const char *line, size_t length)
{
	const struct abl_protocol_hooks hooks = {
		.events = {.data = data, .paused = hear_paused, .message = hear_message}};

	return abl_protocol_read(line, length, &hooks);
}

static void ended(void *data, const struct abl_end *end)
{
	((struct child *)data)->end = *end;
}

static enum abl_state run(const char *script, bool ask, const char *reason)
{
	struct child c = {.told = {.scored = true}};
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	const struct abl_attempt_spec spec = {.argv = argv,
					      .trial = "/none",
					      .log = "/dev/null",
					      .cores = 1,
					      .data = &c,
					      .line = hear,
					      .ended = ended};
	struct abl_executor e;
	struct abl_err err = {0};
	struct abl_str said = {0};
	enum abl_state state;
	int64_t number;

	abl_local_init(&e, 1, ABL_LOCAL_GRACE);
	ck_assert_msg(!e.ops->start(e.state, &spec, &number, &err), "%s", err.text);
	while (e.ops->running(e.state)) {
		struct pollfd fds[4];

		if (ask && c.ready)
			e.ops->stop(e.state, number, ABL_STOP_GENTLY);
		poll(fds, e.ops->descriptors(e.state, fds, 4), 100);
		e.ops->advance(e.state);
	}
	abl_executor_finish(&e);
	state = abl_verdict(&c.end, &c.told, 0, &said).state;
	ck_assert_str_eq(said.text, reason);
	abl_str_finish(&said);
	return state;
}

#define UNTIL_ASKED(then) \
	"trap '" then "' TERM; echo '{\"message\": \"ready\"}' >&3; while :; do sleep .05; done"

START_TEST(test_verdict__of_real_children)
{
	ck_assert_int_eq(run("exit 3", false, "exit code 3"), ABL_FAILED);
	ck_assert_int_eq(run("echo '{\"paused\": 4}' >&3; exit 3", false, UNASKED), ABL_FAILED);
	ck_assert_int_eq(run(UNTIL_ASKED("exit 3"), true, "stopped"), ABL_WAITING);
	ck_assert_int_eq(
		run(UNTIL_ASKED("echo \"{\\\"paused\\\": 4}\" >&3; exit 3"), true, "paused"),
		ABL_WAITING);
	ck_assert_int_eq(
		run(UNTIL_ASKED("echo \"{\\\"paused\\\": 4}\" >&3; exit 0"), true, "paused"),
		ABL_WAITING);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("verdict");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, test_verdict__each_end, 0, (int)(sizeof cases / sizeof *cases));
	tcase_add_test(c, test_verdict__of_real_children);
	return run_case(c, "verdict");
}
