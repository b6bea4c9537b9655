/* SPDX-License-Identifier: Apache-2.0 */
/* vocab_train.h - learns a WordPiece vocabulary from text: counts words (cut as in clean.h), then
 * joins the most frequent pair of neighbouring pieces until the vocabulary is full. This is byte
 * pair encoding (Sennrich et al. 2016) with "##" pieces, the rule of BertWordPieceTrainer in
 * Hugging Face's tokenizers; Google never published BERT's own trainer. Deterministic: equal counts
 * go to the older pieces, and the order of the texts does not matter. */
#ifndef ABL_VOCAB_TRAIN_H
#define ABL_VOCAB_TRAIN_H

#include "errors.h"
#include "vocab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABL_ALPHABET_MAX 1000 /* the most frequent characters; words with others are left out */

struct abl_vocab_trainer;

struct abl_vocab_summary {
	uint64_t words;    /* counted */
	uint64_t distinct; /* different ones */
	size_t alphabet;   /* characters kept */
	size_t dropped;    /* characters seen but not kept */
	size_t pieces;     /* of the finished vocabulary */
};

struct abl_vocab_trainer *abl_vocab_trainer_create(bool cased);
void abl_vocab_trainer_destroy(struct abl_vocab_trainer *t); /* null-safe */
/* Counts the words of a line. ABL_EINPUT: invalid UTF-8. */
int abl_vocab_trainer_add(struct abl_vocab_trainer *t, const char *text, size_t length,
			  struct abl_err *err) ABL_MUST_USE;
/* Makes a complete vocabulary of `size` pieces: the eight special ones, the alphabet (each
 * character by itself and, where it was seen inside a word, after "##"), then joins. Fewer come out
 * when no pair is left that occurs twice. ABL_EINPUT: no words were added, or `size` is too small
 * for the special pieces and the alphabet; the message says how many are needed. `summary` may be
 * NULL. The trainer can be used again. *out is the caller's. */
int abl_vocab_trainer_train(struct abl_vocab_trainer *t, size_t size, struct abl_vocab **out,
			    struct abl_vocab_summary *summary, struct abl_err *err) ABL_MUST_USE;

#endif
