/* SPDX-License-Identifier: Apache-2.0 */
/* test_code_copy.c - a copy of code is what was hashed, stays it, or is made anew. */
#include "code_copy.h"

#include "code_difference.h"
#include "files.h"
#include "run_case.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/ablate-copy-XXXXXX";
static char directory[300], store[300];

static const char *at(const char *name)
{
	static char path[4][600];
	static int next;
	char *out = path[next++ % 4];

	snprintf(out, sizeof path[0], "%s/%s", directory, name);
	return out;
}

static void make(const char *name, const char *text)
{
	struct abl_err err = {0};
	char *folder = abl_path_dir(at(name));

	ck_assert_msg(!abl_mkdir_all(folder, &err), "%s", err.text);
	ck_assert_msg(!abl_file_write_passing(at(name), text, strlen(text), &err), "%s", err.text);
	free(folder);
}

static void begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(directory, sizeof directory, "%s/project", root);
	snprintf(store, sizeof store, "%s/store", root);
	make("train.py", "print(1)\nprint(2)\nprint(3)\n");
	make("src/ a\nb\\c.py ", "odd name");
	make("src/run.sh", "#!/bin/sh\n");
	make("data/train.csv", "a,b\n");
	make("data/deep/x", "x");
	ck_assert_int_eq(chmod(at("src/run.sh"), 0750), 0);
}

static void find(struct abl_code_set *c)
{
	static const char *const command[] = {"python", "train.py", NULL};
	static const char *const files[] = {"src/*", NULL};
	static const char *const inputs[] = {"data/train.csv", "data/deep", NULL};
	const struct abl_code_spec spec = {
		.directory = directory,
		.command = command,
		.files = {files},
		.inputs = {inputs},
	};
	struct abl_err err = {0};

	ck_assert_msg(!abl_code_find(c, &spec, &err), "%s", err.text);
}

/* Of a file in the copy; static memory. */
static const char *in_copy(const struct abl_code_set *c, const char *name)
{
	static char path[800];
	char hash[ABL_HASH_TEXT];

	snprintf(path, sizeof path, "%s/code/%s/%s", store, abl_code_copy_name(c, hash), name);
	return path;
}

static void expect(const char *path, const char *text)
{
	struct abl_str got = {0};
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_read(path, &got, 1000, &err), "%s", err.text);
	ck_assert_str_eq(got.text, text);
	abl_str_finish(&got);
}

static void copy(const struct abl_code_set *c)
{
	struct abl_err err = {0};
	char hash[ABL_HASH_TEXT];

	ck_assert_msg(!abl_code_copy(c, store, false, &err), "%s", err.text);
	ck_assert_msg(!abl_code_copy_check(store, abl_code_copy_name(c, hash), &err), "%s",
		      err.text);
}

static bool is_whole(const struct abl_code_set *c)
{
	char hash[ABL_HASH_TEXT];
	int rc = abl_code_copy_check(store, abl_code_copy_name(c, hash), NULL);

	ck_assert(!rc || rc == ABL_EDAMAGED);
	return !rc;
}

