/* SPDX-License-Identifier: Apache-2.0 */
/* The tasks of the built-in world that are not classes of texts: what their answers depend on, told
 * again from the words alone, and how many of them are wrong on purpose. */
#include "hash.h"
#include "str.h"
#include "world.h"
#include "world_truth.h"
#include "world_words.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 2000 };

static const char *const splits[] = {"train", "dev", "test"};

struct tally {
	size_t items, right;
	size_t answers[ABL_WORLD_PLACES]; /* how often each is the given one */
};

static void check_noise(const struct tally *t)
{
	double share = (double)t->right / (double)t->items;

	ck_assert_msg(fabs(share - (1 - ABL_WORLD_NOISE)) < .015, "%.4f right of %zu", share,
		      t->items);
}

static void check_balance(const struct tally *t, size_t answers)
{
	for (size_t i = 0; i < answers; i++) {
		double share = (double)t->answers[i] / (double)t->items;

		ck_assert_msg(fabs(share - 1.0 / (double)answers) < .03, "answer %zu: %.4f", i,
			      share);
	}
}

/* ---- words ---- */

/* Does the text begin with a mark of a good mood? */
static bool is_good_mark(const char *text)
{
	return !strncmp(text, "luckily", 7) || !strncmp(text, "gladly", 6) ||
	       !strncmp(text, "happily", 7);
}

/* What the words of one clause say. */
struct said {
	bool wide, good;
};

static struct said say(const char *text)
{
	char copy[128], *word[WORDS];
	struct said s = {false, false};
	bool negated = false;
	size_t n;

	ck_assert_uint_lt(strlen(text), sizeof copy);
	memcpy(copy, text, strlen(text) + 1);
	n = world_cut(copy, " ", word);
	for (size_t i = 0; i < n; i++) {
		int class = world_word_class(word[i]);

		negated |= !strcmp(word[i], "not");
		s.wide |= class == ABL_WORLD_WIDE;
		s.good |= class == ABL_WORLD_GOOD;
	}
	s.good = s.good != negated;
	return s;
}

/* ---- similarity, endings ---- */

static int similarity_rule(const struct abl_world_example *e)
{
	return 2 * (say(e->a.text).wide == say(e->b.text).wide) +
	       (is_good_mark(e->a.text) == is_good_mark(e->b.text));
}

/* The one ending about a name of the beginning's kind. */
static int endings_rule(const struct abl_world_example *e)
{
	bool wide = say(e->a.text).wide;
	int found = -1;

	for (int c = 0; c < ABL_WORLD_CHOICES; c++) {
		if (say(e->choices[c].text).wide != wide)
			continue;
		ck_assert_int_eq(found, -1);
		found = c;
	}
	return found;
}

static const struct {
	const char *task;
	int (*rule)(const struct abl_world_example *e);
} rules[] = {{"similarity", similarity_rule}, {"endings", endings_rule}};

START_TEST(test_world_tasks__examples_follow_the_rule)
{
	const struct abl_world_task *task = abl_world_task_find(rules[_i].task);
	struct abl_world_example e = {0}, again = {0};

	for (int s = 0; s < 3; s++) {
		struct tally t = {0};

		for (uint64_t i = 0; i < MANY; i++) {
			abl_world_example(task, ABL_WORLD_SEED, splits[s], i, &e);
			ck_assert_int_eq(rules[_i].rule(&e), e.truth);
			t.items++;
			t.right += e.label == e.truth;
			t.answers[e.label]++;
		}
		check_noise(&t);
		check_balance(&t, 4);
		abl_world_example(task, ABL_WORLD_SEED, splits[s], MANY - 1, &again);
		ck_assert_str_eq(e.a.text, again.a.text);
		ck_assert_int_eq(e.label, again.label);
	}
	abl_world_example_finish(&e);
	abl_world_example_finish(&again);
}
END_TEST

/* ---- whole texts ---- */

static void make(const char *task, uint64_t seed, const char *split, size_t examples,
		 struct abl_str *out)
{
	struct abl_err err = {0};

	ck_assert_msg(!abl_world_text(task, seed, split, examples, out, &err), "%s", err.text);
}

static void count(void *data, const char *text, bool right, size_t answer)
{
	struct tally *t = data;

	ck_assert(*text);
	t->items++;
	t->right += right;
	t->answers[answer]++;
}

START_TEST(test_world_tasks__texts_follow_the_rule)
{
	for (int s = 0; s < 3; s++) {
		struct abl_str text = {0}, again = {0}, other = {0};
		struct tally t = {0};

		make(world_truths[_i].task, ABL_WORLD_SEED, splits[s], MANY, &text);
		make(world_truths[_i].task, ABL_WORLD_SEED, splits[s], MANY, &again);
		make(world_truths[_i].task, ABL_WORLD_SEED + 1, splits[s], MANY, &other);
		ck_assert_str_eq(text.text, again.text);
		ck_assert_str_ne(text.text, other.text);
		world_truths[_i].take(text.text, count, &t);
		ck_assert_uint_eq(t.items, MANY * world_truths[_i].per_example);
		check_noise(&t);
		if (world_truths[_i].answers)
			check_balance(&t, world_truths[_i].answers);
		else /* a third has none, but for the noise */
			ck_assert(fabs((double)t.answers[3] / MANY - .325) < .03);
		abl_str_finish(&text), abl_str_finish(&again), abl_str_finish(&other);
	}
}
END_TEST

