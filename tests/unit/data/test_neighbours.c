/* SPDX-License-Identifier: Apache-2.0 */
/* What counting predicts: by hand on a few words, and against a table of all pairs. */
#include "neighbours.h"
#include "rng.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <string.h>

#define DOCUMENTS 40
#define LENGTH 60 /* tokens of each, in sentences of 10 */
#define VOCAB 23

/* A corpus in memory: the documents whose number is a multiple of four are held out. */
struct made {
	struct abl_corpus c;
	int32_t ids[DOCUMENTS * LENGTH];
	uint64_t sentence[DOCUMENTS * LENGTH / 10 + 1], document[DOCUMENTS + 1];
	struct abl_corpus_document details[DOCUMENTS];
	uint64_t known[DOCUMENTS];
};

static void join(struct made *m, uint64_t documents, uint64_t length, uint64_t sentences)
{
	m->c = (struct abl_corpus){.pieces = documents * length,
				   .sentences = documents * sentences,
				   .documents = documents,
				   .vocab_size = VOCAB,
				   .ids = m->ids,
				   .sentence = m->sentence,
				   .document = m->document,
				   .details = m->details,
				   .known = m->known};
	for (uint64_t s = 0; s <= m->c.sentences; s++)
		m->sentence[s] = s * (length / sentences);
	for (uint64_t d = 0; d <= documents; d++)
		m->document[d] = d * sentences;
	for (uint64_t d = 0; d < documents; d++) {
		m->details[d].hash = d + 1;
		if (d % 4 == 0)
			m->known[m->c.known_count++] = d + 1;
	}
}

START_TEST(test_neighbours__by_hand)
{
	static const int32_t ids[] = {5, 6, 5, 8, /* held out */
				      5, 6, 5, 6, 5, 6, 7, 6};
	struct abl_neighbours n;
	struct made m;
	double unigram, left;

	memcpy(m.ids, ids, sizeof ids);
	join(&m, 3, 4, 1);
	abl_neighbours_measure(&m.c, 1, &n);
	ck_assert_uint_eq(n.tokens, 4);
	/* in the training part: 5 three times, 6 four times, 7 once; 31 = 8 tokens + 23 */
	unigram = -log(4. / 31) - log(5. / 31) - log(4. / 31) - log(1. / 31);
	ck_assert_double_eq_tol(n.unigram.loss, unigram / 4, 1e-12);
	ck_assert_double_eq(n.unigram.accuracy, .25); /* 6, once */
	/* 5 is followed by 6 three times; 6 by 5 and 7 once each, and 5 comes first. The first
	 * token has no neighbour, and is taken for the most frequent one, 6. */
	left = -log(4. / 31) - log((3 + 5. / 31) / 4) - log((1 + 2 * 4. / 31) / 4) -
	       log((0 + 1. / 31) / 4);
	ck_assert_double_eq_tol(n.left.loss, left / 4, 1e-12);
	ck_assert_double_eq(n.left.accuracy, .5); /* 6 after 5, 5 after 6 */
}
END_TEST

/* The plain form: all pairs in one table. */
static void plain(const struct made *m, const bool *train, struct abl_neighbours *out)
{
	static double single[VOCAB], pair[VOCAB][VOCAB];
	double total = 0;

	memset(single, 0, sizeof single);
	memset(pair, 0, sizeof pair);
	*out = (struct abl_neighbours){0};
	for (uint64_t i = 0; i < m->c.pieces; i++) {
		if (!train[i / LENGTH])
			continue;
		single[m->ids[i]]++, total++;
		if (i % LENGTH)
			pair[m->ids[i - 1]][m->ids[i]]++;
	}
	for (uint64_t i = 0; i < m->c.pieces; i++) {
		const int32_t w = m->ids[i], l = i % LENGTH ? m->ids[i - 1] : -1;
		double unigram = (single[w] + 1) / (total + VOCAB), p = unigram;
		int32_t often = 0, after = 0;
		double seen = 0, kinds = 0;

		if (i / LENGTH % 4)
			continue;
		for (int32_t v = 0; v < VOCAB; v++) {
			often = single[v] > single[often] ? v : often;
			if (l < 0)
				continue;
			after = pair[l][v] > pair[l][after] ? v : after;
			seen += pair[l][v];
			kinds += pair[l][v] > 0;
		}
		if (seen > 0)
			p = (pair[l][w] + kinds * unigram) / (seen + kinds);
		out->tokens++;
		out->unigram.loss -= log(unigram);
		out->unigram.accuracy += w == often;
		out->left.loss -= log(p);
		out->left.accuracy += w == (seen > 0 ? after : often);
	}
}

START_TEST(test_neighbours__as_a_table_of_all_pairs)
{
	static const double fraction[] = {1, .3};
	struct made m;

	for (uint64_t i = 0; i < DOCUMENTS * LENGTH; i++) { /* a few followers each, one never */
		const uint64_t u = abl_rng_below(7, i, 0, 4);

		m.ids[i] = i ? (m.ids[i - 1] * 5 + (int32_t)(u * u)) % (VOCAB - 1) : 3;
	}
	join(&m, DOCUMENTS, LENGTH, LENGTH / 10);
	for (size_t f = 0; f < 2; f++) {
		struct abl_neighbours got, want;
		bool train[DOCUMENTS];
		const uint64_t chosen = abl_corpus_choose(&m.c, false, fraction[f], train);

		ck_assert(f ? chosen < 20 : chosen == 30);
		plain(&m, train, &want);
		abl_neighbours_measure(&m.c, fraction[f], &got);
		ck_assert_uint_eq(got.tokens, want.tokens);
		ck_assert_double_eq_tol(got.unigram.loss * (double)got.tokens, want.unigram.loss,
					1e-8);
		ck_assert_double_eq_tol(got.left.loss * (double)got.tokens, want.left.loss, 1e-8);
		ck_assert_double_eq_tol(got.unigram.accuracy * (double)got.tokens,
					want.unigram.accuracy, 1e-8);
		ck_assert_double_eq_tol(got.left.accuracy * (double)got.tokens, want.left.accuracy,
					1e-8);
		ck_assert(got.left.loss < got.unigram.loss);
	}
}
END_TEST

START_TEST(test_neighbours__nothing_held_out)
{
	struct abl_neighbours n;
	struct made m;

	memset(m.ids, 0, sizeof m.ids);
	join(&m, 2, 4, 1);
	m.known[0] = 99; /* of no document */
	abl_neighbours_measure(&m.c, 1, &n);
	ck_assert_uint_eq(n.tokens, 0);
	ck_assert(n.left.loss == 0 && n.unigram.accuracy == 0);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("neighbours");

	tcase_add_test(c, test_neighbours__by_hand);
	tcase_add_test(c, test_neighbours__as_a_table_of_all_pairs);
	tcase_add_test(c, test_neighbours__nothing_held_out);
	return run_case(c, "neighbours");
}
