/* SPDX-License-Identifier: Apache-2.0 */
/* test_made.c - writing: no failure is lost, and what was made is known again. */
#include "files.h"
#include "json.h"
#include "seal.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-made-XXXXXX";
static char block[1 << 17];

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

	ck_assert_msg(!abl_file_write(at(name), text, strlen(text), &err), "%s", err.text);
}

START_TEST(test_writer__the_first_failure_is_kept)
{
	const struct rlimit little = {1 << 15, RLIM_INFINITY};
	struct rlimit before;
	struct abl_writer w;
	struct abl_err err = {0};

	signal(SIGXFSZ, SIG_IGN);
	ck_assert(!getrlimit(RLIMIT_FSIZE, &before));
	ck_assert(!setrlimit(RLIMIT_FSIZE, &little));
	ck_assert(!abl_writer_open(&w, at("large"), &err));
	abl_writer_put(&w, block, sizeof block); /* is cut short, then refused */
	ck_assert(abl_writer_failed(&w));
	abl_writer_patch(&w, 0, "head", 4); /* would fit, and hides nothing */
	ck_assert_int_eq(abl_writer_commit(&w, &err), ABL_EIO);
	ck_assert(!setrlimit(RLIMIT_FSIZE, &before));
	ck_assert_msg(strstr(err.text, "large': File too large"), "%s", err.text);
	ck_assert(!abl_file_exists(at("large")));
	ck_assert_int_eq(rmdir(folder), 0); /* nothing was left */
	ck_assert(mkdtemp(memcpy(folder, "/tmp/ablate-made-XXXXXX", sizeof folder)) != NULL);
}
END_TEST

START_TEST(test_writer__a_link_is_replaced_not_followed)
{
	struct abl_str text = {0};
	struct abl_err err = {0};

	write_text("target", "untouched");
	ck_assert(!symlink(at("target"), at("link")));
	ck_assert(!abl_file_write_passing(at("link"), "new", 3, &err));
	ck_assert(!abl_file_read(at("link"), &text, 100, &err));
	ck_assert_str_eq(text.text, "new");
	abl_str_clear(&text);
	ck_assert(!abl_file_read(at("target"), &text, 100, &err));
	ck_assert_str_eq(text.text, "untouched");
	abl_str_finish(&text);
}
END_TEST

/* Two files, one of them patched. */
static void make(char seal[ABL_HASH_TEXT])
{
	struct abl_made made = {0};
	struct abl_writer w;
	struct abl_err err = {0};

	abl_made_begin(&made);
	write_text("config.json", "{}");
	ck_assert(!abl_writer_open(&w, at("weights"), &err));
	abl_writer_put(&w, "....body", 8);
	abl_writer_patch(&w, 0, "head", 4);
	ck_assert(!abl_writer_commit(&w, &err));
	abl_made_begin(NULL);
	write_text("stranger", "was here before");
	ck_assert(!symlink("/etc", at("away")));
	ck_assert_msg(!abl_made_seal(&made, folder, seal, &err), "%s", err.text);
	abl_made_finish(&made);
	ck_assert(!abl_file_exists(at("stranger")) && !abl_file_exists(at("away")));
	ck_assert(abl_is_dir("/etc"));
}

static void damage(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "r+");

	ck_assert(f && fputs(text, f) >= 0 && !fclose(f));
}

static void expect(const char *seal, enum abl_look how, const char *message)
{
	struct abl_err err = {0};
	int rc = abl_made_check(folder, seal, how, &err);

	ck_assert_int_eq(rc, message ? ABL_EDAMAGED : 0);
	ck_assert_msg(!message || strstr(err.text, message), "%s", err.text);
}

START_TEST(test_made__every_change_is_noticed)
{
	char seal[ABL_HASH_TEXT], again[ABL_HASH_TEXT];

	make(seal);
	make(again);
	ck_assert_str_eq(seal, again); /* nothing of the place or the time is in it */
	expect(seal, ABL_LOOK_ALL, NULL);
	expect(NULL, ABL_LOOK_ALL, NULL);

	damage("weights", "heaD");
	expect(seal, ABL_LOOK_SIZES, NULL);
	expect(seal, ABL_LOOK_ALL, "weights is damaged");
	expect(NULL, ABL_LOOK_ALL, "weights is damaged");
	make(seal);
	ck_assert(!truncate(at("weights"), 7));
	expect(seal, ABL_LOOK_SIZES, "weights has another size");
	ck_assert(!unlink(at("weights")));
	expect(seal, ABL_LOOK_SIZES, "weights is missing");
	ck_assert(!symlink("config.json", at("weights")));
	expect(seal, ABL_LOOK_SIZES, "weights");
	make(seal);
	damage(ABL_SEAL, "[");
	expect(seal, ABL_LOOK_SIZES, "damaged " ABL_SEAL);
	expect(NULL, ABL_LOOK_SIZES, "damaged " ABL_SEAL);
	ck_assert(!unlink(at(ABL_SEAL)));
	expect(seal, ABL_LOOK_SIZES, "lost its " ABL_SEAL);
	expect(NULL, ABL_LOOK_ALL, NULL); /* of a program that had no seals */
}
END_TEST

