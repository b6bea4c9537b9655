/* SPDX-License-Identifier: Apache-2.0 */
#include "pair_merge.h"

#include "str.h"

#include <stdlib.h>

struct word {
	size_t begin; /* in symbols */
	uint32_t length;
	int64_t count;
};

struct pair {
	int32_t a, b;
	int64_t count;
	uint32_t *words; /* that hold it, or did; one may be there twice */
	size_t word_count, word_capacity;
	bool grown; /* its count rose in the join under way */
};

/* A pair and its count when it was put in; the heap is put right when an entry comes to the top. */
struct entry {
	int64_t count;
	int32_t a, b;
	uint32_t pair;
};

struct abl_merger {
	int32_t *symbols;
	size_t symbol_count, symbol_capacity;
	struct word *words;
	size_t word_count, word_capacity;
	struct pair *pairs;
	size_t pair_count, pair_capacity;
	uint32_t *table; /* pair number + 1 by (a, b), open addressing; 0 = free */
	size_t table_size;
	struct entry *heap;
	size_t heap_count, heap_capacity;
	uint32_t *grown; /* pairs to put into the heap */
	size_t grown_count, grown_capacity;
};

struct abl_merger *abl_merger_create(void)
{
	struct abl_merger *m = abl_calloc(1, sizeof *m);

	m->table_size = 1 << 12;
	m->table = abl_calloc(m->table_size, sizeof *m->table);
	return m;
}

void abl_merger_destroy(struct abl_merger *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->pair_count; i++)
		free(m->pairs[i].words);
	free(m->symbols);
	free(m->words);
	free(m->pairs);
	free(m->table);
	free(m->heap);
	free(m->grown);
	free(m);
}

static size_t first_place(const struct abl_merger *m, int32_t a, int32_t b)
{
	uint64_t key = (uint64_t)(uint32_t)a << 32 | (uint32_t)b;

	return (key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (m->table_size - 1);
}

static void double_table(struct abl_merger *m)
{
	m->table_size *= 2;
	free(m->table);
	m->table = abl_calloc(m->table_size, sizeof *m->table);
	for (size_t i = 0; i < m->pair_count; i++) {
		size_t at = first_place(m, m->pairs[i].a, m->pairs[i].b);

		while (m->table[at])
			at = (at + 1) & (m->table_size - 1);
		m->table[at] = (uint32_t)i + 1;
	}
}

/* The number of the pair, which is made where there is none yet. */
static uint32_t find_pair(struct abl_merger *m, int32_t a, int32_t b)
{
	size_t at = first_place(m, a, b);

	for (; m->table[at]; at = (at + 1) & (m->table_size - 1)) {
		const struct pair *p = &m->pairs[m->table[at] - 1];

		if (p->a == a && p->b == b)
			return m->table[at] - 1;
	}
	abl_grow(&m->pairs, &m->pair_capacity, m->pair_count + 1, sizeof *m->pairs);
	m->pairs[m->pair_count++] = (struct pair){.a = a, .b = b};
	m->table[at] = (uint32_t)m->pair_count;
	if (2 * m->pair_count > m->table_size)
		double_table(m);
	return (uint32_t)m->pair_count - 1;
}

static void count_pair(struct abl_merger *m, int32_t a, int32_t b, uint32_t word, int64_t change)
{
	uint32_t number = find_pair(m, a, b);
	struct pair *p = &m->pairs[number];

	p->count += change;
	if (change < 0)
		return;
	if (!p->word_count || p->words[p->word_count - 1] != word) {
		abl_grow(&p->words, &p->word_capacity, p->word_count + 1, sizeof *p->words);
		p->words[p->word_count++] = word;
	}
	if (!p->grown) {
		p->grown = true;
		abl_grow(&m->grown, &m->grown_capacity, m->grown_count + 1, sizeof *m->grown);
		m->grown[m->grown_count++] = number;
	}
}

void abl_merger_add(struct abl_merger *m, const int32_t *symbols, size_t length, int64_t count)
{
	uint32_t number = (uint32_t)m->word_count;

	abl_grow(&m->words, &m->word_capacity, m->word_count + 1, sizeof *m->words);
	m->words[m->word_count++] = (struct word){m->symbol_count, (uint32_t)length, count};
	abl_grow(&m->symbols, &m->symbol_capacity, m->symbol_count + length, sizeof *m->symbols);
	for (size_t i = 0; i < length; i++) {
		m->symbols[m->symbol_count++] = symbols[i];
		if (i)
			count_pair(m, symbols[i - 1], symbols[i], number, count);
	}
}

static bool before(const struct entry *x, const struct entry *y)
{
	if (x->count != y->count)
		return x->count > y->count;
	return x->a != y->a ? x->a < y->a : x->b < y->b;
}

static void push(struct abl_merger *m, uint32_t number)
{
	const struct pair *p = &m->pairs[number];
	struct entry e = {p->count, p->a, p->b, number};
	size_t at = m->heap_count;

	abl_grow(&m->heap, &m->heap_capacity, m->heap_count + 1, sizeof *m->heap);
	m->heap_count++;
	for (; at && before(&e, &m->heap[(at - 1) / 2]); at = (at - 1) / 2)
		m->heap[at] = m->heap[(at - 1) / 2];
	m->heap[at] = e;
}

static struct entry pop(struct abl_merger *m)
{
	struct entry top = m->heap[0], last = m->heap[--m->heap_count];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < m->heap_count) {
		if (child + 1 < m->heap_count && before(&m->heap[child + 1], &m->heap[child]))
			child++;
		if (!before(&m->heap[child], &last))
			break;
		m->heap[at] = m->heap[child];
		at = child;
	}
	m->heap[at] = last;
	return top;
}

