/* SPDX-License-Identifier: Apache-2.0 */
/* clean.h - what BERT does to a text before looking up pieces: drop control characters, cut at
 * white space, make each CJK ideograph and each punctuation mark a word of its own and, for uncased
 * models, decompose (NFD), drop accents and lower the case (Devlin et al. 2019, tokenization.py).
 * Agrees with BertNormalizer and BertPreTokenizer of Hugging Face's tokenizers 0.23 for every code
 * point. */
#ifndef ABL_CLEAN_H
#define ABL_CLEAN_H

#include "errors.h"

#include <stdbool.h>
#include <stddef.h>

#define ABL_WORD_MAX 100 /* code points; a longer word has no pieces: it is [UNK] */

struct abl_word {
	const char *text;  /* cleaned UTF-8, no zero at the end, valid until the next call */
	size_t length;     /* bytes */
	size_t points;     /* code points; above ABL_WORD_MAX, text holds only the first of them */
	size_t begin, end; /* the bytes of the original that it was made of */
};

/* The bytes of the original that one code point of a word came from: those of one code point there.
 */
struct abl_clean_place {
	size_t begin, end;
};

/* Going through a text; to be set up by abl_clean_start(), fields are private. */
struct abl_clean {
	const char *start, *at, *end;
	bool cased;
	size_t length, points; /* of the word in `buffer` */
	size_t settled;        /* bytes of buffer that no later mark can move */
	/* Where the word's code points come from, [ABL_WORD_MAX + 1]; where the word is longer, the
	 * last one is that of its last code point. Set it after abl_clean_start(); NULL: not
	 * wanted. As in Hugging Face's tokenizers an accent that went is part of no code point, and
	 * marks that are put in order leave their places as they were (those that go are left out
	 * before that here, after it there: it differs in texts made for it only). */
	struct abl_clean_place *places;
	char buffer[ABL_WORD_MAX * 4];
};

/* The text must outlive the walk. `cased` keeps case and accents. */
void abl_clean_start(struct abl_clean *c, const char *text, size_t length, bool cased);
/* The next word: 1; the end: 0; ABL_EINPUT: invalid UTF-8. */
int abl_clean_next(struct abl_clean *c, struct abl_word *word, struct abl_err *err) ABL_MUST_USE;

#endif
