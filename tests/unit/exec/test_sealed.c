/* SPDX-License-Identifier: Apache-2.0 */
/* test_sealed.c - what a child seals comes back whole, of its own attempt, or not at all. */
#include "files.h"
#include "seal.h"
#include "run_case.h"
#include "sealed.h"
#include "writer.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char root[] = "/tmp/ablate-sealed-XXXXXX";

struct heard {
	size_t points, results, live;
	double last, score;
	char file[32];
};

static void hear_metric(void *data, int64_t step, const char *name, double value)
{
	struct heard *h = data;

	h->points++;
	h->last = value;
}

static void hear_result(void *data, const char *name, double value)
{
	struct heard *h = data;

	h->results++;
	h->score = value;
}

static void hear_predictions(void *data, const char *file)
{
	snprintf(((struct heard *)data)->file, 32, "%s", file);
}

static void hear_sealed(void *data, const char *hash)
{
	((struct heard *)data)->live = strlen(hash);
}

static struct abl_events hooks(struct heard *h)
{
	return (struct abl_events){.data = h,
				   .metric = hear_metric,
				   .result = hear_result,
				   .predictions = hear_predictions,
				   .sealed = hear_sealed};
}

/* Seals a folder with one file as attempt 2 of "key"; its path is the caller's. */
static char *seal(struct heard *live)
{
	char *folder = abl_path_join(root, "2"), *file = abl_path_join(folder, "model");
	const struct abl_events to = hooks(live);
	struct abl_seal s;
	const struct abl_events e = abl_seal_events(&s, &to);
	struct abl_made made = {0};
	struct abl_err err = {0};
	char hash[ABL_HASH_TEXT];

	ck_assert_msg(!abl_mkdir_all(folder, &err), "%s", err.text);
	abl_made_begin(&made);
	ck_assert_msg(!abl_file_write(file, "weights", 7, &err), "%s", err.text);
	abl_made_begin(NULL);
	ck_assert_msg(!abl_made_seal(&made, folder, hash, &err), "%s", err.text);
	abl_made_finish(&made);
	e.sealed(e.data, hash);
	e.metric(e.data, 1, "loss", .1);
	e.metric(e.data, 2, "loss", NAN);
	e.result(e.data, "accuracy", 1.0 / 3);
	e.predictions(e.data, "predictions.jsonl");
	ck_assert_msg(!abl_seal_write(&s, folder, "key", 2, &err), "%s", err.text);
	free(file);
	return folder;
}

START_TEST(test_sealed__comes_back)
{
	struct heard live = {0}, back = {0};
	char *folder = seal(&live);
	const struct abl_events to = hooks(&back);
	struct abl_sealed s;

	ck_assert_uint_eq(live.points, 2); /* who watches hears it, too */
	ck_assert_uint_eq(live.live, ABL_HASH_TEXT - 1);
	ck_assert_int_eq(abl_sealed_read(&s, folder, "key", 2), 1);
	ck_assert_uint_eq(s.points, 2);
	abl_sealed_tell(&s, &to);
	ck_assert_uint_eq(back.points, 2);
	ck_assert(isnan(back.last));
	ck_assert_uint_eq(back.results, 1);
	ck_assert_double_eq(back.score, 1.0 / 3);
	ck_assert_str_eq(back.file, "predictions.jsonl");
	ck_assert(abl_sealed_holds(&s, folder));
	abl_sealed_finish(&s);
	free(folder);
}
END_TEST

START_TEST(test_sealed__of_its_own_attempt)
{
	struct heard live = {0};
	char *folder = seal(&live);
	struct abl_sealed s;

	ck_assert_int_eq(abl_sealed_read(&s, folder, "key", 1), 0);
	ck_assert_int_eq(abl_sealed_read(&s, folder, "yek", 2), 0);
	ck_assert_int_eq(abl_sealed_read(&s, "/nowhere/2", "key", 2), 0);
	free(folder);
}
END_TEST

/* Each byte of it changed, and each length cut. */
START_TEST(test_sealed__whole_or_not_at_all)
{
	struct heard live = {0};
	char *folder = seal(&live), *path = abl_path_join(root, "2.sealed");
	struct abl_str text = {0};
	struct abl_err err = {0};
	struct abl_sealed s;

	ck_assert_msg(!abl_file_read(path, &text, 1 << 20, &err), "%s", err.text);
	for (size_t i = 0; i < text.length; i++) {
		const char byte = text.text[i];

		text.text[i] ^= 1;
		ck_assert(!abl_file_write_passing(path, text.text, text.length, &err));
		if (abl_sealed_read(&s, folder, "key", 2)) /* what is no part of what counts */
			ck_assert_uint_lt(i, s.lines_at);
		abl_sealed_finish(&s);
		text.text[i] = byte;
		ck_assert(!abl_file_write_passing(path, text.text, i, &err));
		ck_assert_int_eq(abl_sealed_read(&s, folder, "key", 2), 0);
	}
	abl_str_finish(&text);
	free(folder), free(path);
}
END_TEST

START_TEST(test_sealed__holds_what_was_sealed)
{
	struct heard live = {0};
	char *folder = seal(&live), *file = abl_path_join(folder, "model");
	struct abl_err err = {0};
	struct abl_sealed s;

	ck_assert_int_eq(abl_sealed_read(&s, folder, "key", 2), 1);
	ck_assert(!abl_file_write(file, "weighty", 7, &err));
	ck_assert(!abl_sealed_holds(&s, folder));
	ck_assert(!remove(file));
	ck_assert(!abl_sealed_holds(&s, folder));
	ck_assert(!abl_sealed_holds(&s, "/nowhere"));
	abl_sealed_finish(&s);
	free(folder), free(file);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("sealed");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(root))
		return 1;
	tcase_add_test(c, test_sealed__comes_back);
	tcase_add_test(c, test_sealed__of_its_own_attempt);
	tcase_add_test(c, test_sealed__whole_or_not_at_all);
	tcase_add_test(c, test_sealed__holds_what_was_sealed);
	failed = run_case(c, "sealed");
	if (abl_remove_tree(root, &err))
		return 1;
	return failed;
}
