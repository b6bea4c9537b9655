/* SPDX-License-Identifier: Apache-2.0 */
/* study_fixture.h - studies written by a test into a scratch folder, which is also the current one,
 * so that error texts can be compared whole. */
#ifndef ABL_STUDY_FIXTURE_H
#define ABL_STUDY_FIXTURE_H

#include "files.h"
#include "str.h"
#include "study.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD "study: s\ndata: world\nvocab: 500\ntasks: [sentiment]\n"
#define PRE "pretraining: {texts: world}\n"

static char folder[] = "/tmp/ablate-study-XXXXXX"; /* also the current folder */
static struct abl_err err;

/* A vocabulary, and a table without a header, too. */
#define SPECIALS "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"

static inline void write_file(const char *path, const char *text)
{
	err = (struct abl_err){0};
	ck_assert_int_eq(abl_file_write(path, text, strlen(text), &err), 0);
}

/* The study as study.yaml, loaded; it must be fine. */
static inline struct abl_study *load(const char *text)
{
	struct abl_study *s = NULL;

	write_file("study.yaml", text);
	if (abl_study_load(&s, "study.yaml", NULL, &err))
		ck_abort_msg("%s", err.text);
	return s;
}

/* It must be refused with exactly this text. */
static inline void refuse(const char *text, const char *expected)
{
	struct abl_study *s = NULL;

	write_file("study.yaml", text);
	ck_assert_int_eq(abl_study_load(&s, "study.yaml", NULL, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, expected);
	ck_assert_ptr_null(s);
}

/* It must be refused with a text that begins so. */
static inline void refuse_start(const char *text, const char *start)
{
	struct abl_study *s = NULL;

	write_file("study.yaml", text);
	ck_assert_int_eq(abl_study_load(&s, "study.yaml", NULL, &err), ABL_EINPUT);
	ck_assert_msg(!strncmp(err.text, start, strlen(start)), "'%s' does not begin with '%s'",
		      err.text, start);
}

/* Runs one case of tests in the scratch folder; the result of main(). */
static inline int run_tests(TCase *c)
{
	int failed;

	if (!mkdtemp(folder) || chdir(folder))
		return 1;
	unsetenv("ABLATE_DATA");
	failed = run_case(c, "study");
	if (chdir("/") || abl_remove_tree(folder, &err))
		return 1;
	return failed;
}

#endif
