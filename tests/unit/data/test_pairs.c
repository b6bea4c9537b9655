/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs and masks over a generated corpus in memory, where piece i has id i: an id tells its place.
 */
#include "masking.h"
#include "pairs.h"
#include "rng.h"
#include "str.h"
#include "run_case.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENTS 200
#define MAX_PIECES 61

static struct abl_corpus corpus;
static uint64_t key;

/* Documents of 1 to 60 sentences of 1 to 25 pieces; some of a single one; some sentences very long.
 */
static void make_corpus(void)
{
	uint64_t *sentence = abl_calloc(DOCUMENTS * 60 + 1, sizeof *sentence);
	uint64_t *document = abl_calloc(DOCUMENTS + 1, sizeof *document);
	struct abl_corpus_document *details = abl_calloc(DOCUMENTS, sizeof *details);
	uint64_t s = 0, shape = abl_rng_key(1, "shape");
	int32_t *ids;

	for (uint64_t d = 0; d < DOCUMENTS; d++) {
		uint64_t n = d % 17 ? 1 + abl_rng_below(shape, d, 0, 60) : 1;

		for (uint64_t i = 0; i < n; i++, s++)
			sentence[s + 1] = sentence[s] + 1 +
					  abl_rng_below(shape, d, 1 + i, i % 23 == 7 ? 150 : 25);
		document[d + 1] = s;
		details[d].hash = abl_rng_u64(shape, d, 99);
	}
	ids = abl_calloc(sentence[s], sizeof *ids);
	for (uint64_t i = 0; i < sentence[s]; i++)
		ids[i] = (int32_t)i;
	corpus = (struct abl_corpus){.pieces = sentence[s],
				     .sentences = s,
				     .documents = DOCUMENTS,
				     .vocab_size = (int64_t)sentence[s],
				     .ids = ids,
				     .sentence = sentence,
				     .document = document,
				     .details = details,
				     .held_out_limit = (uint64_t)ldexp(.05, 64)};
	key = abl_rng_key(3, "pairs");
}

static uint64_t document_of(uint64_t piece)
{
	uint64_t d = 0;

	while (corpus.sentence[corpus.document[d + 1]] <= piece)
		d++;
	return d;
}

static bool starts_sentence(uint64_t piece)
{
	for (uint64_t s = 0; s <= corpus.sentences; s++)
		if (corpus.sentence[s] == piece)
			return true;
	return false;
}

static const struct abl_pairs_rule usual = {
	.max_pieces = MAX_PIECES, .short_seq_rate = .1, .random_next = true, .fraction = 1};

/* --- the rule, told again with lists of pieces as the official script does, over the same draws
 * --- */

enum { SPLIT, NEXT, DOCUMENT, START, INSIDE, SHORT, TARGET, DROP };

struct list {
	int32_t *piece;
	size_t count, room;
};

static void extend(struct list *l, uint64_t sentence)
{
	for (uint64_t i = corpus.sentence[sentence]; i < corpus.sentence[sentence + 1]; i++) {
		abl_grow(&l->piece, &l->room, l->count + 1, sizeof *l->piece);
		l->piece[l->count++] = corpus.ids[i];
	}
}

static void drop(struct list *l, bool front)
{
	l->count--;
	if (front)
		memmove(l->piece, l->piece + 1, l->count * sizeof *l->piece);
}

static void check_list(const struct list *l, uint64_t at, uint32_t length)
{
	ck_assert_uint_eq(l->count, length);
	ck_assert(!length || !memcmp(l->piece, corpus.ids + at, length * sizeof *l->piece));
}

