/* SPDX-License-Identifier: Apache-2.0 */
/* span_fixture.h - what the tests of span answers share: a folder, a small vocabulary, a file to
 * train on, figures. */
#ifndef ABL_SPAN_FIXTURE_H
#define ABL_SPAN_FIXTURE_H

#include "files.h"
#include "span_internal.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/ablate-span-XXXXXX";
static char *vocab_path, *train_path;
static struct abl_vocab *vocab;
static struct abl_tokenizer *tokenizer;
static struct abl_layout layout;

enum { CLS = 2, SEP = 3 };

static inline void write_text(const char *path, const char *text)
{
	struct abl_err err = {0};

	ck_assert_msg(!abl_file_write(path, text, strlen(text), &err), "%s", err.text);
}

static inline void prepare(void)
{
	struct abl_err err = {0};

	vocab_path = abl_path_join(folder, "vocab.txt");
	train_path = abl_path_join(folder, "train.json");
	write_text(
		vocab_path,
		"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwho\nwhere\ncame\nto\nthe\na\nb\nc\nd\ne\nf\n"
		"g\nh\n##a\n##b\n##c\n.\n?\nanna\nbo\ncarl\ndora\nharbour\nmill\nbridge\ntower\n");
	ck_assert_msg(!abl_vocab_load(&vocab, vocab_path, &err), "%s", err.text);
	tokenizer = abl_tokenizer_create(vocab, false);
}

/* [CLS] question [SEP] passage [SEP] of so many tokens. */
static inline struct abl_layout bert_layout(size_t length)
{
	return (struct abl_layout){.first = CLS,
				   .between = SEP,
				   .last = SEP,
				   .read_first = true,
				   .max_length = length};
}

static inline struct abl_task *load_from(const struct abl_task_spec *spec, const char *split,
					 const struct abl_tokenizer *with)
{
	struct abl_task_tools t = {with, &layout};
	struct abl_task *task = NULL;
	struct abl_err err = {0};

	ck_assert_msg(!abl_task_span.load(&task, spec, split, NULL, &t, &err), "%s", err.text);
	return task;
}

static inline void take(void *data, const char *name, double value)
{
	json_object_set_new(data, name, json_real(value));
}

static inline double figure(const struct abl_task *t, const char *name)
{
	json_t *all = json_object();
	double value;

	abl_task_span.score(t, take, all);
	ck_assert_msg(json_object_get(all, name) != NULL, "no %s", name);
	value = json_number_value(json_object_get(all, name));
	json_decref(all);
	return value;
}

/* Runs the tests of a program, in a folder of its own. */
static inline int run_tests(TCase *c)
{
	struct abl_err err = {0};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	tcase_add_unchecked_fixture(c, prepare, NULL);
	tcase_set_timeout(c, 120);
	failed = run_case(c, "span");
	abl_tokenizer_destroy(tokenizer);
	abl_vocab_destroy(vocab);
	free(vocab_path), free(train_path);
	if (abl_remove_tree(folder, &err))
		return 1;
	return failed;
}

#endif
