/* SPDX-License-Identifier: Apache-2.0 */
#include "wordpiece.h"

#include "clean.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

struct abl_tokenizer {
	const struct abl_vocab *vocab;
	bool cased;
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

	*t = (struct abl_tokenizer){v, cased};
	return t;
}

void abl_tokenizer_destroy(struct abl_tokenizer *t)
{
	free(t);
}

const struct abl_vocab *abl_tokenizer_vocab(const struct abl_tokenizer *t)
{
	return t->vocab;
}

bool abl_tokenizer_cased(const struct abl_tokenizer *t)
{
	return t->cased;
}

/* The longest piece first; a word that cannot be covered is [UNK] as a whole. */
static void encode_word(const struct abl_vocab *v, const struct abl_word *word, struct abl_ids *out)
{
	size_t before = out->count;

	for (size_t at = 0, taken = 0; at < word->length; at += taken) {
		int32_t id = word->points > ABL_WORD_MAX
				     ? -1
				     : abl_vocab_match(v, word->text + at, word->length - at,
						       at > 0, &taken);

		if (id < 0) {
			out->count = before;
			abl_ids_add(out, abl_vocab_special(v, ABL_UNK));
			return;
		}
		abl_ids_add(out, id);
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

int abl_tokenizer_encode(const struct abl_tokenizer *t, const char *text, size_t length,
			 struct abl_ids *out, struct abl_err *err)
{
	const char *at = text, *end = text + length;
	size_t before = out->count;
	struct abl_clean clean;
	struct abl_word word;

	while (at < end) {
		enum abl_special which = ABL_PAD;
		const char *special = find_special(at, end, &which);
		int more;

		abl_clean_start(&clean, at, (size_t)((special ? special : end) - at), t->cased);
		while ((more = abl_clean_next(&clean, &word, err)) > 0)
			encode_word(t->vocab, &word, out);
		if (more < 0) {
			out->count = before;
			return more;
		}
		if (!special)
			break;
		abl_ids_add(out, abl_vocab_special(t->vocab, which));
		at = special + strlen(abl_special_text(which));
	}
	return 0;
}
