/* SPDX-License-Identifier: Apache-2.0 */
#include "wordpiece.h"

#include "clean.h"
#include "str.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

struct abl_tokenizer {
	const struct abl_vocab *vocab;
	bool cased;
	abl_text_hook *hook; /* NULL: nobody listens */
	void *data;
};

void abl_ids_finish(struct abl_ids *ids)
{
	if (!ids)
		return;
	free(ids->items);
	*ids = (struct abl_ids){0};
}

void abl_ids_add(struct abl_ids *ids, int32_t id)
{
	if (ids->count == ids->capacity)
		abl_grow(&ids->items, &ids->capacity, ids->count + 1, sizeof *ids->items);
	ids->items[ids->count++] = id;
}

struct abl_tokenizer *abl_tokenizer_create(const struct abl_vocab *v, bool cased)
{
	struct abl_tokenizer *t = abl_malloc(sizeof *t);

	*t = (struct abl_tokenizer){.vocab = v, .cased = cased};
	return t;
}

void abl_tokenizer_listen(struct abl_tokenizer *t, abl_text_hook *hook, void *data)
{
	t->hook = hook;
	t->data = data;
}

void abl_tokenizer_destroy(struct abl_tokenizer *t)
{
	free(t);
}

const struct abl_vocab *abl_tokenizer_vocab(const struct abl_tokenizer *t)
{
	return t->vocab;
}

void abl_piece_places_finish(struct abl_piece_places *p)
{
	if (!p)
		return;
	free(p->items);
	*p = (struct abl_piece_places){0};
}

/* Where pieces go: their ids and, where they are wanted, their places. */
struct sink {
	struct abl_ids *ids;
	struct abl_piece_places *places; /* NULL: not wanted */
	size_t start;                    /* of the part that is being read, in the text */
};

static void add_piece(struct sink *to, int32_t id, size_t begin, size_t end)
{
	struct abl_piece_places *p = to->places;

	abl_ids_add(to->ids, id);
	if (!p)
		return;
	abl_grow(&p->items, &p->capacity, p->count + 1, sizeof *p->items);
	p->items[p->count++] = (struct abl_piece_place){(uint32_t)(to->start + begin),
							(uint32_t)(to->start + end)};
}

/* The longest piece first; a word that cannot be covered is [UNK] as a whole. `from`: the places of
 * its code points, or NULL. */
static void encode_word(const struct abl_vocab *v, const struct abl_word *word,
			const struct abl_clean_place *from, struct sink *to)
{
	size_t before = to->ids->count, point = 0;

	for (size_t at = 0, taken = 0; at < word->length; at += taken) {
		int32_t id = word->points > ABL_WORD_MAX
				     ? -1
				     : abl_vocab_match(v, word->text + at, word->length - at,
						       at > 0, &taken);
		size_t first = point;

		if (id < 0) {
			size_t last = word->points > ABL_WORD_MAX ? ABL_WORD_MAX : word->points - 1;

			if (to->places)
				to->places->count -= to->ids->count - before;
			to->ids->count = before;
			add_piece(to, abl_vocab_special(v, ABL_UNK), from ? from[0].begin : 0,
				  from ? from[last].end : 0);
			return;
		}
		point += from ? abl_utf8_points(word->text + at, taken) : 0;
		add_piece(to, id, from ? from[first].begin : 0, from ? from[point - 1].end : 0);
	}
}

/* The first of BERT's special pieces written out at or after `text`; NULL if there is none. */
static const char *find_special(const char *text, const char *end, enum abl_special *which)
{
	while (text < end && (text = memchr(text, '[', (size_t)(end - text)))) {
		for (*which = ABL_PAD; *which <= ABL_MASK; ++*which) {
			const char *name = abl_special_text(*which);
			size_t length = strlen(name);

			if ((size_t)(end - text) >= length && !memcmp(text, name, length))
				return text;
		}
		text++;
	}
	return NULL;
}

static int encode(const struct abl_tokenizer *t, const char *text, size_t length, struct sink *to,
		  struct abl_err *err)
{
	const char *at = text, *end = text + length;
	size_t before = to->ids->count, places_before = to->places ? to->places->count : 0;
	struct abl_clean_place from[ABL_WORD_MAX + 1];
	struct abl_clean clean;
	struct abl_word word;
	int heard = t->hook ? t->hook(t->data, text, length, err) : 0;

	if (heard)
		return heard;
	while (at < end) {
		enum abl_special which = ABL_PAD;
		const char *special = find_special(at, end, &which);
		int more;

		abl_clean_start(&clean, at, (size_t)((special ? special : end) - at), t->cased);
		clean.places = to->places ? from : NULL;
		to->start = (size_t)(at - text);
		while ((more = abl_clean_next(&clean, &word, err)) > 0)
			encode_word(t->vocab, &word, clean.places, to);
		if (more < 0) {
			to->ids->count = before;
			if (to->places)
				to->places->count = places_before;
			return more;
		}
		if (!special)
			break;
		to->start = (size_t)(special - text);
		length = strlen(abl_special_text(which));
		add_piece(to, abl_vocab_special(t->vocab, which), 0, length);
		at = special + length;
	}
	return 0;
}

int abl_tokenizer_encode(const struct abl_tokenizer *t, const char *text, size_t length,
			 struct abl_ids *out, struct abl_err *err)
{
	return encode(t, text, length, &(struct sink){.ids = out}, err);
}

int abl_tokenizer_encode_places(const struct abl_tokenizer *t, const char *text, size_t length,
				struct abl_ids *out, struct abl_piece_places *places,
				struct abl_err *err)
{
	return encode(t, text, length, &(struct sink){.ids = out, .places = places}, err);
}
