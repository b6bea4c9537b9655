/* SPDX-License-Identifier: Apache-2.0 */
/* clean.h - what BERT does to a text before looking up pieces: drop control characters, cut at white
 * space, make each CJK ideograph and each punctuation mark a word of its own and, for uncased models,
 * decompose (NFD), drop accents and lower the case. Agrees with BertNormalizer and BertPreTokenizer of
 * Hugging Face's tokenizers 0.23 (transformers 5) for every code point. */
#ifndef ABL_CLEAN_H
#define ABL_CLEAN_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

/* One word after clean-up: UTF-8, no zero at the end, valid during the call only. `points` = its code
 * points. */
struct abl_word {
	const char *text;
	size_t length, points;
};

/* Calls `each` for every word of `length` bytes of UTF-8. ABL_EINPUT: invalid UTF-8; nothing was called. */
int abl_clean_words(const char *text, size_t length, bool cased,
		    void (*each)(void *data, const struct abl_word *word), void *data,
		    struct abl_err *err) ABL_MUST_USE;

#endif