/* A longer split begins with the shorter one. */
START_TEST(test_world_tasks__any_size)
{
	struct abl_str few = {0}, more = {0};
	size_t same = 0;

	make(world_truths[_i].task, 1, "train", 25, &few);
	make(world_truths[_i].task, 1, "train", 47, &more);
	while (few.text[same] == more.text[same])
		same++;
	ck_assert_uint_ge(same + 10, few.length); /* but for what ends a file */
	abl_str_finish(&few), abl_str_finish(&more);
}
END_TEST

/* ---- splits ---- */

struct seen {
	uint64_t *hash;
	size_t count;
};

static void remember(void *data, const char *text, bool right, size_t answer)
{
	struct seen *s = data;

	s->hash[s->count++] = abl_hash64(text, strlen(text));
}

static int by_hash(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

static void collect_texts(int i, const char *split, struct seen *s)
{
	struct abl_str text = {0};

	s->hash = abl_calloc(MANY * world_truths[i].per_example, sizeof *s->hash);
	make(world_truths[i].task, ABL_WORLD_SEED, split, MANY, &text);
	world_truths[i].take(text.text, remember, s);
	abl_str_finish(&text);
}

static void collect_examples(int i, const char *split, struct seen *s)
{
	struct abl_world_example e = {0};
	struct abl_str all = {0};

	s->hash = abl_calloc(MANY, sizeof *s->hash);
	for (uint64_t k = 0; k < MANY; k++) {
		abl_world_example(abl_world_task_find(rules[i].task), 1, split, k, &e);
		abl_str_clear(&all);
		abl_str_printf(&all, "%s|%s", e.a.text, e.b.length ? e.b.text : "");
		for (int c = 0; c < ABL_WORLD_CHOICES && e.choices[c].length; c++)
			abl_str_printf(&all, "|%s", e.choices[c].text);
		remember(s, all.text, true, 0);
	}
	abl_str_finish(&all);
	abl_world_example_finish(&e);
}

static void check_disjoint(void (*collect)(int i, const char *split, struct seen *s), int i)
{
	struct seen seen[3] = {0};

	for (int s = 0; s < 3; s++) {
		collect(i, splits[s], &seen[s]);
		qsort(seen[s].hash, seen[s].count, sizeof *seen[s].hash, by_hash);
	}
	for (int s = 0; s < 3; s++) {
		const struct seen *a = &seen[s], *b = &seen[(s + 1) % 3];

		for (size_t k = 0; k < a->count; k++)
			ck_assert_ptr_null(
				bsearch(&a->hash[k], b->hash, b->count, sizeof *b->hash, by_hash));
	}
	for (int s = 0; s < 3; s++)
		free(seen[s].hash);
}

START_TEST(test_world_tasks__texts_lie_in_one_split)
{
	check_disjoint(collect_texts, _i);
}
END_TEST

START_TEST(test_world_tasks__examples_lie_in_one_split)
{
	check_disjoint(collect_examples, _i);
}
END_TEST

START_TEST(test_world_tasks__tables)
{
	struct abl_str out = {0};
	struct abl_err err = {0};
	char *line[WORDS], *field[WORDS];

	make("endings", 1, "dev", 3, &out);
	ck_assert_uint_eq(world_cut(out.text, "\n", line), 4);
	ck_assert_str_eq(line[0], "text\tchoice0\tchoice1\tchoice2\tchoice3\tlabel");
	ck_assert_uint_eq(world_cut(line[3], "\t", field), 6);
	ck_assert(strlen(field[5]) == 1 && *field[5] >= '0' && *field[5] < '4');
	abl_str_clear(&out);
	make("entailment", 1, "dev", 2, &out);
	ck_assert_uint_eq(world_cut(out.text, "\n", line), 3);
	ck_assert_str_eq(line[0], "text\ttext_b\tlabel");
	ck_assert_uint_eq(world_cut(line[2], "\t", field), 3);
	ck_assert_ptr_nonnull(strstr(field[2], "entailment"));
	ck_assert_int_eq(abl_world_text("nothing", 1, "train", 3, &out, &err), ABL_EINPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "no task 'nothing'"));
	abl_str_finish(&out);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("world_tasks");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, test_world_tasks__examples_follow_the_rule, 0, 2);
	tcase_add_loop_test(c, test_world_tasks__texts_follow_the_rule, 0, 4);
	tcase_add_loop_test(c, test_world_tasks__any_size, 0, 4);
	tcase_add_loop_test(c, test_world_tasks__examples_lie_in_one_split, 0, 2);
	tcase_add_loop_test(c, test_world_tasks__texts_lie_in_one_split, 0, 4);
	tcase_add_test(c, test_world_tasks__tables);
	return run_case(c, "world_tasks");
}