/* All pairs of part[place], compared with those from *at on; *at moves behind them. */
static void check_document(const struct abl_pairs *pairs, size_t *at, const uint64_t *part,
			   uint64_t parts, uint64_t place, uint64_t epoch)
{
	uint64_t document = part[place], chunk = 0, length = 0, target = MAX_PIECES, chunk_start;
	uint64_t k = abl_rng_derive(abl_rng_derive(key, epoch), document);
	uint64_t first = corpus.document[document], end = corpus.document[document + 1];

	if (abl_rng_uniform(k, 0, SHORT) < .1)
		target = 2 + abl_rng_below(k, 0, TARGET, MAX_PIECES - 1);
	chunk_start = first;
	for (uint64_t i = first; i < end; i++) {
		struct list a = {0}, b = {0};
		uint64_t n = i + 1 - chunk_start, a_end = 1, dropped = 0;
		bool random = false;

		length += corpus.sentence[i + 1] - corpus.sentence[i];
		if (i + 1 < end && length < target)
			continue;
		if (n >= 2)
			a_end = 1 + abl_rng_below(k, chunk, SPLIT, n - 1);
		for (uint64_t j = 0; j < a_end; j++)
			extend(&a, chunk_start + j);
		if (n == 1 || abl_rng_uniform(k, chunk, NEXT) < .5) {
			uint64_t other = abl_rng_below(k, chunk, DOCUMENT, parts - 1), from, to;

			random = true;
			other = part[other >= place ? other + 1 : other];
			from = corpus.document[other], to = corpus.document[other + 1];
			from += abl_rng_below(k, chunk, START, to - from);
			for (; from < to; from++) {
				extend(&b, from);
				if (b.count + a.count >= target)
					break;
			}
			i -= n - a_end; /* the unused ones are put back */
		} else {
			for (uint64_t j = a_end; j < n; j++)
				extend(&b, chunk_start + j);
		}
		for (; a.count + b.count > MAX_PIECES; dropped++)
			drop(a.count > b.count ? &a : &b,
			     abl_rng_u64(k, chunk, DROP + dropped / 64) >> (dropped % 64) & 1);
		ck_assert_uint_lt(*at, pairs->count);
		check_list(&a, pairs->pair[*at].a, pairs->pair[*at].a_length);
		check_list(&b, pairs->pair[*at].b, pairs->pair[*at].b_length);
		ck_assert(pairs->pair[*at].random_next == random);
		ck_assert(pairs->pair[*at].truncated == (dropped > 0));
		ck_assert_uint_eq(pairs->pair[*at].id, document << 32 | chunk);
		++*at;
		chunk++;
		chunk_start = i + 1;
		length = 0;
		free(a.piece), free(b.piece);
	}
}

START_TEST(test_pairs__are_those_of_the_official_rule)
{
	struct abl_pairs pairs = {0};
	bool chosen[DOCUMENTS];
	uint64_t part[DOCUMENTS], parts = 0;

	abl_corpus_choose(&corpus, false, 1, chosen);
	for (uint64_t d = 0; d < DOCUMENTS; d++)
		if (chosen[d])
			part[parts++] = d;
	ck_assert(parts < DOCUMENTS && parts > DOCUMENTS * 9 / 10 - 10);
	for (uint64_t epoch = 0; epoch < 3; epoch++) {
		size_t at = 0;

		abl_pairs_build(&corpus, &usual, key, epoch, &pairs);
		for (uint64_t place = 0; place < parts; place++)
			check_document(&pairs, &at, part, parts, place, epoch);
		ck_assert_uint_eq(at, pairs.count);
	}
	abl_pairs_finish(&pairs);
}
END_TEST

