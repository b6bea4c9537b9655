/* SPDX-License-Identifier: Apache-2.0 */
/* test_input_hash.c - a file is read again when it could have changed, and only then. */
#include "input_hash.h"

#include "files.h"
#include "run_case.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-inputs-XXXXXX";
static char old_file[600]; /* nobody has changed it for a while */
static const char false_hash[] = "0123456789abcdef0123456789abcdef";

static const char *at(const char *name)
{
	static char path[4][300];
	static int next;
	char *out = path[next++ % 4];

	snprintf(out, sizeof path[0], "%s/%s", folder, name);
	return out;
}

static void write_text(const char *name, const char *text)
{
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write_passing(at(name), text, strlen(text), &err), "%s", err.text);
}

static void begin(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(old_file, sizeof old_file, "%s/meson.build", getenv("ABLATE_SOURCE"));
}

/* The file of the cache, saying of a file that its hash is the false one. */
static void plant(const char *path, const char *behind)
{
	struct abl_str text = {0};
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	abl_str_printf(
		&text, "ablate input hashes 1\n1 2 3\nnonsense\n%llu %llu %lld %lld %lld %s%s\n",
		(unsigned long long)st.st_dev, (unsigned long long)st.st_ino, (long long)st.st_size,
		(long long)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
		(long long)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec, false_hash, behind);
	write_text("input-hashes", text.text);
	abl_str_finish(&text);
}

static const char *hash_of(struct abl_hash_cache *c, const char *path)
{
	static struct abl_content content;
	struct abl_err err = {0};

	ck_assert_msg(!abl_hash_cache_file(c, path, &content, &err), "%s", err.text);
	return content.hash;
}

START_TEST(test_input_hash__one_that_is_kept_is_not_read)
{
	struct abl_hash_cache *c;

	plant(old_file, "");
	c = abl_hash_cache_open(folder);
	ck_assert_str_eq(hash_of(c, old_file), false_hash);
	abl_hash_cache_close(c);
	plant(old_file, "beef"); /* damaged: it is as if there were none */
	c = abl_hash_cache_open(folder);
	ck_assert_str_eq(hash_of(c, old_file), hash_of(NULL, old_file));
	abl_hash_cache_close(c);
}
END_TEST

START_TEST(test_input_hash__it_is_kept_over_processes)
{
	struct abl_hash_cache *c;
	struct abl_err err = {0};
	struct abl_str text = {0};

	write_text("input-hashes", "\1\2 no cache");
	write_text("new", "new");
	c = abl_hash_cache_open(folder);
	hash_of(c, old_file);
	hash_of(c, at("new")); /* too young: it can change within the same tick */
	ck_assert_int_eq(abl_hash_cache_save(c, &err), 0);
	abl_hash_cache_close(c);
	ck_assert_int_eq(abl_file_read(at("input-hashes"), &text, 10000, &err), 0);
	ck_assert_ptr_nonnull(strstr(text.text, hash_of(NULL, old_file)));
	ck_assert_ptr_null(strstr(text.text, hash_of(NULL, at("new"))));
	abl_str_finish(&text);
	c = abl_hash_cache_open(folder);
	ck_assert_str_eq(hash_of(c, old_file), hash_of(NULL, old_file));
	abl_hash_cache_close(c);
}
END_TEST

START_TEST(test_input_hash__times_set_back_hide_no_change)
{
	struct abl_hash_cache *c;
	struct stat st;
	char before[ABL_HASH_TEXT];

	write_text("data", "abcd");
	plant(at("data"), "");
	c = abl_hash_cache_open(folder);
	ck_assert_str_eq(hash_of(c, at("data")), false_hash);
	ck_assert_int_eq(stat(at("data"), &st), 0);
	snprintf(before, sizeof before, "%s", hash_of(NULL, at("data")));
	usleep(20000); /* a tick of the file system's clock */
	write_text("data", "abce");
	ck_assert_int_eq(utimensat(AT_FDCWD, at("data"),
				   (const struct timespec[]){st.st_atim, st.st_mtim}, 0),
			 0);
	ck_assert_str_ne(hash_of(c, at("data")), false_hash);
	ck_assert_str_ne(hash_of(c, at("data")), before);
	write_text("data", "abcd");
	ck_assert_str_eq(hash_of(c, at("data")), before);
	abl_hash_cache_close(c);
}
END_TEST

START_TEST(test_input_hash__only_regular_files_are_read)
{
	struct abl_content content;
	struct abl_err err = {0};
	struct abl_str bytes = {0};

	ck_assert_int_eq(mkfifo(at("fifo"), 0600), 0);
	ck_assert_int_eq(abl_hash_cache_file(NULL, at("fifo"), &content, &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "is not a regular file"));
	ck_assert_int_eq(abl_hash_cache_file(NULL, at("absent"), &content, NULL), ABL_EINPUT);
	write_text("bytes", "12345");
	ck_assert_int_eq(chmod(at("bytes"), 0744), 0);
	ck_assert_int_eq(abl_content_read(at("bytes"), 4, &bytes, &content, NULL), ABL_EINPUT);
	abl_str_clear(&bytes);
	ck_assert_int_eq(abl_content_read(at("bytes"), 5, &bytes, &content, NULL), 0);
	ck_assert_str_eq(bytes.text, "12345");
	ck_assert(content.executable && content.size == 5);
	ck_assert_str_eq(content.hash, abl_hash_bytes("12345", 5, (char[ABL_HASH_TEXT]){0}));
	abl_str_finish(&bytes);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("input_hash");
	int rc;

	tcase_add_unchecked_fixture(c, begin, NULL);
	tcase_add_test(c, test_input_hash__one_that_is_kept_is_not_read);
	tcase_add_test(c, test_input_hash__it_is_kept_over_processes);
	tcase_add_test(c, test_input_hash__times_set_back_hide_no_change);
	tcase_add_test(c, test_input_hash__only_regular_files_are_read);
	rc = run_case(c, "input_hash");
	return abl_remove_tree(folder, NULL) ? 1 : rc;
}
