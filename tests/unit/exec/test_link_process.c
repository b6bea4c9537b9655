/* SPDX-License-Identifier: Apache-2.0 */
/* test_link_process.c - the standard streams of a launcher as a link: it carries, makes nobody
 * wait, and says how it ended. */
#include "files.h"
#include "link_process.h"
#include "machine.h"
#include "run_case.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-link-XXXXXX";
static char log_path[64];

static struct abl_link start(const char *script)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	struct abl_link link = {0};
	struct abl_err err = {0};

	ck_assert_msg(!abl_link_process_start(&link, argv, log_path, &err), "%s", err.text);
	ck_assert_str_eq(link.ops->name, "process");
	return link;
}

static void wait_for(const struct abl_link *link, bool writing)
{
	struct pollfd fds[ABL_LINK_DESCRIPTORS];
	const size_t n = link->ops->descriptors(link->state, writing, fds, ABL_LINK_DESCRIPTORS);

	ck_assert_uint_le(n, ABL_LINK_DESCRIPTORS);
	ck_assert_int_gt(poll(fds, n, 10000), 0);
}

/* All that comes until the end. */
static void read_all(const struct abl_link *link, struct abl_str *out)
{
	char block[4096];
	ssize_t n;

	while ((n = link->ops->read(link->state, block, sizeof block))) {
		if (n > 0)
			abl_str_add(out, block, (size_t)n);
		else
			wait_for(link, false);
	}
}

static const char *how(const struct abl_link *link)
{
	static char text[80];

	for (int i = 0; i < 1000; i++) {
		abl_link_ended(link, text, sizeof text);
		if (*text)
			break;
		usleep(10000);
	}
	return text;
}

START_TEST(test_link_process__carries_both_ways)
{
	struct abl_link link = start("echo told >&2; read a; echo \"got $a\"; exit 7");
	struct abl_str said = {0}, logged = {0};

	ck_assert_int_eq(link.ops->write(link.state, "it\n", 3), 3);
	read_all(&link, &said);
	ck_assert_str_eq(said.text, "got it\n");
	ck_assert_str_eq(how(&link), "exit code 7");
	ck_assert(!abl_file_read(log_path, &logged, 1000, NULL));
	ck_assert_str_eq(logged.text, "told\n");
	abl_link_close(&link);
	ck_assert_ptr_null(link.ops);
	abl_str_finish(&said), abl_str_finish(&logged);
}
END_TEST

START_TEST(test_link_process__says_what_cannot_be_started)
{
	const char *argv[] = {"no-such-launcher", NULL};
	struct abl_link link = {0};
	struct abl_err err = {0};

	ck_assert_int_eq(abl_link_process_start(&link, argv, log_path, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "cannot start 'no-such-launcher'"), "%s", err.text);
	ck_assert_msg(strstr(err.text, "No such file"), "%s", err.text);
	err = (struct abl_err){0};
	argv[0] = "true";
	ck_assert_int_eq(abl_link_process_start(&link, argv, "/nowhere/log", &err), ABL_EINPUT);
	ck_assert_ptr_null(link.ops);
}
END_TEST

START_TEST(test_link_process__does_not_wait)
{
	struct abl_link link = start("sleep 60");
	static char block[1 << 16];
	ssize_t n = 0;

	ck_assert_int_eq(link.ops->read(link.state, block, sizeof block), -1);
	ck_assert_int_eq(errno, EAGAIN);
	for (int i = 0; i < 1000 && n >= 0; i++)
		n = link.ops->write(link.state, block, sizeof block);
	ck_assert_int_eq(n, -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert(!link.ops->ended(link.state, block, sizeof block));
	abl_link_close(&link);
}
END_TEST

START_TEST(test_link_process__outlives_a_reader_that_is_gone)
{
	struct abl_link link = start("kill -9 $$");
	struct abl_str said = {0};

	signal(SIGPIPE, SIG_DFL);
	read_all(&link, &said);
	ck_assert_str_eq(how(&link), "killed by signal 9 (Killed)");
	ck_assert_int_eq(link.ops->write(link.state, "it\n", 3), -1);
	ck_assert_int_eq(errno, EPIPE);
	abl_link_close(&link);
	abl_str_finish(&said);
}
END_TEST

/* The group of the launcher is asked to end, and killed where it does not; both are reaped. */
START_TEST(test_link_process__ends_what_it_has_started)
{
	struct abl_link gentle = start("echo $$; trap 'exit 0' TERM; sleep 60 & wait"),
			stopped = start("echo $$; kill -STOP $$; sleep 60");
	struct abl_link *both[] = {&gentle, &stopped};
	pid_t pid[2];

	for (int i = 0; i < 2; i++) {
		char text[32] = "";

		wait_for(both[i], false);
		ck_assert_int_gt(both[i]->ops->read(both[i]->state, text, 31), 0);
		pid[i] = (pid_t)strtol(text, NULL, 10);
		abl_link_close(both[i]);
	}
	for (int i = 0; i < 200 && (!kill(pid[0], 0) || !kill(pid[1], 0)); i++) {
		struct abl_link other = start("true");

		usleep(20000);
		abl_link_close(&other);
	}
	ck_assert(kill(pid[0], 0) && errno == ESRCH);
	ck_assert(kill(pid[1], 0) && errno == ESRCH);
}
END_TEST

static void be_a_worker(void)
{
	struct abl_link link;
	char block[16];
	ssize_t n;

	if (abl_link_streams(&link, NULL))
		_exit(1);
	printf("by accident\n"); /* goes to standard error */
	fflush(stdout);
	wait_for(&link, false);
	n = link.ops->read(link.state, block, sizeof block);
	if (n <= 0 || link.ops->write(link.state, block, (size_t)n) != n)
		_exit(2);
	wait_for(&link, false);
	n = link.ops->read(link.state, block, sizeof block);
	abl_link_close(&link);
	_exit(n ? 3 : 0);
}

START_TEST(test_link_process__takes_its_own_streams)
{
	int in[2], out[2], log[2], status;
	char text[64] = "";
	pid_t pid;

	ck_assert(!pipe(in) && !pipe(out) && !pipe(log));
	pid = fork();
	if (!pid) {
		dup2(in[0], 0), dup2(out[1], 1), dup2(log[1], 2);
		close(in[1]);
		be_a_worker();
	}
	ck_assert_int_eq(write(in[1], "word", 4), 4);
	ck_assert_int_eq(read(out[0], text, 63), 4);
	ck_assert_str_eq(text, "word");
	close(in[1]);
	ck_assert_int_gt(read(log[0], text, 63), 0);
	ck_assert(strstr(text, "by accident") != NULL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("link_process");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	snprintf(log_path, sizeof log_path, "%s/log", folder);
	tcase_add_test(c, test_link_process__carries_both_ways);
	tcase_add_test(c, test_link_process__says_what_cannot_be_started);
	tcase_add_test(c, test_link_process__does_not_wait);
	tcase_add_test(c, test_link_process__outlives_a_reader_that_is_gone);
	tcase_add_test(c, test_link_process__ends_what_it_has_started);
	tcase_add_test(c, test_link_process__takes_its_own_streams);
	failed = run_case(c, "link_process");
	return abl_remove_tree(folder, NULL) || failed;
}
