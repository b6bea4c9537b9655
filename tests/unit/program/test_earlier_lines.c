/* SPDX-License-Identifier: Apache-2.0 */
/* test_earlier_lines.c - lines that a program has printed, on a disk that is full for a while. */
#include "earlier_lines.h"

#include "files.h"
#include "run_case.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-lines-XXXXXX";
static char path[100];

static void begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(path, sizeof path, "%s/printed.txt", root);
	signal(SIGXFSZ, SIG_IGN);
}

static void end(void)
{
	(void)!abl_remove_tree(root, NULL);
	memcpy(strrchr(root, '-') + 1, "XXXXXX", 6);
}

/* The largest file that can be written: a full disk. */
static void set_room(rlim_t bytes)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void check_file(const char *text)
{
	struct abl_str is = {0};

	ck_assert_int_eq(abl_file_read(path, &is, 1000, NULL), 0);
	ck_assert_str_eq(is.length ? is.text : "", text);
	abl_str_finish(&is);
}

static void add(struct abl_earlier_lines *e, const char *line)
{
	abl_earlier_lines_add(e, line, strlen(line));
}

static void hear(void *data, const char *line, size_t length)
{
	abl_str_printf(data, "%.*s;", (int)length, line);
}

static void open_lines(struct abl_earlier_lines *e, bool keeps, struct abl_str *heard)
{
	ck_assert_int_eq(abl_earlier_lines_open(e, path, keeps, hear, heard, NULL), 0);
}

START_TEST(test_earlier_lines__wait_for_room)
{
	struct abl_earlier_lines e;
	struct abl_str heard = {0};

	open_lines(&e, false, &heard);
	add(&e, "step 1");
	set_room(10); /* a part of the next line */
	add(&e, "step 2");
	add(&e, "step 3");
	check_file("step 1\n");
	set_room(RLIM_INFINITY);
	abl_earlier_lines_write(&e);
	check_file("step 1\nstep 2\nstep 3\n");
	add(&e, "step 4");
	set_room(10);
	add(&e, "step 5");
	set_room(RLIM_INFINITY);
	abl_earlier_lines_close(&e);
	open_lines(&e, true, &heard);
	ck_assert_str_eq(heard.text, "step 1;step 2;step 3;step 4;step 5;");
	abl_earlier_lines_close(&e);
	abl_str_finish(&heard);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("earlier_lines");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, test_earlier_lines__wait_for_room);
	return run_case(t, "earlier_lines");
}
