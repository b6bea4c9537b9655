/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include "machine.h"
#include "process_fixture.h"
#include "run_case.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_for(double seconds)
{
	const struct timespec wait = {(time_t)seconds,
				      (long)(1e9 * (seconds - (double)(time_t)seconds))};

	nanosleep(&wait, NULL);
}

START_TEST(test_process__what_it_prints_and_how_it_ends)
{
	struct abl_process_end end =
		run_script("echo one; echo two >&2; printf 'a\\rb\\r\\n\\nlast'; exit 3");

	ck_assert_str_eq(heard.lines.text, "one|two|a|b|last|");
	ck_assert_int_eq(end.exit_code, 3);
	ck_assert(!end.signal && !end.asked && !end.killed && !end.left_behind);
	ck_assert_str_eq(end.tail, "one\ntwo\na\nb\n\n\nlast");
	end = run_script("kill -9 $$");
	ck_assert(end.exit_code == -1 && end.signal == SIGKILL && !end.killed && !end.asked);
	end = run_script("exit 0");
	ck_assert(!end.exit_code && !*end.tail && !heard.count);
}
END_TEST

/* Each line of a script whose value is 0: nothing of ours reaches the program. */
START_TEST(test_process__starts_with_a_clean_table)
{
	static const char *const scripts[] = {
		"! read x",                                 /* no input */
		"! test -t 0 && ! test -t 1",               /* no terminal */
		"! (: </dev/tty) 2>/dev/null",              /* not even by its name */
		"test $(ls /proc/self/fd | wc -l) -eq 4",   /* 0, 1, 2 and that of ls */
		"grep -q '^SigBlk:.0*$' /proc/self/status", /* nothing blocked */
		"grep -q '^SigIgn:.0*$' /proc/self/status", /* and nothing ignored */
		"test \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$ || ! command -v ps",
	};
	sigset_t blocked, before;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	sigaction(SIGUSR1, &ignore, &old);
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		ck_assert_msg(!run_script(scripts[i]).exit_code, "%s", scripts[i]);
	sigaction(SIGUSR1, &old, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
END_TEST

START_TEST(test_process__runs_in_its_folder_with_its_environment)
{
	static const char *const more[] = {"PATH=bin::/usr/bin:/bin", "A=x y", NULL};
	const char *const argv[] = {"mine", "a b", "", "*", NULL};
	struct abl_process_spec spec = spec_of(argv);
	struct abl_str path = {0};

	hear_nothing();
	abl_str_printf(&path, "%s/bin/mine", folder);
	spec.environment = more;
	ck_assert_int_eq(run_spec(&spec).exit_code, 0); /* by PATH, from the folder on */
	ck_assert(!strncmp(heard.lines.text, "A=x y|<a b>|<>|<*>|", 19));
	ck_assert_ptr_nonnull(strstr(heard.lines.text, folder));
	hear_nothing();
	spec.argv = (const char *const[]){"bin/mine", NULL};
	ck_assert_int_eq(run_spec(&spec).exit_code, 0); /* a slash: no PATH */
	spec.argv = (const char *const[]){path.text, NULL};
	ck_assert_int_eq(run_spec(&spec).exit_code, 0);
	abl_str_finish(&path);
}
END_TEST

START_TEST(test_process__what_cannot_be_started_says_why)
{
	static const struct {
		const char *program, *message;
	} cases[] = {
		{"no-such", "cannot start 'no-such': it is not in PATH (/usr/bin:/bin)"},
		{"", "cannot start '': it is not in PATH (/usr/bin:/bin)"},
		{"./no-such", "cannot start './no-such': no such file in '%s'"},
		{"./bin", "cannot start './bin': it is a folder"},
		{"./plain", "cannot start './plain': it is not executable; 'chmod +x' it, or write "
			    "what runs it before: [python, ./plain]"},
		{"plain", "cannot start 'plain': it is not in PATH (/usr/bin:/bin); a file of the "
			  "study's directory is './plain', or [python, plain]"},
		{"./lost", "cannot start './lost': what its first line names does not exist: "
			   "#!/no/such/python"},
		{"./headless",
		 "cannot start './headless': it is no program of this machine, and its first line "
		 "does not say what runs it ('#!'); write that before: [sh, ./headless]"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct abl_process_spec spec =
			spec_of((const char *const[]){cases[i].program, NULL});
		struct abl_process_end end;
		struct abl_err err = {0};
		struct abl_str expected = {0};
		const char *there = strstr(cases[i].message, "%s");

		abl_str_add(&expected, cases[i].message,
			    there ? (size_t)(there - cases[i].message) : strlen(cases[i].message));
		if (there)
			abl_str_printf(&expected, "%s%s", folder, there + 2);
		ck_assert_int_eq(abl_process_run(&spec, &end, &err), ABL_EINPUT);
		ck_assert_str_eq(err.text, expected.text);
		abl_str_finish(&expected);
	}
}
END_TEST

START_TEST(test_process__a_folder_that_is_none)
{
	struct abl_process_spec spec = spec_of((const char *const[]){"true", NULL});
	struct abl_process_end end;
	struct abl_err err = {0};

	spec.directory = "/no/such";
	ck_assert_int_eq(abl_process_run(&spec, &end, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, "cannot start 'true': no folder '/no/such'");
}
END_TEST

START_TEST(test_stop__gently)
{
	const double began = abl_clock_now();
	struct abl_process_end end = stop_script(
		"trap 'echo saved; exit 0' USR1; echo ready; while :; do sleep .05; done", SIGUSR1,
		5);

	ck_assert(end.asked && !end.killed && !end.exit_code);
	ck_assert_ptr_nonnull(strstr(heard.lines.text, "saved|"));
	ck_assert(abl_clock_now() - began < 20);
}
END_TEST

/* A launcher ends at the signal, and what it has started saves its state: it has the whole grace.
 */
START_TEST(test_stop__the_grace_is_everyones)
{
	const struct abl_process_end end =
		stop_script("setsid sh -c 'trap \"sleep 1.2; echo saved; exit 0\" TERM; echo "
			    "ready; while :; do "
			    "sleep .05; done' & wait",
			    SIGTERM, 8);

	ck_assert(end.asked && !end.killed && !end.left_behind && end.signal == SIGTERM);
	ck_assert_ptr_nonnull(strstr(heard.lines.text, "saved|"));
}
END_TEST

START_TEST(test_stop__what_does_not_listen_is_killed)
{
	static const char *const scripts[] = {
		"trap '' TERM; echo ready; while :; do sleep .05; done",
		"trap '' TERM; setsid sh -c 'echo ready; exec sleep 100' & while :; do wait; done",
		"trap '' TERM; (trap '' TERM; (sleep 100 & sleep 100 &) & sleep 100 &); echo "
		"ready; "
		"while :; do sleep .05; done",
	};

	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		const double began = abl_clock_now();
		const struct abl_process_end end = stop_script(scripts[i], SIGTERM, .2);

		ck_assert_msg(end.asked && end.killed && end.signal == SIGKILL, "%s", scripts[i]);
		ck_assert(abl_clock_now() - began < 20);
	}
}
END_TEST

START_TEST(test_stop__one_that_is_stopped_wakes_for_it)
{
	const struct abl_process_end end = stop_script(
		"trap 'exit 7' TERM; (sleep .2; kill -0 $$) & echo ready; kill -STOP $$", SIGTERM,
		5);

	ck_assert(end.asked && !end.killed && end.exit_code == 7);
}
END_TEST

START_TEST(test_stop__one_that_forks_without_end)
{
	const struct abl_process_end end = stop_script(
		"trap '' TERM; ulimit -u 4000 2>/dev/null; echo ready; while :; do sleep 100 & "
		"done 2>/dev/null",
		SIGTERM, .1);

	ck_assert(end.killed && end.left_behind > 0);
}
END_TEST

START_TEST(test_end__what_is_left_behind_is_killed)
{
	double began = abl_clock_now();
	struct abl_process_end end =
		run_script("sleep 100 & setsid sleep 100 & setsid sleep 100 >/dev/null 2>&1 &"
			   "(setsid sh -c '(sleep 100 &)' &);" /* a daemon */
			   "sh -c 'kill -STOP $$' &"
			   "sh -c 'trap \"\" TERM HUP INT; sleep 100' &"
			   "sleep .2; exit 5");

	ck_assert(end.exit_code == 5 && !end.killed);
	ck_assert_uint_eq(end.left_behind, 7);
	ck_assert(abl_clock_now() - began < 20);
	began = abl_clock_now();
	end = run_script("(sleep .3; echo late) & exit 5"); /* it has a second */
	ck_assert(end.exit_code == 5 && !end.left_behind);
	ck_assert_str_eq(heard.lines.text, "late|");
	ck_assert(abl_clock_now() - began < 20);
}
END_TEST

/* In a child, which is killed: it runs a program that has made sessions of its own. */
static pid_t start_victim(const char *script)
{
	const pid_t pid = fork();
	struct abl_process_end end;

	if (!pid) {
		const char *const argv[] = {"sh", "-c", script, NULL};
		const struct abl_process_spec spec = spec_of(argv);

		hear_nothing();
		_exit(abl_process_run(&spec, &end, NULL) ? 1 : 10 + end.signal);
	}
	return pid;
}

static bool wait_for(const char *name)
{
	struct abl_str path = {0};
	bool there = false;

	abl_str_printf(&path, "%s/%s", folder, name);
	for (int i = 0; i < 300 && !there; i++, pause_for(.01))
		there = abl_file_exists(path.text);
	unlink(path.text);
	abl_str_finish(&path);
	return there;
}

static const char tree[] = "setsid sh -c 'setsid sleep 100 & sleep 100' & (sleep 100 &) & "
			   "sleep .1; : >ready; sleep 100";

START_TEST(test_killed__we_are)
{
	const pid_t pid = start_victim(tree);
	struct abl_str look = {0};
	int status;
	bool gone = false;

	ck_assert(wait_for("ready"));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	abl_str_printf(&look, "! grep -lzxF '%s' /proc/[0-9]*/environ >/dev/null 2>&1", mark);
	for (int i = 0; i < 100 && !gone; i++, pause_for(.02)) /* the keeper's work */
		gone = !system(look.text);
	abl_str_finish(&look);
	ck_assert(gone);
	ck_assert_uint_eq(abl_process_kill_marked(mark), 0);
}
END_TEST

/* The name of the process that is the parent of the program, by its own words. */
START_TEST(test_killed__the_keeper_is)
{
	const pid_t pid = start_victim("setsid sleep 100 & (setsid sleep 100 &); sleep .1; "
				       "kill -9 $PPID; sleep 100");
	int status;

	waitpid(pid, &status, 0);
	ck_assert_int_eq(WEXITSTATUS(status), 10 + SIGKILL);
	ck_assert_uint_eq(abl_process_kill_marked(mark), 0);
}
END_TEST

START_TEST(test_killed__one_that_stops_the_keeper)
{
	const struct abl_process_end end = run_script("kill -STOP $PPID; exit 3");

	ck_assert(end.exit_code == 3 && !end.signal && !end.killed);
}
END_TEST

START_TEST(test_killed__the_marked_ones_are)
{
	const pid_t pid = fork();
	int status;

	if (!pid) {
		setsid();
		execle("/bin/sh", "sh", "-c", ": >ready; sleep 100 & sleep 100", NULL,
		       (char *const *)(const char *const[]){"PATH=/usr/bin:/bin", "PWD=/", mark,
							    NULL});
		_exit(1);
	}
	pause_for(.2);
	ck_assert_uint_eq(abl_process_kill_marked("ABLATE_STAGE=another"), 0);
	ck_assert_uint_ge(abl_process_kill_marked(mark), 1);
	waitpid(pid, &status, 0);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_uint_eq(abl_process_kill_marked(mark), 0);
	unlink("ready");
}
END_TEST

static void make(const char *name, const char *text, mode_t mode)
{
	struct abl_str path = {0};

	abl_str_printf(&path, "%s/%s", folder, name);
	ck_assert(!abl_file_write(path.text, text, strlen(text), NULL));
	ck_assert(!chmod(path.text, mode));
	abl_str_finish(&path);
}

static void make_files(void)
{
	struct abl_str bin = {0};

	abl_str_printf(&bin, "%s/bin", folder);
	ck_assert(!mkdir(bin.text, 0700));
	abl_str_finish(&bin);
	make("bin/mine",
	     "#!/bin/sh\nenv | grep '^A='\nfor w in \"$@\"; do echo \"<$w>\"; done\npwd\n", 0700);
	make("plain", "x\n", 0600);
	make("lost", "#!/no/such/python\n", 0700);
	make("headless", "echo x\n", 0700);
}

int main(void)
{
	TCase *c = tcase_create("process");
	int failed;

	if (!process_fixture_begin())
		return 1;
	tcase_add_unchecked_fixture(c, make_files, NULL);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_process__what_it_prints_and_how_it_ends);
	tcase_add_test(c, test_process__starts_with_a_clean_table);
	tcase_add_test(c, test_process__runs_in_its_folder_with_its_environment);
	tcase_add_test(c, test_process__what_cannot_be_started_says_why);
	tcase_add_test(c, test_process__a_folder_that_is_none);
	tcase_add_test(c, test_stop__gently);
	tcase_add_test(c, test_stop__the_grace_is_everyones);
	tcase_add_test(c, test_stop__what_does_not_listen_is_killed);
	tcase_add_test(c, test_stop__one_that_is_stopped_wakes_for_it);
	tcase_add_test(c, test_stop__one_that_forks_without_end);
	tcase_add_test(c, test_end__what_is_left_behind_is_killed);
	tcase_add_test(c, test_killed__we_are);
	tcase_add_test(c, test_killed__the_keeper_is);
	tcase_add_test(c, test_killed__one_that_stops_the_keeper);
	tcase_add_test(c, test_killed__the_marked_ones_are);
	failed = run_case(c, "process");
	return !process_fixture_end() || failed;
}
