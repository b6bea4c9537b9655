/* SPDX-License-Identifier: Apache-2.0 */
/* test_store_lock.c - who may write to a store while its writer lives, and when that one has died.
 */
#include "files.h"
#include "run_case.h"
#include "store.h"
#include "str.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-lock-XXXXXX";
static char *path; /* of this test's store */

static void setup(void)
{
	path = abl_path_join(folder, "store");
	ck_assert_int_eq(abl_remove_tree(path, NULL), 0);
}

static void teardown(void)
{
	free(path);
}

static int open_to_write(struct abl_store **s, struct abl_err *err)
{
	*err = (struct abl_err){0};
	return abl_store_open(s, path, ABL_STORE_WRITE, err);
}

START_TEST(test_store_lock__one_writer)
{
	struct abl_store *s;
	struct abl_err err;
	int status;
	pid_t other;

	ck_assert_msg(!open_to_write(&s, &err), "%s", err.text);
	other = fork();
	if (!other) {
		struct abl_store *second;
		char who[64];

		snprintf(who, sizeof who, "another ablate process (pid %d)", (int)getppid());
		if (open_to_write(&second, &err) != ABL_EBUSY || !strstr(err.text, who))
			_exit(1);
		/* readers need no lock */
		_exit(abl_store_open(&second, path, ABL_STORE_READ, &err) ? 2 : 0);
	}
	ck_assert_int_eq(waitpid(other, &status, 0), other);
	ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	abl_store_close(s);
}
END_TEST

/* A writer that forks a child, tells its number and is killed. */
static _Noreturn void write_and_die(int out)
{
	struct abl_store *s;
	struct abl_err err;
	pid_t child;

	if (open_to_write(&s, &err))
		_exit(1);
	child = fork();
	if (!child) {
		close(out);
		alarm(60); /* if nobody kills it */
		pause();
		_exit(0);
	}
	(void)!write(out, &child, sizeof child);
	raise(SIGKILL);
	_exit(1);
}

/* What a killed writer had forked lives on for a moment, and must not be in the next one's way. */
START_TEST(test_store_lock__is_not_kept_by_children)
{
	struct abl_store *s;
	struct abl_err err;
	pid_t writer, child;
	int ends[2], status;

	ck_assert_int_eq(pipe(ends), 0);
	writer = fork();
	if (!writer)
		write_and_die(ends[1]);
	ck_assert_int_eq(waitpid(writer, &status, 0), writer);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(read(ends[0], &child, sizeof child), sizeof child);
	ck_assert_int_eq(kill(child, 0), 0);
	ck_assert_msg(!open_to_write(&s, &err), "%s", err.text);
	abl_store_close(s);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	close(ends[0]), close(ends[1]);
}
END_TEST

/* What a child opens then may have the number that the lock's file had; its own children keep it.
 */
START_TEST(test_store_lock__closes_no_other_file)
{
	struct abl_store *s;
	struct abl_err err;
	int status;
	pid_t child;

	ck_assert_msg(!open_to_write(&s, &err), "%s", err.text);
	child = fork();
	if (!child) {
		int fd[64], left = 0;
		pid_t below;

		for (int i = 0; i < 64; i++)
			fd[i] = open("/dev/null", O_RDONLY);
		below = fork();
		if (!below) {
			for (int i = 0; i < 64; i++)
				left += fcntl(fd[i], F_GETFD) >= 0;
			_exit(left == 64 ? 0 : 1);
		}
		_exit(waitpid(below, &status, 0) == below && WIFEXITED(status) &&
				      !WEXITSTATUS(status)
			      ? 0
			      : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	abl_store_close(s);
}
END_TEST

/* The parent has it still: that of the database, as the lock file is gone. */
START_TEST(test_store_lock__is_kept_by_the_parent)
{
	struct abl_store *s, *second;
	struct abl_err err;
	char *lock = abl_path_join(path, "lock");
	int status;
	pid_t child;

	ck_assert_msg(!open_to_write(&s, &err), "%s", err.text);
	child = fork();
	if (!child)
		_exit(0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(unlink(lock), 0);
	child = fork();
	if (!child)
		_exit(open_to_write(&second, &err) == ABL_EBUSY ? 0 : 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	abl_store_close(s);
	free(lock);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("store_lock");
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_store_lock__one_writer);
	tcase_add_test(c, test_store_lock__is_not_kept_by_children);
	tcase_add_test(c, test_store_lock__closes_no_other_file);
	tcase_add_test(c, test_store_lock__is_kept_by_the_parent);
	failed = run_case(c, "store_lock");
	return abl_remove_tree(folder, NULL) || failed;
}
