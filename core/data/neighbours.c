/* SPDX-License-Identifier: Apache-2.0 */
#include "neighbours.h"

#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)1 << 22) /* followers kept at a time; one token's alone may be more */

/* The two parts of the corpus, by document. */
enum part { TRAIN, HELD_OUT, PARTS };

struct counts {
	const struct abl_corpus *c;
	bool *in[PARTS];            /* [documents] */
	uint64_t *single;           /* [vocab] tokens of the training part */
	uint64_t *followers[PARTS]; /* [vocab] tokens that have a right neighbour */
	uint64_t total;             /* of single */
	double *log_unigram;        /* [vocab] */
	size_t vocab;
	int32_t most_frequent;
	struct abl_neighbours sum; /* losses and hits, not yet divided */
};

static void each_token(const struct counts *k, enum part part,
		       void (*take)(void *data, int32_t left, int32_t piece), void *data)
{
	const struct abl_corpus *c = k->c;

	for (uint64_t d = 0; d < c->documents; d++) {
		const uint64_t begin = c->sentence[c->document[d]];
		const uint64_t end = c->sentence[c->document[d + 1]];

		for (uint64_t i = begin; k->in[part][d] && i < end; i++)
			take(data, i > begin ? c->ids[i - 1] : -1, c->ids[i]);
	}
}

static void count_train(void *data, int32_t left, int32_t piece)
{
	struct counts *k = data;

	k->single[piece]++;
	if (left >= 0)
		k->followers[TRAIN][left]++;
}

static void score_unigram(void *data, int32_t left, int32_t piece)
{
	struct counts *k = data;

	k->sum.tokens++;
	k->sum.unigram.loss -= k->log_unigram[piece];
	k->sum.unigram.accuracy += piece == k->most_frequent;
	if (left >= 0) {
		k->followers[HELD_OUT][left]++;
		return;
	}
	k->sum.left.loss -= k->log_unigram[piece];
	k->sum.left.accuracy += piece == k->most_frequent;
}

static void make_unigram(struct counts *k)
{
	for (size_t v = 0; v < k->vocab; v++) {
		k->total += k->single[v];
		if (k->single[v] > k->single[k->most_frequent])
			k->most_frequent = (int32_t)v;
	}
	for (size_t v = 0; v < k->vocab; v++)
		k->log_unigram[v] =
			log((double)(k->single[v] + 1)) - log((double)(k->total + k->vocab));
}

/* The followers of the tokens [first, last), gathered by one pass over each part. */
struct block {
	int32_t first, last;
	uint64_t *at[PARTS]; /* [last - first + 1] where the next follower of each goes */
	int32_t *room[PARTS];
};

static void keep(struct block *b, enum part part, int32_t left, int32_t piece)
{
	if (left >= b->first && left < b->last)
		b->room[part][b->at[part][left - b->first]++] = piece;
}

static void keep_train(void *data, int32_t left, int32_t piece)
{
	keep(data, TRAIN, left, piece);
}

static void keep_held_out(void *data, int32_t left, int32_t piece)
{
	keep(data, HELD_OUT, left, piece);
}

/* How often each token follows one left neighbour. */
struct follow {
	uint64_t *count; /* [vocab], zero between two neighbours */
	uint64_t total, different;
	int32_t guess;
};

static void count_followers(struct follow *f, const int32_t *piece, uint64_t n, int32_t fallback)
{
	*f = (struct follow){.count = f->count, .total = n, .guess = n ? piece[0] : fallback};
	for (uint64_t i = 0; i < n; i++) {
		const uint64_t now = ++f->count[piece[i]], best = f->count[f->guess];

		f->different += now == 1;
		if (now > best || (now == best && piece[i] < f->guess))
			f->guess = piece[i];
	}
}

static void score_left(struct counts *k, const struct follow *f, const int32_t *piece, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		const double unigram = exp(k->log_unigram[piece[i]]);
		const double p =
			f->total ? ((double)f->count[piece[i]] + (double)f->different * unigram) /
					   (double)(f->total + f->different)
				 : unigram;

		k->sum.left.loss -= log(p);
		k->sum.left.accuracy += piece[i] == f->guess;
	}
}

static void score_block(struct counts *k, struct block *b, uint64_t *count)
{
	struct follow f = {.count = count};
	uint64_t at[PARTS] = {0};

	for (int32_t left = b->first; left < b->last; left++) {
		const uint64_t seen = k->followers[TRAIN][left],
			       here = k->followers[HELD_OUT][left];
		const int32_t *piece = b->room[TRAIN] + at[TRAIN];

		count_followers(&f, piece, seen, k->most_frequent);
		score_left(k, &f, b->room[HELD_OUT] + at[HELD_OUT], here);
		for (uint64_t i = 0; i < seen; i++)
			count[piece[i]] = 0;
		at[TRAIN] += seen;
		at[HELD_OUT] += here;
	}
}

static void run_block(struct counts *k, struct block *b, uint64_t *count)
{
	for (int part = 0; part < PARTS; part++) {
		uint64_t sum = 0;

		b->at[part] = abl_calloc((size_t)(b->last - b->first) + 1, sizeof **b->at);
		for (int32_t v = b->first; v < b->last; v++) {
			b->at[part][v - b->first] = sum;
			sum += k->followers[part][v];
		}
		b->room[part] = abl_calloc(sum + 1, sizeof **b->room);
	}
	each_token(k, TRAIN, keep_train, b);
	each_token(k, HELD_OUT, keep_held_out, b);
	score_block(k, b, count);
	for (int part = 0; part < PARTS; part++)
		free(b->at[part]), free(b->room[part]);
}

static void run_left(struct counts *k)
{
	uint64_t *count = abl_calloc(k->vocab, sizeof *count);
	struct block b = {0};

	while ((size_t)b.last < k->vocab) {
		uint64_t sum = 0;

		b.first = b.last;
		do {
			sum += k->followers[TRAIN][b.last] + k->followers[HELD_OUT][b.last];
			b.last++;
		} while ((size_t)b.last < k->vocab &&
			 sum + k->followers[TRAIN][b.last] + k->followers[HELD_OUT][b.last] <=
				 BLOCK);
		run_block(k, &b, count);
	}
	free(count);
}

static void divide(struct abl_guesses *g, uint64_t tokens)
{
	g->accuracy /= (double)tokens;
	g->loss /= (double)tokens;
}

void abl_neighbours_measure(const struct abl_corpus *c, double fraction, struct abl_neighbours *out)
{
	struct counts k = {.c = c, .vocab = (size_t)c->vocab_size};

	for (int part = 0; part < PARTS; part++) {
		k.in[part] = abl_calloc(c->documents, sizeof **k.in);
		k.followers[part] = abl_calloc(k.vocab, sizeof **k.followers);
		abl_corpus_choose(c, part == HELD_OUT, part == HELD_OUT ? 1 : fraction, k.in[part]);
	}
	k.single = abl_calloc(k.vocab, sizeof *k.single);
	k.log_unigram = abl_calloc(k.vocab, sizeof *k.log_unigram);
	each_token(&k, TRAIN, count_train, &k);
	make_unigram(&k);
	each_token(&k, HELD_OUT, score_unigram, &k);
	if (k.sum.tokens) {
		run_left(&k);
		divide(&k.sum.unigram, k.sum.tokens);
		divide(&k.sum.left, k.sum.tokens);
	}
	*out = k.sum;
	for (int part = 0; part < PARTS; part++)
		free(k.in[part]), free(k.followers[part]);
	free(k.single), free(k.log_unigram);
}