START_TEST(test_pairs__shares_and_lengths)
{
	struct abl_pairs pairs = {0};
	struct abl_pairs_report report;

	abl_pairs_build(&corpus, &usual, key, 0, &pairs);
	abl_pairs_report(&pairs, &report);
	ck_assert_uint_eq(report.pairs, pairs.count);
	ck_assert(report.random_next > .45 && report.random_next < .65);
	ck_assert(report.mean_a + report.mean_b > MAX_PIECES * .7 &&
		  report.mean_a + report.mean_b <= MAX_PIECES);
	for (size_t i = 0; i < pairs.count; i++) {
		const struct abl_pair *p = &pairs.pair[i];
		uint64_t home = p->id >> 32;

		ck_assert(p->a_length && p->b_length && p->a_length + p->b_length <= MAX_PIECES);
		ck_assert_uint_eq(document_of(p->a), home);
		ck_assert_uint_eq(document_of(p->a + p->a_length - 1), home);
		ck_assert_uint_eq(document_of(p->b), document_of(p->b + p->b_length - 1));
		ck_assert(p->random_next == (document_of(p->b) != home));
		ck_assert(!abl_corpus_held_out(&corpus, home) &&
			  !abl_corpus_held_out(&corpus, document_of(p->b)));
		if (!p->random_next && !p->truncated)
			ck_assert_uint_eq(p->b, p->a + p->a_length);
		if (!p->truncated)
			ck_assert(starts_sentence(p->a) && starts_sentence(p->b) &&
				  starts_sentence(p->a + p->a_length) &&
				  starts_sentence(p->b + p->b_length));
	}
	abl_pairs_finish(&pairs);
	abl_pairs_report(&pairs, &report);
	ck_assert(report.pairs == 0 && report.random_next == 0);
}
END_TEST

START_TEST(test_pairs__without_random_next_b_goes_on)
{
	struct abl_pairs_rule rule = usual;
	struct abl_pairs pairs = {0};

	rule.random_next = false;
	abl_pairs_build(&corpus, &rule, key, 5, &pairs);
	ck_assert(pairs.count > 0);
	for (size_t i = 0; i < pairs.count; i++) {
		const struct abl_pair *p = &pairs.pair[i];

		ck_assert(!p->random_next);
		ck_assert_uint_eq(document_of(p->b + p->b_length - 1), p->id >> 32);
		ck_assert(p->b_length || p->a_length == 1);
		ck_assert(p->truncated || p->b == p->a + p->a_length);
	}
	abl_pairs_finish(&pairs);
}
END_TEST

START_TEST(test_pairs__ranges_of_a_language_model_lose_nothing)
{
	struct abl_pairs_rule rule = {.max_pieces = MAX_PIECES, .single = true, .fraction = 1};
	struct abl_pairs pairs = {0};
	uint64_t at = 0, document = UINT64_MAX;

	abl_pairs_build(&corpus, &rule, key, 0, &pairs);
	for (size_t i = 0; i < pairs.count; i++) {
		const struct abl_pair *p = &pairs.pair[i];

		if (p->id >> 32 != document) {
			uint64_t end = document == UINT64_MAX
					       ? at
					       : corpus.sentence[corpus.document[document + 1]];

			ck_assert(end - at <= 1);
			document = p->id >> 32;
			at = corpus.sentence[corpus.document[document]];
		}
		ck_assert_uint_eq(p->a, at);
		ck_assert(!p->b_length && !p->random_next && !p->truncated && p->a_length >= 2);
		at += p->a_length;
		ck_assert(p->a_length == MAX_PIECES ||
			  corpus.sentence[corpus.document[document + 1]] - at <= 1);
	}
	abl_pairs_finish(&pairs);
}
END_TEST

static bool same(const struct abl_pairs *x, const struct abl_pairs *y)
{
	if (x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++) {
		const struct abl_pair *p = &x->pair[i], *q = &y->pair[i];

		if (p->a != q->a || p->b != q->b || p->a_length != q->a_length ||
		    p->b_length != q->b_length)
			return false;
	}
	return true;
}

START_TEST(test_pairs__depend_on_key_and_epoch_only)
{
	struct abl_pairs first = {0}, second = {0};

	abl_pairs_build(&corpus, &usual, key, 0, &first);
	abl_pairs_build(&corpus, &usual, key, 1, &second);
	ck_assert(!same(&first, &second));
	abl_pairs_build(&corpus, &usual, key + 1, 0, &second);
	ck_assert(!same(&first, &second));
	abl_pairs_build(&corpus, &usual, key, 0, &second); /* into used memory */
	ck_assert(same(&first, &second));
	abl_pairs_finish(&first);
	abl_pairs_finish(&second);
}
END_TEST

