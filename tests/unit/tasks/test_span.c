/* SPDX-License-Identifier: Apache-2.0 */
/* test_span.c - span answers: windows, the tokens that answers lie on, answers from logits. */
#include "span_fixture.h"

/* One question on one passage, whose answer begins at that character. */
static struct abl_task *load_one(const char *question, const char *passage, const char *answer,
				 int start, struct abl_task_spec spec)
{
	struct abl_str text = {0};
	char name[] = "t", type[] = "span";
	struct abl_task *t;

	abl_str_printf(&text,
		       "{\"data\": [{\"paragraphs\": [{\"context\": \"%s\", \"qas\": [{\"id\": "
		       "\"q\", \"question\": \"%s\", \"answers\": [",
		       passage, question);
	if (answer)
		abl_str_printf(&text, "{\"text\": \"%s\", \"answer_start\": %d}", answer, start);
	abl_str_puts(&text, "]}]}]}]}");
	write_text(train_path, text.text);
	spec.name = name, spec.type = type, spec.train = train_path;
	t = load_from(&spec, "train", tokenizer);
	abl_str_finish(&text);
	return t;
}

static void put_all(const struct abl_task *t, struct abl_batch *b)
{
	struct abl_err err = {0};
	size_t n = abl_task_span.count(t);

	ck_assert(!abl_batch_init(b, n * layout.max_length, n, &err));
	for (size_t i = 0; i < n; i++)
		abl_task_span.put(t, i, &layout, b);
}

static void check_sequence(const struct abl_batch *b, size_t s, const int32_t *wanted, size_t n)
{
	ck_assert_int_eq(b->offset[s + 1] - b->offset[s], (int)n);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(b->piece[b->offset[s] + (int)i], wanted[i]);
}

/* Windows of 4 pieces, each 2 further on; the answer's ends where a window has both, else the null
 * position. */
