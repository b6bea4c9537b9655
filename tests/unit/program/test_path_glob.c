/* SPDX-License-Identifier: Apache-2.0 */
/* test_path_glob.c - which files a pattern finds in a small tree, and what it refuses. */
#include "path_glob.h"
#include "files.h"
#include "run_case.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-glob-XXXXXX";

static void make(const char *name)
{
	struct abl_str path = {0}; /* abl_path_join() takes "~" for the home folder */
	struct abl_err err = {0};
	char *folder;

	abl_str_printf(&path, "%s/%s", root, name);
	folder = abl_path_dir(path.text);
	ck_assert_msg(!abl_mkdir_all(folder, &err), "%s", err.text);
	ck_assert_msg(!abl_file_write(path.text, "x", 1, &err), "%s", err.text);
	free(folder);
	abl_str_finish(&path);
}

static void make_tree(void)
{
	static const char *const files[] = {
		"a.json",         "b.json",           "ab.txt",
		".hidden.json",   "c1/state.json",    "c1/deep/state.json",
		"c20/state.json", ".git/state.json",  "[x]/a.json",
		"~/a.json",       "na\xc3\xafve.csv", "s p/q.json",
		"a/a/b.txt",
	};
	char *link;

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		make(files[i]);
	link = abl_path_join(root, "link");
	ck_assert_int_eq(symlink("c1", link), 0);
	free(link);
	link = abl_path_join(root, "fifo.json");
	ck_assert_int_eq(mkfifo(link, 0600), 0);
	free(link);
}

static const struct {
	const char *pattern, *found;
} found[] = {
	{"a.json", "a.json"},
	{"./a.json", "a.json"},
	{"*.json", "a.json b.json"},
	{".*.json", ".hidden.json"},
	{"?.json", "a.json b.json"},
	{"[!b].json", "a.json"},
	{"[a-b]*.json", "a.json b.json"},
	{"*b*", "ab.txt b.json"},
	{"c*/state.json", "c1/state.json c20/state.json"},
	{"c[0-9]/state.json", "c1/state.json"},
	{"**/state.json", "c1/deep/state.json c1/state.json c20/state.json"},
	{"c1/**", "c1/deep/state.json c1/state.json"},
	{"**/**/state.json", "c1/deep/state.json c1/state.json c20/state.json"},
	{"**/a/**/b.txt", "a/a/b.txt"},
	{".git/*", ".git/state.json"},
	{"*/.git/*", ""},
	{"[[]x]/*", "[x]/a.json"},
	{"~/a.json", "~/a.json"},
	{"na?ve.csv", "na\xc3\xafve.csv"},
	{"s p/*", "s p/q.json"},
	{"c1//deep/*", "c1/deep/state.json"},
	{"c1", ""},
	{"link/state.json", ""},
	{"fifo.json", ""},
	{"absent/*", ""},
	{"[a.json", ""},
	{"a*a*a*a*a*a*a*a*a*a*a*b", ""},
};

START_TEST(test_what_is_found)
{
	struct abl_paths p = {0};
	struct abl_str text = {0};
	struct abl_err err = {0};
	int rc = abl_glob(&p, root, found[_i].pattern, 100, &err);

	ck_assert_msg(!rc, "%s", err.text);
	abl_str_puts(&text, "");
	for (size_t i = 0; i < p.count; i++)
		abl_str_printf(&text, "%s%s", i ? " " : "", p.path[i]);
	ck_assert_msg(!strcmp(text.text, found[_i].found), "%s: %s", found[_i].pattern, text.text);
	abl_str_finish(&text);
	abl_paths_finish(&p);
}
END_TEST

static const struct {
	const char *pattern, *error;
} refused[] = {
	{"../x", "cannot leave its folder"},
	{"a/../../x", "cannot leave its folder"},
	{"/etc/passwd", "below its folder"},
	{"", "names no file"},
	{"./", "names no file"},
};

START_TEST(test_what_is_refused)
{
	struct abl_paths p = {0};
	struct abl_err err = {0};

	ck_assert_int_eq(abl_glob(&p, root, refused[_i].pattern, 100, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, refused[_i].error), "%s", err.text);
	ck_assert_int_eq(abl_glob_check(refused[_i].pattern, NULL), ABL_EINPUT);
	ck_assert(!abl_glob_any(root, refused[_i].pattern));
	abl_paths_finish(&p);
}
END_TEST

/* A checkpoint is a folder: whoever asks whether there is one must see it. */
START_TEST(test_folders_count_for_any)
{
	struct abl_paths p = {0};
	struct abl_err err = {0};

	ck_assert(abl_glob_any(root, "c*0"));
	ck_assert(abl_glob_any(root, "**/deep"));
	ck_assert(!abl_glob_any(root, "checkpoint-*"));
	ck_assert_int_eq(abl_glob(&p, root, "**", 5, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "more than 5 files"), "%s", err.text);
	abl_paths_finish(&p);
	abl_paths_finish(NULL);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("path_glob");
	struct abl_err err = {0};
	int failed;

	tcase_add_unchecked_fixture(c, make_tree, NULL);
	tcase_add_loop_test(c, test_what_is_found, 0, sizeof found / sizeof *found);
	tcase_add_loop_test(c, test_what_is_refused, 0, sizeof refused / sizeof *refused);
	tcase_add_test(c, test_folders_count_for_any);
	failed = run_case(c, "path_glob");
	return abl_remove_tree(root, &err) || failed;
}
