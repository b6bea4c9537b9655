/* SPDX-License-Identifier: Apache-2.0 */
#include "vocab_train.h"

#include "clean.h"
#include "hash.h"
#include "pair_merge.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

struct word {
	size_t offset; /* in text */
	uint32_t tag;  /* hash bits */
	uint16_t length;
	int64_t count;
};

struct abl_vocab_trainer {
	bool cased;
	struct abl_str text; /* the different words, end to end */
	struct word *words;
	size_t word_count, word_capacity;
	uint32_t *table; /* word number + 1 by hash, open addressing; 0 = free */
	size_t table_size;
	uint64_t total;
};

/* A character of the words, with how often it occurs and its two pieces. */
struct letter {
	int32_t point;
	int64_t count;
	bool kept, inside; /* in the alphabet; seen after the first character of a word */
	int32_t id, inside_id;
};

struct alphabet {
	struct letter *letters; /* sorted by code point */
	size_t count, capacity;
	uint32_t *at; /* code point -> place in letters + 1 */
};

#define POINTS 0x110000

struct abl_vocab_trainer *abl_vocab_trainer_create(bool cased)
{
	struct abl_vocab_trainer *t = abl_calloc(1, sizeof *t);

	t->cased = cased;
	t->table_size = 1 << 12;
	t->table = abl_calloc(t->table_size, sizeof *t->table);
	return t;
}

void abl_vocab_trainer_destroy(struct abl_vocab_trainer *t)
{
	if (!t)
		return;
	abl_str_finish(&t->text);
	free(t->words);
	free(t->table);
	free(t);
}

static void double_table(struct abl_vocab_trainer *t)
{
	t->table_size *= 2;
	free(t->table);
	t->table = abl_calloc(t->table_size, sizeof *t->table);
	for (size_t i = 0; i < t->word_count; i++) {
		size_t at = t->words[i].tag & (t->table_size - 1);

		while (t->table[at])
			at = (at + 1) & (t->table_size - 1);
		t->table[at] = (uint32_t)i + 1;
	}
}

static void count_word(struct abl_vocab_trainer *t, const char *text, size_t length)
{
	uint32_t tag = (uint32_t)abl_hash64(text, length);
	size_t at = tag & (t->table_size - 1);

	t->total++;
	for (; t->table[at]; at = (at + 1) & (t->table_size - 1)) {
		struct word *w = &t->words[t->table[at] - 1];

		if (w->tag == tag && w->length == length &&
		    !memcmp(t->text.text + w->offset, text, length)) {
			w->count++;
			return;
		}
	}
	abl_grow(&t->words, &t->word_capacity, t->word_count + 1, sizeof *t->words);
	t->words[t->word_count++] = (struct word){t->text.length, tag, (uint16_t)length, 1};
	t->table[at] = (uint32_t)t->word_count;
	abl_str_add(&t->text, text, length);
	if (2 * t->word_count > t->table_size)
		double_table(t);
}

int abl_vocab_trainer_add(struct abl_vocab_trainer *t, const char *text, size_t length,
			  struct abl_err *err)
{
	struct abl_clean clean;
	struct abl_word word;
	int more;

	abl_clean_start(&clean, text, length, t->cased);
	while ((more = abl_clean_next(&clean, &word, err)) > 0)
		if (word.points <= ABL_WORD_MAX)
			count_word(t, word.text, word.length);
	return more;
}

/* The next code point of a word at *at, which moves on. */
static int32_t read_point(const char **at, const char *end)
{
	utf8proc_int32_t point;

	*at += utf8proc_iterate((const utf8proc_uint8_t *)*at, end - *at, &point);
	return point;
}

static int by_point(const void *x, const void *y)
{
	const struct letter *a = x, *b = y;

	return (a->point > b->point) - (a->point < b->point);
}

static int by_count(const void *x, const void *y)
{
	const struct letter *a = x, *b = y;

	return a->count != b->count ? (a->count < b->count) - (a->count > b->count)
				    : by_point(x, y);
}

/* Counts the characters and marks those of the alphabet. */
static void collect_letters(const struct abl_vocab_trainer *t, struct alphabet *abc)
{
	for (size_t i = 0; i < t->word_count; i++) {
		const char *at = t->text.text + t->words[i].offset, *end = at + t->words[i].length;

		while (at < end) {
			int32_t point = read_point(&at, end);

			if (!abc->at[point]) {
				abl_grow(&abc->letters, &abc->capacity, abc->count + 1,
					 sizeof *abc->letters);
				abc->letters[abc->count] = (struct letter){.point = point};
				abc->at[point] = (uint32_t)++abc->count;
			}
			abc->letters[abc->at[point] - 1].count += t->words[i].count;
		}
	}
	qsort(abc->letters, abc->count, sizeof *abc->letters, by_count);
	for (size_t i = 0; i < abc->count; i++)
		abc->letters[i].kept = i < ABL_ALPHABET_MAX;
	qsort(abc->letters, abc->count, sizeof *abc->letters, by_point);
	for (size_t i = 0; i < abc->count; i++)
		abc->at[abc->letters[i].point] = (uint32_t)i + 1;
}

/* The word's letters in out[]; 0 when one of them is not in the alphabet. */
static size_t spell(const struct abl_vocab_trainer *t, const struct word *w, struct alphabet *abc,
		    struct letter *out[ABL_WORD_MAX])
{
	const char *at = t->text.text + w->offset, *end = at + w->length;
	size_t n = 0;

