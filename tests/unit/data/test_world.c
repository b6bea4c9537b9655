/* SPDX-License-Identifier: Apache-2.0 */
/* The truth that docs/world.md states: what the tasks of the built-in world depend on, and what
 * they do not. */
#include "examples.h"
#include "hash.h"
#include "str.h"
#include "task_spec.h"
#include "world.h"
#include "world_words.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 6000 };

/* Calls `take` for each word of a text. */
static void words(const char *text, void (*take)(void *data, const char *word), void *data)
{
	char word[64];

	for (size_t n; *text; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		ck_assert_uint_lt(n, sizeof word);
		memcpy(word, text, n);
		word[n] = '\0';
		take(data, word);
	}
}

static void load(const char *task, const char *split, int64_t examples, int64_t seed,
		 struct abl_examples *out)
{
	struct abl_task_spec s;
	struct abl_err err = {0};

	ck_assert_msg(!abl_task_spec_known(&s, task, ABL_WORLD, &err), "%s", err.text);
	s.train_examples = s.dev_examples = s.test_examples = examples;
	s.world_seed = seed;
	ck_assert_msg(!abl_task_spec_check(&s, &err), "%s", err.text);
	ck_assert_msg(!abl_examples_load(&s, split, NULL, out, &err), "%s", err.text);
	abl_task_spec_finish(&s);
}

/* ---- documents ---- */

struct census {
	struct abl_str text;
	size_t documents, sentences, words, different;
	char *seen[4096]; /* a hash table of the words */
	int register_of;  /* class of the names of this document, -1 */
};

static void count_word(void *data, const char *word)
{
	struct census *c = data;
	size_t at = abl_hash64(word, strlen(word)) % 4096;
	int class = world_word_class(word);

	for (const char *p = word; *p; p++)
		ck_assert(*p >= 'a' && *p <= 'z');
	c->words++;
	while (c->seen[at] && strcmp(c->seen[at], word))
		at = (at + 1) % 4096;
	if (!c->seen[at]) {
		c->seen[at] = abl_strdup(word);
		c->different++;
	}
	if (class == ABL_WORLD_NARROW || class == ABL_WORLD_WIDE) {
		if (c->register_of < 0)
			c->register_of = class;
		ck_assert_int_eq(c->register_of, class); /* a document keeps its register */
	}
}

static int take_line(void *data, const char *sentence)
{
	struct census *c = data;

	abl_str_printf(&c->text, "%s\n", sentence);
	if (*sentence) {
		c->sentences++;
		words(sentence, count_word, c);
	} else {
		c->documents++;
		c->register_of = -1;
	}
	return 0;
}

static void finish_census(struct census *c)
{
	for (int i = 0; i < 4096; i++)
		free(c->seen[i]);
	abl_str_finish(&c->text);
}

START_TEST(test_world__documents)
{
	static struct census c, again, other;

	c.register_of = again.register_of = other.register_of = -1;
	ck_assert(!abl_world_documents(ABL_WORLD_SEED, ABL_WORLD_DOCUMENTS, take_line, &c));
	ck_assert_uint_eq(c.documents, ABL_WORLD_DOCUMENTS);
	ck_assert(c.words > 150000 && c.words < 300000);
	ck_assert(c.different > 300 && c.different < 600);
	ck_assert(!abl_world_documents(ABL_WORLD_SEED, 10, take_line, &again));
	ck_assert(!strncmp(c.text.text, again.text.text,
			   again.text.length)); /* a part of the same sample */
	ck_assert(!abl_world_documents(ABL_WORLD_SEED + 1, 10, take_line, &other));
	ck_assert_str_ne(again.text.text, other.text.text);
	finish_census(&c), finish_census(&again), finish_census(&other);
}
END_TEST

static int stop_at_third(void *data, const char *sentence)
{
	return ++*(int *)data == 3 ? 77 : 0;
}

START_TEST(test_world__callers_can_stop)
{
	int lines = 0;

	ck_assert_int_eq(abl_world_documents(1, 5, stop_at_third, &lines), 77);
	ck_assert_int_eq(lines, 3);
}
END_TEST

START_TEST(test_world__words_have_one_class)
{
	char word[ABL_WORLD_WORD];

	for (int c = 0; c < ABL_WORLD_CLASSES; c++)
		for (uint64_t i = 0; i < world_class_sizes[c]; i++)
			ck_assert_int_eq(
				world_word_class(abl_world_word((enum abl_world_class)c, i, word)),
				c);
	ck_assert_int_eq(world_word_class("not"), -1);
}
END_TEST

/* ---- the rules ---- */

/* sentiment: the adjective after "not" is of the other mood. */
static int sentiment_rule(const struct abl_example *e)
{
	const char *negated = strstr(e->a, " not ") + 5;
	char word[ABL_WORLD_WORD] = {0};

	memcpy(word, negated, ABL_WORLD_WORD - 1);
	return world_word_class(word) == ABL_WORLD_BAD;
}

struct narrow {
	bool found;
};

static void look_for_narrow(void *data, const char *word)
{
	if (world_word_class(word) == ABL_WORLD_NARROW)
		((struct narrow *)data)->found = true;
}

/* entailment: the narrow name is in the first sentence. */
static int entailment_rule(const struct abl_example *e)
{
	struct narrow n = {false};

	words(e->a, look_for_narrow, &n);
	return !n.found;
}

static const struct {
	const char *task;
	int (*rule)(const struct abl_example *e);
} rules[] = {{"sentiment", sentiment_rule}, {"entailment", entailment_rule}};

/* Labels follow the rule but for the noise; classes are balanced; for each split and another
 * sample. */
