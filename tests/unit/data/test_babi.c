/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of bAbI's stories: questions with their facts, what is refused, stories held back. */
#include "babi.h"
#include "files.h"
#include "str.h"
#include "task_spec.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/ablate-babi-XXXXXX";

static struct abl_task_spec spec_of(const char *text)
{
	struct abl_err err = {0};
	struct abl_task_spec s = {.name = abl_strdup("mine"),
				  .train = abl_path_join(folder, "train")};

	ck_assert_msg(!abl_file_write(s.train, text, strlen(text), &err), "%s", err.text);
	return s;
}

static const char *const two_stories = "1 a is in b.\n2 c is in d.\n3 where is a? \tb\t1\n"
				       "4 a is in f.\n5 where is a?\tf,g\t4 1\r\n"
				       "1 e is in b.\n\n2 where is e? \tb\n";

START_TEST(test_babi__questions_and_their_facts)
{
	struct abl_task_spec s = spec_of(two_stories);
	struct abl_err err = {0};
	struct abl_babi b;

	ck_assert_msg(!abl_babi_load(&s, "train", &b, &err), "%s", err.text);
	ck_assert_uint_eq(b.count, 3);
	ck_assert_uint_eq(b.fact_count, 4);
	ck_assert_str_eq(b.items[0].text, "where is a?");
	ck_assert_str_eq(b.items[0].answer, "b");
	ck_assert_uint_eq(b.items[0].facts, 2);
	ck_assert_uint_eq(b.items[0].line, 3);
	ck_assert_str_eq(b.items[1].answer, "f,g"); /* a list is one answer */
	ck_assert_uint_eq(b.items[1].first, 0);
	ck_assert_uint_eq(b.items[1].facts, 3); /* the question between them is no fact */
	ck_assert_str_eq(b.facts[2], "a is in f.");
	ck_assert_uint_eq(b.items[2].first, 3);
	ck_assert_uint_eq(b.items[2].facts, 1);
	ck_assert_uint_eq(b.items[2].line, 8);
	ck_assert(b.items[0].group == b.items[1].group && b.items[0].group != b.items[2].group);
	ck_assert(b.items[0].id != b.items[1].id);
	abl_babi_finish(&b);
	s.limit = 1;
	ck_assert(!abl_babi_load(&s, "train", &b, &err));
	ck_assert_uint_eq(b.count, 1);
	abl_babi_finish(&b);
	abl_task_spec_finish(&s);
}
END_TEST

static const struct {
	const char *text, *error;
} bad_stories[] = {
	{"", "/train: the file is empty"},
	{"1 a is in b.\n", "/train: no questions"},
	{"1 a is in b.\n3 where is a?\tb\t1\n", "/train:2: the line has number 3 after 1"},
	{"2 a is in b.\n", "/train:1: the line has number 2 after 0"},
	{"a is in b.\n", "/train:1: a line must begin with its number"},
	{"0 a is in b.\n", "/train:1: a line must begin with its number"},
	{"99999999999 a is in b.\n", "/train:1: a line must begin with its number"},
	{"1\ta is in b.\n", "/train:1: a line must begin with its number"},
	{"1 a\n2 \n", "/train:2: nothing follows the number"},
	{"1 a\n2 where is a?\t\t1\n", "/train:2: a question without an answer"},
	{"1 a\n2 \tb\t1\n", "/train:2: an answer without a question"},
	{"1 a\n2 where?\tb\t2\n", "/train:2: '2' is not the number of an earlier line"},
	{"1 a\n2 where?\tb\t1 x\n", "/train:2: 'x' is not the number of an earlier line"},
	{"1 a\n2 where?\tb\t1\t1\n", "/train:2: more than a question, its answer and the ids"},
	{"1 a\xff\n", "/train:1:4: invalid UTF-8"},
};

START_TEST(test_babi__bad_input)
{
	struct abl_task_spec s = spec_of(bad_stories[_i].text);
	struct abl_err err = {0};
	struct abl_babi b;

	ck_assert_int_eq(abl_babi_load(&s, "train", &b, &err), ABL_EINPUT);
	ck_assert_msg(strstr(err.text, bad_stories[_i].error), "%s", err.text);
	abl_task_spec_finish(&s);
}
END_TEST

/* Stories are never divided; both sides together are train. */
START_TEST(test_babi__held_back_by_story)
{
	struct abl_str text = {0};
	struct abl_task_spec s;
	struct abl_babi all, back, rest;
	struct abl_err err = {0};

	for (int i = 0; i < 600; i++)
		abl_str_printf(&text, "1 item %d is in b.\n2 where?\tb\t1\n3 and then?\tc\t1\n", i);
	s = spec_of(text.text);
	ck_assert(!abl_babi_load(&s, "train", &all, &err));
	ck_assert(!abl_babi_load(&s, "held-back", &back, &err));
	ck_assert(!abl_babi_load(&s, "train-rest", &rest, &err));
	ck_assert_uint_eq(all.count, 1200);
	ck_assert_uint_eq(back.count + rest.count, all.count);
	ck_assert_msg(back.count > 80 && back.count < 160, "%zu", back.count);
	for (size_t i = 0; i + 1 < back.count; i += 2)
		ck_assert(back.items[i].group == back.items[i + 1].group);
	abl_babi_finish(&all), abl_babi_finish(&back), abl_babi_finish(&rest);
	abl_task_spec_finish(&s);
	abl_str_finish(&text);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("babi");
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_test(c, test_babi__questions_and_their_facts);
	tcase_add_loop_test(c, test_babi__bad_input, 0,
			    (int)(sizeof bad_stories / sizeof *bad_stories));
	tcase_add_test(c, test_babi__held_back_by_story);
	failed = run_case(c, "babi");
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}