bool abl_merger_next(struct abl_merger *m, int32_t *a, int32_t *b)
{
	while (m->grown_count) {
		uint32_t number = m->grown[--m->grown_count];

		m->pairs[number].grown = false;
		if (m->pairs[number].count >= ABL_PAIR_LEAST)
			push(m, number);
	}
	while (m->heap_count) {
		struct entry e = pop(m);
		int64_t now = m->pairs[e.pair].count;

		if (now == e.count) {
			*a = e.a;
			*b = e.b;
			return true;
		}
		if (now < e.count && now >= ABL_PAIR_LEAST) /* risen ones are in the heap already */
			push(m, e.pair);
	}
	return false;
}

static void join_in_word(struct abl_merger *m, uint32_t number, int32_t a, int32_t b,
			 int32_t joined)
{
	struct word *w = &m->words[number];
	int32_t *s = m->symbols + w->begin;
	uint32_t out = 0;

	for (uint32_t i = 0; i < w->length; i++) {
		if (s[i] != a || i + 1 == w->length || s[i + 1] != b) {
			s[out++] = s[i];
			continue;
		}
		if (out) {
			count_pair(m, s[out - 1], a, number, -w->count);
			count_pair(m, s[out - 1], joined, number, w->count);
		}
		i++;
		if (i + 1 < w->length) {
			count_pair(m, b, s[i + 1], number, -w->count);
			count_pair(m, joined, s[i + 1], number, w->count);
		}
		s[out++] = joined;
	}
	w->length = out;
}

void abl_merger_join(struct abl_merger *m, int32_t a, int32_t b, int32_t joined)
{
	uint32_t number = find_pair(m, a, b);
	uint32_t *words = m->pairs[number].words;
	size_t count = m->pairs[number].word_count;

	m->pairs[number].words = NULL;
	m->pairs[number].word_count = m->pairs[number].word_capacity = 0;
	for (size_t i = 0; i < count; i++)
		join_in_word(m, words[i], a, b, joined);
	m->pairs[number].count = 0;
	free(words);
}
