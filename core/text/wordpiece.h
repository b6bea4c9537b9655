/* SPDX-License-Identifier: Apache-2.0 */
/* wordpiece.h - text to piece ids: BERT's basic tokenisation (clean.h), then the longest piece
 * first (Devlin et al. 2019; Wu et al. 2016). Gives the ids of BertTokenizer of the Python package
 * transformers 5, without its [CLS] and [SEP]. Like there, "[CLS]", "[SEP]", "[MASK]", "[UNK]" and
 * "[PAD]" written out in a text are those pieces; GPT's three ("<start>" ...) never come out of
 * text. */
#ifndef ABL_WORDPIECE_H
#define ABL_WORDPIECE_H

#include "errors.h"
#include "vocab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_ids { /* growable; zero-initialise, end with abl_ids_finish() */
	int32_t *items;
	size_t count, capacity;
};
void abl_ids_finish(struct abl_ids *ids); /* null-safe; the struct can be used again */
void abl_ids_add(struct abl_ids *ids, int32_t id);

/* Reads the vocabulary, which must be complete and outlive it; nothing in a tokenizer changes by
 * use, so threads may share one. */
struct abl_tokenizer;

/* `cased` keeps case and accents. Ends with abl_tokenizer_destroy(). */
struct abl_tokenizer *abl_tokenizer_create(const struct abl_vocab *v, bool cased);
void abl_tokenizer_destroy(struct abl_tokenizer *t); /* null-safe */
const struct abl_vocab *abl_tokenizer_vocab(const struct abl_tokenizer *t);

/* From now on each text goes to `hook` before it is cut: what wants to see the texts of a task lets
 * the task read them by such a tokenizer. A result that is not 0 ends the encoding and is passed
 * on. */
typedef int abl_text_hook(void *data, const char *text, size_t length, struct abl_err *err);
void abl_tokenizer_listen(struct abl_tokenizer *t, abl_text_hook *hook, void *data);

/* Appends the ids of `length` bytes of UTF-8 to out. Adds no [CLS], no [SEP]. ABL_EINPUT: invalid
 * UTF-8 (out is then as it was). */
int abl_tokenizer_encode(const struct abl_tokenizer *t, const char *text, size_t length,
			 struct abl_ids *out, struct abl_err *err) ABL_MUST_USE;

/* Where pieces come from, in bytes of the original text. */
struct abl_piece_place {
	uint32_t begin, end;
};
struct abl_piece_places { /* growable; zero-initialise, end with abl_piece_places_finish() */
	struct abl_piece_place *items;
	size_t count, capacity;
};
void abl_piece_places_finish(struct abl_piece_places *p); /* null-safe */

/* The same and, for each piece appended to out, its place appended to *places: from the first byte
 * of the code point that the piece's first character came from to the last one of its last
 * character's (the offset mapping of transformers, there in code points: utf8.h converts). The text
 * is shorter than 4 GiB. On failure both are as they were. */
int abl_tokenizer_encode_places(const struct abl_tokenizer *t, const char *text, size_t length,
				struct abl_ids *out, struct abl_piece_places *places,
				struct abl_err *err) ABL_MUST_USE;

#endif
