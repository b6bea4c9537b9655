/* SPDX-License-Identifier: Apache-2.0 */
/* test_trial_roots.c - a trial file on a machine where store and data lie elsewhere, and whether
 * the data there are the same. */
#include "data_check.h"
#include "files.h"
#include "run_case.h"
#include "str.h"
#include "trial_roots.h"
#include "writer.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char root[] = "/tmp/ablate-roots-XXXXXX";

static void moved(const char *text, const char *expected)
{
	static const struct abl_roots from = {"/srv/ann/st", "/srv/ann/st/data/"},
				      to = {"/net/st/", "/scratch"};
	struct abl_str out = {0};

	abl_roots_move(&out, text, &from, &to);
	ck_assert_str_eq(out.text, expected);
	abl_str_finish(&out);
}

START_TEST(test_roots__move)
{
	moved("/srv/ann/st/work/k/1", "/net/st/work/k/1");
	moved("/srv/ann/st", "/net/st");
	moved("/srv/ann/st/data/rte/train.tsv", "/scratch/rte/train.tsv"); /* the longer root */
	moved("/srv/ann/stuff", "/srv/ann/stuff");
	moved("/big/srv/ann/st/x", "/big/srv/ann/st/x"); /* no path begins there */
	moved("--train=/srv/ann/st/data/a.csv", "--train=/scratch/a.csv");
	moved("/srv/ann/st/a:/srv/ann/st/b", "/net/st/a:/net/st/b");
	moved("cat '/srv/ann/st/a b' >/srv/ann/st/c", "cat '/net/st/a b' >/net/st/c");
	moved("no path", "no path");
	moved("", "");
}
END_TEST

static void put(const char *path, const char *text)
{
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write_passing(path, text, strlen(text), &err), "%s", err.text);
}

static char *below(const char *name)
{
	return abl_path_join(root, name);
}

START_TEST(test_trial__moved_and_checked)
{
	char *trial = below("1.json"), *here = below("head"), *there = below("worker"),
	     *file = below("head/rte.tsv"), *other = below("worker/rte.tsv"), *copy = NULL;
	const struct abl_roots from = {"/nowhere/store", here}, to = {root, there};
	struct abl_hash_cache *cache = abl_hash_cache_open(NULL);
	struct abl_data_facts facts = {0};
	struct abl_content content;
	struct abl_str text = {0}, path = {0};
	struct abl_err err = {0};

	ck_assert(!abl_mkdir_all(here, &err) && !abl_mkdir_all(there, &err));
	put(file, "a\tb\n");
	abl_str_printf(&text,
		       "{\"key\": \"k\", \"seed\": 3, \"lr\": 0.1, \"task\": {\"train\": \"%s\", "
		       "\"dev\": \"%s/none.tsv\"}, \"order\": {\"command\": [\"/bin/sh\", "
		       "\"--in=%s\"]}, \"output\": \"/nowhere/store/work/k/1\"}",
		       file, here, file);
	put(trial, text.text);
	ck_assert(!abl_trial_move(&copy, trial, &from, &from, 7, &err));
	ck_assert_str_eq(copy, trial);
	free(copy);
	ck_assert_msg(!abl_trial_move(&copy, trial, &from, &to, 7, &err), "%s", err.text);
	abl_str_clear(&text);
	ck_assert(!abl_file_read(copy, &text, 1 << 20, &err));
	abl_str_printf(&path, "\"output\": \"%s/work/k/1\"", root);
	ck_assert_ptr_nonnull(strstr(text.text, path.text));
	ck_assert_ptr_nonnull(strstr(text.text, "\"seed\": 3"));
	abl_str_clear(&path);
	abl_str_printf(&path, "\"--in=%s\"", other);
	ck_assert_ptr_nonnull(strstr(text.text, path.text));

	ck_assert_int_eq(abl_data_check(&facts, &from, &to, cache, &err), 0);
	ck_assert_int_eq(abl_hash_cache_file(cache, file, &content, &err), 0);
	abl_data_facts_add(&facts, file, content.hash);
	ck_assert_int_eq(abl_data_check(&facts, &from, &from, cache, &err), 0);
	ck_assert_int_eq(abl_data_check(&facts, &from, &to, cache, &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, other)); /* missing there */
	err = (struct abl_err){0};
	put(other, "a\tc\n");
	ck_assert_int_eq(abl_data_check(&facts, &from, &to, cache, &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "is not the file that the run was planned with"));
	put(other, "a\tb\n");
	ck_assert_int_eq(abl_data_check(&facts, &from, &to, cache, &err), 0);

	err = (struct abl_err){0};
	put(trial, "{\"key\": ");
	free(copy);
	copy = NULL;
	ck_assert_int_eq(abl_trial_move(&copy, trial, &from, &to, 7, &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "1.json:1:"));
	abl_data_facts_finish(&facts);
	abl_hash_cache_close(cache);
	abl_str_finish(&text), abl_str_finish(&path);
	free(trial), free(here), free(there), free(file), free(other), free(copy);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("trial_roots");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(root))
		return 1;
	tcase_add_test(c, test_roots__move);
	tcase_add_test(c, test_trial__moved_and_checked);
	failed = run_case(c, "trial_roots");
	if (abl_remove_tree(root, &err))
		return 1;
	return failed;
}