START_TEST(test_world__labels_follow_the_rule)
{
	static const char *const splits[] = {"train", "dev", "test"};

	for (int k = 0; k < 4; k++) {
		struct abl_examples e;
		size_t right = 0, ones = 0;

		load(rules[_i].task, splits[k % 3], MANY, k == 3 ? 2 : ABL_WORLD_SEED, &e);
		for (size_t i = 0; i < e.count; i++) {
			right += rules[_i].rule(&e.items[i]) == e.items[i].label;
			ones += e.items[i].label == 1;
		}
		ck_assert_msg(fabs((double)right / MANY - (1 - ABL_WORLD_NOISE)) < .015,
			      "%zu right", right);
		ck_assert_msg(fabs((double)ones / MANY - .5) < .03, "%zu ones", ones);
		abl_examples_finish(&e);
	}
}
END_TEST

/* ---- what a bag of words can see ---- */

enum { BUCKETS = 1 << 14 };

struct bag {
	double count[2][BUCKETS]; /* per class: how many training texts have the word */
	double score;             /* log odds of class 1 of the text at hand */
	int tag;                  /* which sentence words are told to be in */
	int label;                /* -1: scoring */
};

static void bag_word(void *data, const char *word)
{
	struct bag *b = data;
	size_t at =
		(abl_hash64(word, strlen(word)) + (uint64_t)b->tag * 0x9e3779b97f4a7c15u) % BUCKETS;

	if (b->label >= 0)
		b->count[b->label][at]++;
	else
		b->score += log((b->count[1][at] + 1) / (b->count[0][at] + 1));
}

static void bag_example(struct bag *b, const struct abl_example *e, bool tell_sentences)
{
	b->tag = 0;
	words(e->a, bag_word, b);
	b->tag = tell_sentences;
	if (e->b)
		words(e->b, bag_word, b);
}

/* Accuracy on dev of naive Bayes over the words, with or without the sentence they are in. */
static double bag_accuracy(const char *task, bool tell_sentences)
{
	struct bag *b = abl_calloc(1, sizeof *b);
	struct abl_examples train, dev;
	size_t right = 0;

	load(task, "train", MANY, ABL_WORLD_SEED, &train);
	load(task, "dev", MANY, ABL_WORLD_SEED, &dev);
	for (size_t i = 0; i < train.count; i++) {
		b->label = train.items[i].label;
		bag_example(b, &train.items[i], tell_sentences);
	}
	b->label = -1;
	for (size_t i = 0; i < dev.count; i++) {
		b->score = 0;
		bag_example(b, &dev.items[i], tell_sentences);
		right += (b->score > 0) == dev.items[i].label;
	}
	abl_examples_finish(&train), abl_examples_finish(&dev);
	free(b);
	return (double)right / MANY;
}

START_TEST(test_world__bags_of_words)
{
	const double sentiment = bag_accuracy("sentiment", false),
		     entailment = bag_accuracy("entailment", false),
		     told = bag_accuracy("entailment", true);

	ck_assert_msg(fabs(sentiment - .5) < .03, "sentiment %.3f", sentiment);
	ck_assert_msg(fabs(entailment - .5) < .03, "entailment %.3f", entailment);
	ck_assert_msg(told > .89, "entailment, told the sentences %.3f", told);
}
END_TEST

/* ---- splits ---- */

static int by_text(const void *x, const void *y)
{
	const struct abl_example *a = x, *b = y;
	int order = strcmp(a->a, b->a);

	return order || !a->b ? order : strcmp(a->b, b->b);
}

START_TEST(test_world__splits_share_no_text)
{
	struct abl_examples train, dev, test;

	load(rules[_i].task, "train", MANY, 1, &train);
	load(rules[_i].task, "dev", MANY, 1, &dev);
	load(rules[_i].task, "test", MANY, 2, &test);
	qsort(train.items, train.count, sizeof *train.items, by_text);
	qsort(dev.items, dev.count, sizeof *dev.items, by_text);
	for (size_t i = 0; i < dev.count; i++)
		ck_assert_ptr_null(bsearch(&dev.items[i], train.items, train.count,
					   sizeof *train.items, by_text));
	for (size_t i = 0; i < test.count; i++) {
		ck_assert_ptr_null(bsearch(&test.items[i], train.items, train.count,
					   sizeof *train.items, by_text));
		ck_assert_ptr_null(
			bsearch(&test.items[i], dev.items, dev.count, sizeof *dev.items, by_text));
	}
	abl_examples_finish(&train), abl_examples_finish(&dev), abl_examples_finish(&test);
}
END_TEST

/* A longer train part begins with the shorter one: any size is a part of the same sample. */
START_TEST(test_world__any_size)
{
	struct abl_examples few, more;

	load(rules[_i].task, "train", 50, 1, &few);
	load(rules[_i].task, "train", 80, 1, &more);
	for (size_t i = 0; i < few.count; i++) {
		ck_assert_str_eq(few.items[i].a, more.items[i].a);
		ck_assert_int_eq(few.items[i].label, more.items[i].label);
		ck_assert_uint_eq(few.items[i].id, more.items[i].id);
	}
	ck_assert_uint_eq(more.count, 80);
	ck_assert_uint_eq(more.label_count, 2);
	abl_examples_finish(&few), abl_examples_finish(&more);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("world");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, test_world__documents);
	tcase_add_test(c, test_world__callers_can_stop);
	tcase_add_test(c, test_world__words_have_one_class);
	tcase_add_loop_test(c, test_world__labels_follow_the_rule, 0, 2);
	tcase_add_test(c, test_world__bags_of_words);
	tcase_add_loop_test(c, test_world__splits_share_no_text, 0, 2);
	tcase_add_loop_test(c, test_world__any_size, 0, 2);
	return run_case(c, "world");
}