START_TEST(test_windows__overlap_and_point_at_the_answer)
{
	static const int32_t windows[][8] = {{CLS, 5, SEP, 10, 11, 12, 13, SEP},
					     {CLS, 5, SEP, 12, 13, 14, 15, SEP},
					     {CLS, 5, SEP, 14, 15, 16, SEP}};
	static const int labels[][2] = {{0, 0}, {4, 5}, {0, 0}};
	struct abl_task_spec spec = {.stride = 2, .max_question = 1};
	struct abl_task *t;
	struct abl_batch b;

	layout = bert_layout(8);
	t = load_one("who came", "a b c d e f g", "d e", 6, spec);
	ck_assert_uint_eq(abl_task_span.count(t), 3);
	put_all(t, &b);
	for (size_t s = 0; s < 3; s++) {
		check_sequence(&b, s, windows[s], s < 2 ? 8 : 7);
		ck_assert_int_eq(b.label[s], labels[s][0]);
		ck_assert_int_eq(b.answer_end[s], labels[s][1]);
		ck_assert_int_eq(b.read[s], b.offset[s]);
	}
	ck_assert_uint_eq(b.targets, 5 + 5 + 4);
	ck_assert(b.target_row[0] == 0 && b.target_row[1] == 3 && b.target_row[4] == 6);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

/* Special pieces or none, read first or last: the answer and the null position stay apart. */
START_TEST(test_windows__any_layout)
{
	const struct abl_layout layouts[] = {
		bert_layout(16),
		{.first = CLS, .between = SEP, .last = SEP, .max_length = 16},
		{.first = -1, .between = -1, .last = -1, .max_length = 16},
		{.first = -1, .between = -1, .last = -1, .read_first = true, .max_length = 16},
	};
	static const int answer_at[] = {5, 5, 3, 3}, null_at[] = {0, 9, 6, 0},
			 targets[] = {6, 6, 5, 6};
	struct abl_task_spec spec = {0};
	struct abl_batch b;
	struct abl_task *t;

	layout = layouts[_i];
	t = load_one("who came", "a bc c d", "bc", 2, spec);
	put_all(t, &b);
	ck_assert_int_eq(b.label[0], answer_at[_i]);
	ck_assert_int_eq(b.answer_end[0], answer_at[_i] + 1); /* b ##c */
	ck_assert_int_eq(b.read[0], null_at[_i]);
	ck_assert_uint_eq(b.targets, (size_t)targets[_i]);
	for (size_t i = 1; i < b.targets; i++)
		ck_assert_int_gt(b.target_row[i], b.target_row[i - 1]);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

START_TEST(test_windows__long_questions_and_empty_texts)
{
	struct abl_task_spec spec = {0};
	struct abl_batch b;
	struct abl_task *t;
	char yes[] = "yes";

	layout = bert_layout(9); /* 3 pieces each */
	t = load_one("who came to the the the the", "a b c", "a", 0, spec);
	put_all(t, &b);
	ck_assert(b.sequences == 1 && b.tokens == 9 && b.label[0] == 5);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
	spec.no_answer = yes;
	t = load_one("", "", NULL, 0, spec);
	put_all(t, &b);
	ck_assert(b.sequences == 1 && b.tokens == 3 && b.label[0] == 0 && b.targets == 1);
	abl_task_span.collect(t, 0, 1, &b, (real[]){1, 1});
	ck_assert(!span_best_answer(t, &t->questions[0]));
	ck_assert(span_best_probability(t, &t->questions[0]) == 1);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

/* Logits that are `low` but at (start, end) of one window. */
static real *logits(const struct abl_batch *b, size_t start, size_t end, real high)
{
	real *scores = abl_calloc(2 * b->targets, sizeof *scores);

	scores[2 * start] = scores[2 * end + 1] = high;
	return scores;
}

static void check_answer(const struct abl_task *t, const char *wanted)
{
	struct abl_str text = {0};

	ck_assert_str_eq(span_best_text(t, &t->questions[0], &text), wanted);
	abl_str_finish(&text);
}

/* A piece counts in the window where it has the most context: "d" stands in the first two, with
 * none on its right in the first. */
START_TEST(test_best__context_decides_the_window)
{
	struct abl_task_spec spec = {.stride = 2, .max_question = 1};
	struct abl_batch b;
	struct abl_task *t;
	real *scores;

	layout = bert_layout(8);
	t = load_one("who", "a b c d e f g", "d", 6, spec);
	put_all(t, &b);
	scores = logits(&b, 4, 4, 9); /* "d" in the first window */
	abl_task_span.collect(t, 0, 3, &b, scores);
	ck_assert(t->questions[0].best[0].score < 9 + 9);
	free(scores);
	scores = logits(&b, 5 + 2, 5 + 3, 9); /* "d e" in the second */
	abl_task_span.collect(t, 0, 3, &b, scores);
	check_answer(t, "d e");
	ck_assert(t->questions[0].best[0].score == 9 + 9);
	ck_assert(t->questions[0].null_score == 0);
	free(scores);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

START_TEST(test_best__each_text_once_in_order_and_not_too_long)
{
	struct abl_task_spec spec = {.n_best = 4, .max_answer = 2};
	const struct span_question *q;
	struct abl_batch b;
	struct abl_task *t;
	real *scores;

	layout = bert_layout(32);
	t = load_one("who", "Ab a  Ab. \\u00c9 a", "a", 3, spec);
	put_all(t, &b);
	scores = logits(&b, 1, 2, 4);             /* Ab, of two pieces */
	scores[2 * 4] = 3, scores[2 * 5 + 1] = 3; /* Ab again */
	scores[2 * 3] = 2, scores[2 * 6 + 1] = 5; /* "a  Ab." would be of four pieces */
	abl_task_span.collect(t, 0, 1, &b, scores);
	q = &t->questions[0];
	check_answer(t, "Ab");
	ck_assert(q->best[0].score == 8 && q->best[0].begin == 0 && q->best[0].end == 2);
	ck_assert_uint_ge(q->candidates, 3);
	for (size_t i = 0; i < q->candidates; i++)
		for (size_t k = i + 1; k < q->candidates; k++) {
			const struct span_candidate *x = &q->best[i], *y = &q->best[k];

			ck_assert(x->score >= y->score);
			ck_assert(x->end - x->begin != y->end - y->begin ||
				  memcmp(q->gold->context + x->begin, q->gold->context + y->begin,
					 x->end - x->begin));
		}
	free(scores);
	abl_batch_finish(&b);
	abl_task_span.destroy(t);
}
END_TEST

/* Questions whose margins of "no answer" are 1, 2, 3, ...: impossible from the fourth on. */
START_TEST(test_best__threshold_is_tuned_on_other_questions)
{
	static const bool impossible[] = {false, false, true, false, true, true};
	char name[] = "t", type[] = "span", yes[] = "yes";
	struct abl_task_spec spec = {
		.name = name, .type = type, .train = train_path, .no_answer = yes};
	struct abl_str text = {0};
	struct abl_task *t, *held_back;
	struct abl_batch b;
	real *scores;

	abl_str_puts(&text, "{\"data\": [{\"paragraphs\": [{\"context\": \"a b\", \"qas\": [");
	for (size_t i = 0; i < 6; i++)
		abl_str_printf(&text, "%s{\"id\": \"%zu\", \"question\": \"\", \"answers\": [%s]}",
			       i ? ", " : "", i,
			       impossible[i] ? "" : "{\"text\": \"b\", \"answer_start\": 2}");
	abl_str_puts(&text, "]}]}]}");
	write_text(train_path, text.text);
	layout = bert_layout(16);
	t = load_from(&spec, "train", tokenizer);
	held_back = load_from(&spec, "train", tokenizer);
	put_all(t, &b);
	scores = abl_calloc(2 * b.targets, sizeof *scores);
	for (size_t i = 0; i < 6; i++) {
		scores[6 * i] = (real)(2 + (double)i + 1); /* null */
		scores[6 * i + 4] = scores[6 * i + 5] = 1; /* b */
	}
	abl_task_span.collect(t, 0, 6, &b, scores);
	abl_task_span.collect(held_back, 0, 6, &b, scores);
	ck_assert(!span_best_answer(t, &t->questions[0])); /* 1 > 0 */
	ck_assert(figure(t, "exact") == .5 && figure(t, "HasAns_f1") == 0);
	ck_assert(figure(t, "majority") == .5 && figure(t, "examples") == 6);
	abl_task_span.use_decided(t, abl_task_span.calibrate(held_back));
	ck_assert(t->threshold == 2.5); /* 2 + 3 right; 4.5 has 3 + 2 and is later */
	ck_assert(span_best_answer(t, &t->questions[1]) && !span_best_answer(t, &t->questions[2]));
	ck_assert(figure(t, "exact") == 5 / 6. && figure(t, "threshold") == 2.5);
	free(scores);
	abl_str_finish(&text);
	abl_batch_finish(&b);
	abl_task_span.destroy(t), abl_task_span.destroy(held_back);
}
END_TEST

START_TEST(test_windows__keeps_whole_questions)
{
	struct abl_str text = {0};
	char name[] = "t", type[] = "span";
	struct abl_task_spec spec = {.name = name, .type = type, .train = train_path, .stride = 2};
	struct abl_task *t;

	abl_str_puts(&text,
		     "{\"data\": [{\"paragraphs\": [{\"context\": \"a b c d e f g\", \"qas\": [");
	for (size_t i = 0; i < 40; i++)
		abl_str_printf(&text,
			       "%s{\"id\": \"%zu\", \"question\": \"who\", \"answers\": "
			       "[{\"text\": \"b\", \"answer_start\": 2}]}",
			       i ? ", " : "", i);
	abl_str_puts(&text, "]}]}]}");
	write_text(train_path, text.text);
	layout = bert_layout(8);
	t = load_from(&spec, "train", tokenizer);
	ck_assert_uint_eq(abl_task_span.count(t), 120);
	abl_task_span.subset(t, .5);
	ck_assert(t->question_count > 10 && t->question_count < 30);
	ck_assert_uint_eq(abl_task_span.count(t), 3 * t->question_count);
	for (size_t w = 0; w < t->window_count; w++) {
		ck_assert_uint_eq(t->windows[w].question, w / 3);
		ck_assert_uint_eq(t->windows[w].first, 2 * (w % 3));
	}
	abl_task_span.subset(t, 0);
	ck_assert_uint_eq(abl_task_span.count(t), 3);
	abl_str_finish(&text);
	abl_task_span.destroy(t);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("span");

	tcase_add_test(c, test_windows__overlap_and_point_at_the_answer);
	tcase_add_loop_test(c, test_windows__any_layout, 0, 4);
	tcase_add_test(c, test_windows__long_questions_and_empty_texts);
	tcase_add_test(c, test_windows__keeps_whole_questions);
	tcase_add_test(c, test_best__context_decides_the_window);
	tcase_add_test(c, test_best__each_text_once_in_order_and_not_too_long);
	tcase_add_test(c, test_best__threshold_is_tuned_on_other_questions);
	return run_tests(c);
}