START_TEST(test_made__what_cannot_be_read_back_is_not_sealed)
{
	struct abl_made made = {0};
	struct abl_err err = {0};
	char seal[ABL_HASH_TEXT];

	abl_made_begin(&made);
	write_text("config.json", "{}");
	abl_made_begin(NULL);
	ck_assert(!truncate(at("config.json"), 1));
	ck_assert_int_eq(abl_made_seal(&made, folder, seal, &err), ABL_EDAMAGED);
	abl_made_finish(&made);
}
END_TEST

/* Files of another program, in folders. */
START_TEST(test_made__folders)
{
	struct abl_made made = {0};
	struct abl_err err = {0};
	char seal[ABL_HASH_TEXT];

	ck_assert(!mkdir(at("best"), 0700) && !mkdir(at("best/deep"), 0700));
	ck_assert(!mkdir(at("bester"), 0700) && !mkdir(at("best/empty"), 0700));
	write_text("best/deep/model.gz", "not packed at all");
	write_text("best/other", "nobody takes it");
	write_text("best.txt", "a");
	abl_made_begin(&made);
	ck_assert_msg(!abl_made_take_file(at("best/deep/model.gz"), &err), "%s", err.text);
	ck_assert(!abl_made_take_file(at("best.txt"), &err));
	ck_assert_int_eq(abl_made_take_file(at("best"), NULL), ABL_EIO);
	ck_assert_int_eq(abl_made_take_file(at("nothing"), NULL), ABL_EIO);
	abl_made_begin(NULL);
	ck_assert_int_eq(abl_made_remove_others(folder, NULL), ABL_EDAMAGED); /* no seal */
	ck_assert_msg(!abl_made_write_seal(&made, folder, seal, &err), "%s", err.text);
	abl_made_finish(&made);
	ck_assert(abl_file_exists(at("best/other")) && abl_file_exists(at("bester")));
	ck_assert_msg(!abl_made_remove_others(folder, &err), "%s", err.text);
	ck_assert(!abl_file_exists(at("best/other")) && !abl_file_exists(at("bester")));
	ck_assert(!abl_file_exists(at("best/empty")));
	expect(seal, ABL_LOOK_ALL, NULL);
	damage("best/deep/model.gz", "N");
	expect(seal, ABL_LOOK_SIZES, NULL);
	expect(seal, ABL_LOOK_ALL, "best/deep/model.gz is damaged");
	ck_assert(!rename(at("best"), at("moved")));
	expect(seal, ABL_LOOK_SIZES, "model.gz is missing");
	ck_assert(!symlink("moved", at("best"))); /* not even to the file itself */
	expect(seal, ABL_LOOK_SIZES, "model.gz");
}
END_TEST

START_TEST(test_json__the_first_failure_is_kept)
{
	struct abl_json j;
	struct abl_str text = {0};
	struct abl_err err = {0};

	abl_json_begin(&j);
	abl_json_text(&j, j.root, "good", "text");
	abl_json_text(&j, j.root, "bad", "\xff");
	abl_json_text(&j, j.root, "worse", "\xfe");
	ck_assert_int_eq(abl_json_end(&j, 0, "'x.json'", &text, &err), ABL_EINPUT);
	ck_assert_str_eq(err.text, "cannot write 'x.json': 'bad' is not UTF-8");
	abl_json_finish(&j);
	abl_json_begin(&j);
	abl_json_put(&j, j.root, "nothing", NULL);
	ck_assert(!abl_json_take(&j));
	abl_str_finish(&text);
}
END_TEST

static void setup(void)
{
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	ck_assert(mkdtemp(folder) != NULL);
}

static void teardown(void)
{
	(void)!abl_remove_tree(folder, NULL);
}

int main(void)
{
	TCase *c = tcase_create("made");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_writer__the_first_failure_is_kept);
	tcase_add_test(c, test_writer__a_link_is_replaced_not_followed);
	tcase_add_test(c, test_made__every_change_is_noticed);
	tcase_add_test(c, test_made__what_cannot_be_read_back_is_not_sealed);
	tcase_add_test(c, test_made__folders);
	tcase_add_test(c, test_json__the_first_failure_is_kept);
	return run_case(c, "made");
}
