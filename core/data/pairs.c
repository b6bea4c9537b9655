/* SPDX-License-Identifier: Apache-2.0 */
#include "pairs.h"

#include "rng.h"
#include "str.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Draws of one chunk; those of truncation are numbered from SITE_DROP. */
enum site {
	SITE_SPLIT,
	SITE_NEXT,
	SITE_DOCUMENT,
	SITE_START,
	SITE_INSIDE,
	SITE_SHORT,
	SITE_TARGET,
	SITE_DROP
};

struct builder {
	const struct abl_corpus *c;
	const struct abl_pairs_rule *rule;
	struct abl_pairs *out;
	const uint64_t *part; /* [part_count] the documents that pairs are made of */
	uint64_t part_count;
	/* the document at hand */
	uint64_t place;    /* its place in part */
	uint64_t document; /* = part[place] */
	uint64_t key;      /* of this document in this epoch */
	uint64_t chunk;    /* pairs made of it so far */
	uint64_t target;   /* tokens */
};

static uint64_t first_piece(const struct builder *b, uint64_t sentence)
{
	return b->c->sentence[sentence];
}

/* As BERT: the longer one loses its first or last token until both fit. */
static void truncate_pair(const struct builder *b, struct abl_pair *p)
{
	for (uint64_t drop = 0; p->a_length + p->b_length > b->rule->max_pieces; drop++) {
		bool from_a = p->a_length > p->b_length;
		uint64_t front =
			abl_rng_u64(b->key, b->chunk, SITE_DROP + drop / 64) >> drop % 64 & 1;

		p->truncated = true;
		if (from_a)
			p->a += front, p->a_length--;
		else
			p->b += front, p->b_length--;
	}
}

static void emit(struct builder *b, struct abl_pair p)
{
	p.id = b->document << 32 | b->chunk;
	truncate_pair(b, &p);
	abl_grow(&b->out->pair, &b->out->capacity, b->out->count + 1, sizeof p);
	b->out->pair[b->out->count++] = p;
	b->chunk++;
}

/* Sentences of another document from a random one on, until they reach `length` pieces. A lone
 * document has to serve as the other one itself. */
static void random_next(const struct builder *b, uint64_t length, struct abl_pair *p)
{
	uint64_t other = b->place, document, start, end;

	if (b->part_count > 1) {
		other = abl_rng_below(b->key, b->chunk, SITE_DOCUMENT, b->part_count - 1);
		other += other >= b->place;
	}
	document = b->part[other];
	start = b->c->document[document];
	end = b->c->document[document + 1];
	start += abl_rng_below(b->key, b->chunk, SITE_START, end - start);
	p->random_next = true;
	p->b = first_piece(b, start);
	do
		p->b_length = (uint32_t)(first_piece(b, ++start) - p->b);
	while (start < end && p->b_length < length);
}

/* A pair of the sentences first..end-1. Returns the sentence after the last one used. */
static uint64_t make_pair(struct builder *b, uint64_t first, uint64_t end)
{
	uint64_t count = end - first, split = end;
	struct abl_pair p = {.a = first_piece(b, first)};

	if (count >= 2)
		split = first + 1 + abl_rng_below(b->key, b->chunk, SITE_SPLIT, count - 1);
	p.a_length = (uint32_t)(first_piece(b, split) - p.a);
	if (b->rule->random_next &&
	    (count == 1 || abl_rng_uniform(b->key, b->chunk, SITE_NEXT) < .5)) {
		random_next(b, b->target > p.a_length ? b->target - p.a_length : 0, &p);
		end = split;
	} else {
		if (count == 1 && p.a_length > 1)
			p.a_length = 1 + (uint32_t)abl_rng_below(b->key, b->chunk, SITE_INSIDE,
								 p.a_length - 1);
		p.b = p.a + p.a_length;
		p.b_length = (uint32_t)(first_piece(b, end) - p.b);
	}
	emit(b, p);
	return end;
}

static void make_pairs(struct builder *b)
{
	uint64_t end = b->c->document[b->document + 1];

	for (uint64_t first = b->c->document[b->document], next = first; next < end;)
		if (first_piece(b, ++next) - first_piece(b, first) >= b->target || next == end)
			first = next = make_pair(b, first, next);
}

static void make_ranges(struct builder *b)
{
	uint64_t at = first_piece(b, b->c->document[b->document]);
	uint64_t end = first_piece(b, b->c->document[b->document + 1]);

	for (; end - at >= 2; at += b->out->pair[b->out->count - 1].a_length)
		emit(b,
		     (struct abl_pair){
			     .a = at,
			     .a_length = (uint32_t)(end - at < b->target ? end - at : b->target)});
}

void abl_pairs_build(const struct abl_corpus *c, const struct abl_pairs_rule *rule, uint64_t key,
		     uint64_t epoch, struct abl_pairs *out)
{
	bool *chosen = abl_calloc(c->documents, sizeof *chosen);
	uint64_t *part = abl_calloc(c->documents, sizeof *part);
	struct builder b = {.c = c, .rule = rule, .out = out, .part = part};

	assert(rule->max_pieces >= 2);
	out->count = 0;
	key = abl_rng_derive(key, epoch);
	abl_corpus_choose(c, rule->held_out, rule->fraction, chosen);
	for (uint64_t d = 0; d < c->documents; d++)
		if (chosen[d])
			part[b.part_count++] = d;
	for (b.place = 0; b.place < b.part_count; b.place++) {
		b.document = part[b.place];
		b.key = abl_rng_derive(key, b.document);
		b.chunk = 0;
		b.target = rule->max_pieces;
		if (abl_rng_uniform(b.key, 0, SITE_SHORT) < rule->short_seq_rate)
			b.target = 2 + abl_rng_below(b.key, 0, SITE_TARGET, rule->max_pieces - 1);
		(rule->single ? make_ranges : make_pairs)(&b);
	}
	free(part);
	free(chosen);
}

void abl_pairs_finish(struct abl_pairs *p)
{
	if (!p)
		return;
	free(p->pair);
	*p = (struct abl_pairs){0};
}

uint64_t abl_pairs_evaluation_key(void)
{
	return abl_rng_key(0, "evaluation pairs");
}

void abl_pairs_report(const struct abl_pairs *p, struct abl_pairs_report *out)
{
	*out = (struct abl_pairs_report){.pairs = p->count};
	for (size_t i = 0; i < p->count; i++) {
		out->random_next += p->pair[i].random_next;
		out->truncated += p->pair[i].truncated;
		out->mean_a += p->pair[i].a_length;
		out->mean_b += p->pair[i].b_length;
	}
	if (!p->count)
		return;
	out->random_next /= (double)p->count;
	out->truncated /= (double)p->count;
	out->mean_a /= (double)p->count;
	out->mean_b /= (double)p->count;
}