START_TEST(test_pairs__fractions_are_nested_and_keep_their_cuts)
{
	struct abl_pairs_rule rule = usual;
	struct abl_pairs whole = {0}, part = {0};
	bool last[DOCUMENTS] = {false}, chosen[DOCUMENTS], held[DOCUMENTS];
	const double fractions[] = {.001, .1, .5, .9, 1};
	size_t at = 0;

	abl_corpus_choose(&corpus, true, 1, held);
	for (size_t f = 0; f < 5; f++) {
		uint64_t count = abl_corpus_choose(&corpus, false, fractions[f], chosen);

		ck_assert(count >= 1 && fabs((double)count / DOCUMENTS - fractions[f] * .95) < .1);
		for (size_t d = 0; d < DOCUMENTS; d++) {
			ck_assert(!last[d] || chosen[d]);
			ck_assert(f < 4 || chosen[d] != held[d]);
			last[d] = chosen[d];
		}
	}
	rule.short_seq_rate = 0;
	rule.random_next = false; /* where a random b lies depends on the part: leave it out */
	abl_pairs_build(&corpus, &rule, key, 0, &whole);
	rule.fraction = .5;
	abl_pairs_build(&corpus, &rule, key, 0, &part);
	ck_assert(part.count && part.count < whole.count);
	for (size_t i = 0; i < part.count; i++, at++) {
		while (whole.pair[at].id != part.pair[i].id)
			ck_assert_uint_lt(++at, whole.count);
		ck_assert(whole.pair[at].a == part.pair[i].a && whole.pair[at].b == part.pair[i].b);
	}
	abl_pairs_finish(&whole);
	abl_pairs_finish(&part);
}
END_TEST

START_TEST(test_pairs__a_lone_document_serves_as_the_other_one)
{
	uint64_t sentence[] = {0, 5}, document[] = {0, 1};
	struct abl_corpus_document details[1] = {{0}};
	int32_t ids[] = {1, 2, 3, 4, 5};
	struct abl_corpus lone = {.pieces = 5,
				  .sentences = 1,
				  .documents = 1,
				  .vocab_size = 6,
				  .ids = ids,
				  .sentence = sentence,
				  .document = document,
				  .details = details};
	struct abl_pairs pairs = {0};

	abl_pairs_build(&lone, &usual, key, 0, &pairs);
	ck_assert_uint_eq(pairs.count, 1);
	ck_assert(pairs.pair[0].random_next && pairs.pair[0].a_length == 5 &&
		  pairs.pair[0].b_length == 5);
	abl_pairs_finish(&pairs);
}
END_TEST

/* --- masks --- */