START_TEST(test_copy__has_files_modes_and_links)
{
	struct abl_code_set c;
	struct stat st;

	find(&c);
	copy(&c);
	expect(in_copy(&c, "train.py"), "print(1)\nprint(2)\nprint(3)\n");
	expect(in_copy(&c, "src/ a\nb\\c.py "), "odd name");
	ck_assert_int_eq(stat(in_copy(&c, "src/run.sh"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0550);
	ck_assert_int_eq(lstat(in_copy(&c, "data/deep"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	expect(in_copy(&c, "data/deep/x"), "x");
	make("data/train.csv", "new data"); /* used where it is */
	expect(in_copy(&c, "data/train.csv"), "new data");
	abl_code_finish(&c);
}
END_TEST

START_TEST(test_copy__is_of_what_was_hashed)
{
	struct abl_code_set c, now;
	struct abl_err err = {0};

	make("train.py", "first");
	find(&c);
	make("train.py", "secon"); /* an editor was quicker */
	ck_assert_int_eq(abl_code_copy(&c, store, false, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, "train.py' has changed since the plan was made"), "%s",
		      err.text);
	ck_assert(!is_whole(&c));
	find(&now);
	copy(&now);
	make("train.py", "third"); /* during the night */
	expect(in_copy(&now, "train.py"), "secon");
	copy(&now); /* is there, and is not looked for in the folder */
	expect(in_copy(&now, "train.py"), "secon");
	abl_code_finish(&c);
	abl_code_finish(&now);
}
END_TEST

/* What somebody does to the file of a copy. */
static void replace(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(abl_file_write_passing(path, "secum", 5, NULL), 0);
	ck_assert_int_eq(chmod(path, st.st_mode & 07777), 0);
	ck_assert_int_eq(
		utimensat(AT_FDCWD, path, (const struct timespec[]){st.st_atim, st.st_mtim}, 0), 0);
}

static void lengthen(const char *path)
{
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(truncate(path, 100), 0);
}

static void drop(const char *path)
{
	ck_assert_int_eq(unlink(path), 0);
}

static void link_away(const char *path)
{
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
}

static void to_execute(const char *path)
{
	ck_assert_int_eq(chmod(path, 0555), 0);
}

START_TEST(test_copy__that_somebody_changed_is_mended)
{
	void (*const does[])(const char *) = {replace, lengthen, drop, link_away, to_execute};
	char moved[800];
	struct abl_code_set c;

	make("train.py", "secon");
	find(&c);
	for (size_t i = 0; i < sizeof does / sizeof *does; i++) {
		copy(&c);
		does[i](in_copy(&c, "train.py"));
		ck_assert_msg(!is_whole(&c), "%zu", i);
	}
	copy(&c);
	drop(in_copy(&c, "data/deep"));
	ck_assert(!is_whole(&c));
	copy(&c);
	make("../elsewhere/run.sh", "mine"); /* a link on the way: nothing is written there */
	ck_assert_int_eq(rename(at("../elsewhere"), in_copy(&c, "moved")), 0);
	ck_assert_int_eq(abl_remove_tree(in_copy(&c, "src"), NULL), 0);
	ck_assert_int_eq(symlink("moved", in_copy(&c, "src")), 0);
	snprintf(moved, sizeof moved, "%s", in_copy(&c, "moved/run.sh"));
	expect(moved, "mine");
	copy(&c);
	ck_assert(!abl_file_exists(moved)); /* the copy is another one */
	expect(in_copy(&c, "train.py"), "secon");
	expect(in_copy(&c, "data/deep/x"), "x");
	abl_code_finish(&c);
}
END_TEST

START_TEST(test_copy__whose_list_is_gone_is_read_and_stays)
{
	struct abl_code_set c;
	struct stat before, st;
	char list[900];

	find(&c);
	copy(&c);
	ck_assert_int_eq(stat(in_copy(&c, "train.py"), &before), 0);
	snprintf(list, sizeof list, "%s", in_copy(&c, ""));
	snprintf(strrchr(list, '/'), 6, "%s", ".list");
	ck_assert_int_eq(truncate(list, 40), 0);
	ck_assert(!is_whole(&c));
	copy(&c);
	ck_assert_int_eq(stat(in_copy(&c, "train.py"), &st), 0);
	ck_assert_int_eq(st.st_ino, before.st_ino);
	abl_code_finish(&c);
}
END_TEST

START_TEST(test_difference__names_files_and_shows_lines)
{
	struct abl_code_set before, now;
	struct abl_str out = {0};
	char old[ABL_HASH_TEXT];

	make("train.py", "print(1)\nprint(2)\nprint(3)\n");
	make("src/bytes", "a\001b");
	make("src/gone.py", "1\n");
	make("src/-u", "1\n");
	find(&before);
	copy(&before);
	abl_code_copy_name(&before, old);
	ck_assert_uint_eq(abl_code_difference(store, old, &before, &out), 0);
	ck_assert_str_eq(out.text ? out.text : "", "");
	make("train.py", "print(1)\nprint(\"\033[2J\")\nprint(3)\n");
	make("src/-u", "2\n");
	make("src/new.py", "1\n");
	ck_assert_int_eq(unlink(at("src/gone.py")), 0);
	ck_assert_int_eq(chmod(at("src/run.sh"), 0640), 0);
	ck_assert_int_eq(truncate(at("src/bytes"), 100), 0); /* zeros: no text */
	find(&now);
	ck_assert_uint_eq(abl_code_difference(store, old, &now, &out), 6);
	ck_assert_str_eq(out.text,
			 "  changed: src/-u\n"
			 "  changed: src/bytes\n"
			 "  gone: src/gone.py\n"
			 "  new: src/new.py\n"
			 "  changed: may be executed or not: src/run.sh\n"
			 "  changed: train.py\n"
			 "--- src/-u, finished trials\n+++ src/-u, now\n@@ -1 +1 @@\n-1\n+2\n"
			 "--- train.py, finished trials\n+++ train.py, now\n@@ -1,3 +1,3 @@\n"
			 " print(1)\n-print(2)\n+print(\"\\x1b[2J\")\n print(3)\n");
	abl_str_clear(&out);
	ck_assert_int_eq(abl_remove_tree(in_copy(&before, ""), NULL), 0); /* names stay */
	ck_assert_uint_eq(abl_code_difference(store, old, &now, &out), 6);
	ck_assert_ptr_nonnull(strstr(out.text, "  changed: train.py\n"));
	ck_assert_ptr_null(strstr(out.text, "---"));
	abl_str_clear(&out);
	ck_assert_uint_eq(abl_code_difference(store, "none", &now, &out), 0);
	ck_assert_ptr_nonnull(strstr(out.text, "what differs is not known"));
	ck_assert_int_eq(chmod(at("src/run.sh"), 0750), 0);
	abl_code_finish(&before);
	abl_code_finish(&now);
	abl_str_finish(&out);
}
END_TEST

START_TEST(test_difference__a_long_one_is_cut)
{
	struct abl_code_set before, now;
	struct abl_str text = {0}, out = {0};
	char old[ABL_HASH_TEXT];

	make("train.py", "");
	find(&before);
	copy(&before);
	for (int i = 0; i < 500; i++)
		abl_str_printf(&text, "line %d\n", i);
	make("train.py", text.text);
	find(&now);
	abl_code_difference(store, abl_code_copy_name(&before, old), &now, &out);
	ck_assert_ptr_nonnull(strstr(out.text, "+line 56\n... and 443 lines more\n"));
	abl_code_finish(&before);
	abl_code_finish(&now);
	abl_str_finish(&text);
	abl_str_finish(&out);
}
END_TEST

START_TEST(test_copy__in_place_is_a_list_alone)
{
	struct abl_code_set c;
	struct abl_str out = {0};
	char name[ABL_HASH_TEXT];

	make("train.py", "in place");
	find(&c);
	ck_assert_int_eq(abl_code_copy(&c, store, true, NULL), 0);
	ck_assert(!abl_is_dir(in_copy(&c, "")));
	ck_assert_uint_eq(abl_code_difference(store, abl_code_copy_name(&c, name), &c, &out), 0);
	copy(&c); /* and makes it, when it is wanted */
	expect(in_copy(&c, "train.py"), "in place");
	abl_code_finish(&c);
	abl_str_finish(&out);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("code_copy");
	int rc;

	tcase_add_unchecked_fixture(c, begin, NULL);
	tcase_add_test(c, test_copy__has_files_modes_and_links);
	tcase_add_test(c, test_copy__is_of_what_was_hashed);
	tcase_add_test(c, test_copy__that_somebody_changed_is_mended);
	tcase_add_test(c, test_copy__whose_list_is_gone_is_read_and_stays);
	tcase_add_test(c, test_copy__in_place_is_a_list_alone);
	tcase_add_test(c, test_difference__names_files_and_shows_lines);
	tcase_add_test(c, test_difference__a_long_one_is_cut);
	rc = run_case(c, "code_copy");
	return abl_remove_tree(root, NULL) ? 1 : rc;
}