	while (at < end) {
		out[n] = &abc->letters[abc->at[read_point(&at, end)] - 1];
		if (!out[n++]->kept)
			return 0;
	}
	return n;
}

static void mark_inside(const struct abl_vocab_trainer *t, struct alphabet *abc)
{
	struct letter *letters[ABL_WORD_MAX];

	for (size_t i = 0; i < t->word_count; i++)
		for (size_t k = spell(t, &t->words[i], abc, letters); k > 1; k--)
			letters[k - 1]->inside = true;
}

static int add_letter(struct abl_vocab *v, const struct letter *l, bool inside, struct abl_err *err)
{
	char piece[8] = "##";
	char *at = piece + (inside ? 2 : 0);
	size_t width = (size_t)utf8proc_encode_char(l->point, (utf8proc_uint8_t *)at);

	return abl_vocab_add(v, piece, (size_t)(at - piece) + width, err);
}

/* Special pieces, then the alphabet as beginnings of words, then as "##" pieces. */
static int add_alphabet(struct abl_vocab *v, struct alphabet *abc, size_t size, struct abl_err *err)
{
	size_t needed = ABL_SPECIALS;

	for (size_t i = 0; i < abc->count; i++)
		needed += (size_t)abc->letters[i].kept + (size_t)abc->letters[i].inside;
	if (needed > size)
		return abl_err_set(err, ABL_EINPUT,
				   "a vocabulary of %zu tokens is too small: the special tokens "
				   "and the text's characters alone are %zu",
				   size, needed);
	for (int i = 0; i < ABL_SPECIALS; i++)
		if (abl_vocab_add(v, abl_special_text(i), strlen(abl_special_text(i)), err))
			return ABL_EINPUT;
	for (int inside = 0; inside < 2; inside++)
		for (size_t i = 0; i < abc->count; i++) {
			struct letter *l = &abc->letters[i];

			if (!l->kept || (inside && !l->inside))
				continue;
			*(inside ? &l->inside_id : &l->id) = (int32_t)abl_vocab_size(v);
			if (add_letter(v, l, inside, err))
				return ABL_EINPUT;
		}
	return 0;
}

static struct abl_merger *spell_words(const struct abl_vocab_trainer *t, struct alphabet *abc)
{
	struct abl_merger *m = abl_merger_create();
	struct letter *letters[ABL_WORD_MAX];
	int32_t symbols[ABL_WORD_MAX];

	for (size_t i = 0; i < t->word_count; i++) {
		size_t n = spell(t, &t->words[i], abc, letters);

		for (size_t k = 0; k < n; k++)
			symbols[k] = k ? letters[k]->inside_id : letters[k]->id;
		abl_merger_add(m, symbols, n, t->words[i].count);
	}
	return m;
}

/* Joins pairs until the vocabulary is full. Two ways may lead to one piece ("a" + "##bc", "ab" +
 * "##c"): the second one adds nothing to the vocabulary but still joins. */
static int join_pairs(struct abl_vocab *v, struct abl_merger *m, size_t size, struct abl_err *err)
{
	struct abl_str text = {0};
	int32_t a, b, joined;
	int rc = 0;

	while (!rc && abl_vocab_size(v) < size && abl_merger_next(m, &a, &b)) {
		abl_str_clear(&text);
		abl_str_puts(&text, abl_vocab_piece(v, a));
		abl_str_puts(&text, abl_vocab_piece(v, b) + 2);
		joined = abl_vocab_id(v, text.text, text.length);
		if (joined < 0) {
			joined = (int32_t)abl_vocab_size(v);
			rc = abl_vocab_add(v, text.text, text.length, err);
		}
		abl_merger_join(m, a, b, joined);
	}
	abl_str_finish(&text);
	return rc;
}

static void summarise(const struct abl_vocab_trainer *t, const struct alphabet *abc,
		      const struct abl_vocab *v, struct abl_vocab_summary *s)
{
	*s = (struct abl_vocab_summary){
		.words = t->total, .distinct = t->word_count, .pieces = abl_vocab_size(v)};
	for (size_t i = 0; i < abc->count; i++)
		++*(abc->letters[i].kept ? &s->alphabet : &s->dropped);
}

int abl_vocab_trainer_train(struct abl_vocab_trainer *t, size_t size, struct abl_vocab **out,
			    struct abl_vocab_summary *summary, struct abl_err *err)
{
	struct abl_merger *m = NULL;
	struct alphabet abc = {0};
	struct abl_vocab *v;
	int rc;

	if (!t->word_count)
		return abl_err_set(err, ABL_EINPUT, "no words to learn a vocabulary from");
	v = abl_vocab_create();
	abc.at = abl_calloc(POINTS, sizeof *abc.at);
	collect_letters(t, &abc);
	mark_inside(t, &abc);
	rc = add_alphabet(v, &abc, size, err);
	if (rc)
		goto fail;
	m = spell_words(t, &abc);
	rc = join_pairs(v, m, size, err);
	if (!rc)
		rc = abl_vocab_complete(v, err);
	if (rc)
		goto fail;
	if (summary)
		summarise(t, &abc, v, summary);
	*out = v;
	v = NULL;
fail:
	abl_vocab_destroy(v);
	abl_merger_destroy(m);
	free(abc.letters);
	free(abc.at);
	return rc;
}