static const int32_t ordinary[] = {10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
static const struct abl_mask_rule mask_rule = {.rate = .15,
					       .mask_share = .8,
					       .random_share = .1,
					       .mask_id = 4,
					       .ordinary = ordinary,
					       .ordinary_count = 10};

START_TEST(test_masks__counts)
{
	ck_assert_uint_eq(abl_mask_count(.15, 0), 0);
	ck_assert_uint_eq(abl_mask_count(.15, 1), 1);
	ck_assert_uint_eq(abl_mask_count(.15, 9), 1);
	ck_assert_uint_eq(abl_mask_count(.15, 11), 2);
	ck_assert_uint_eq(abl_mask_count(.15, 125), 19);
	ck_assert_uint_eq(abl_mask_count(1, 7), 7);
}
END_TEST

START_TEST(test_masks__shares_places_and_draws)
{
	enum { N = 100, ROUNDS = 4000, CHOSEN = 15 };
	int32_t pieces[N];
	struct abl_mask mask[N], again[N];
	size_t at[N] = {0}, drawn[10] = {0}, masked = 0, random = 0, kept = 0;
	double chi_places = 0, chi_drawn = 0, total = (double)ROUNDS * CHOSEN;

	for (int i = 0; i < N; i++)
		pieces[i] = 100 + i;
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t k = abl_rng_derive(key, round);

		ck_assert_uint_eq(abl_mask_choose(&mask_rule, k, pieces, N, mask), CHOSEN);
		abl_mask_choose(&mask_rule, k, pieces, N, again);
		for (size_t i = 0; i < CHOSEN; i++) {
			int32_t shown = mask[i].shown;

			ck_assert(mask[i].position == again[i].position && shown == again[i].shown);
			ck_assert(mask[i].position < N &&
				  (!i || mask[i].position > mask[i - 1].position));
			at[mask[i].position]++;
			masked += shown == 4;
			kept += shown == pieces[mask[i].position];
			if (shown >= 10 && shown < 20)
				random++, drawn[shown - 10]++;
		}
	}
	ck_assert_uint_eq(masked + random + kept, (size_t)total);
	ck_assert(fabs((double)masked / total - .8) < 4 * sqrt(.8 * .2 / total));
	ck_assert(fabs((double)random / total - .1) < 4 * sqrt(.1 * .9 / total));
	for (int i = 0; i < N; i++)
		chi_places += pow((double)at[i] - total / N, 2) / (total / N);
	for (int i = 0; i < 10; i++)
		chi_drawn += pow((double)drawn[i] - (double)random / 10, 2) / ((double)random / 10);
	ck_assert(chi_places > 40 &&
		  chi_places < 150); /* about 85 (99 degrees, without replacement); sd 13 */
	ck_assert(chi_drawn < 33);   /* 9 degrees: p = .0001 */
}
END_TEST

START_TEST(test_masks__of_an_evaluation_are_fixed)
{
	ck_assert_uint_eq(abl_mask_evaluation_key(7), abl_mask_evaluation_key(7));
	ck_assert_uint_ne(abl_mask_evaluation_key(7), abl_mask_evaluation_key(8));
	ck_assert_uint_ne(abl_mask_evaluation_key(7), abl_pairs_evaluation_key());
}
END_TEST

START_TEST(test_masks__of_nothing_and_of_everything)
{
	struct abl_mask_rule all = mask_rule;
	int32_t pieces[3] = {100, 101, 102};
	struct abl_mask mask[3];

	ck_assert_uint_eq(abl_mask_choose(&mask_rule, key, pieces, 0, mask), 0);
	all.rate = 1, all.mask_share = 0, all.random_share = 0;
	ck_assert_uint_eq(abl_mask_choose(&all, key, pieces, 3, mask), 3);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert(mask[i].position == i && mask[i].shown == pieces[i]);
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("pairs");
	int failed;

	make_corpus();
	tcase_add_test(c, test_pairs__are_those_of_the_official_rule);
	tcase_add_test(c, test_pairs__shares_and_lengths);
	tcase_add_test(c, test_pairs__without_random_next_b_goes_on);
	tcase_add_test(c, test_pairs__ranges_of_a_language_model_lose_nothing);
	tcase_add_test(c, test_pairs__depend_on_key_and_epoch_only);
	tcase_add_test(c, test_pairs__fractions_are_nested_and_keep_their_cuts);
	tcase_add_test(c, test_pairs__a_lone_document_serves_as_the_other_one);
	tcase_add_test(c, test_masks__counts);
	tcase_add_test(c, test_masks__shares_places_and_draws);
	tcase_add_test(c, test_masks__of_an_evaluation_are_fixed);
	tcase_add_test(c, test_masks__of_nothing_and_of_everything);
	failed = run_case(c, "pairs");
	free((void *)corpus.ids), free((void *)corpus.sentence);
	free((void *)corpus.document), free((void *)corpus.details);
	return failed;
}
