/* SPDX-License-Identifier: Apache-2.0 */
/* batch.h - a ragged batch: sequences laid end to end, no padding anywhere. */
#ifndef ABL_BATCH_H
#define ABL_BATCH_H

#include "config.h"
#include "real.h"

#include <stddef.h>
#include <stdint.h>

struct abl_vocab;

struct abl_batch {
	size_t sequences, tokens;
	size_t targets;      /* token targets */
	int32_t *piece;      /* [tokens] ids */
	uint8_t *segment;    /* [tokens] 0 or 1 */
	uint32_t *position;  /* [tokens] within its sequence */
	uint64_t *example;   /* [tokens] id of its sequence, names its random streams */
	int32_t *offset;     /* [sequences + 1] first token of each sequence */
	int32_t *read;       /* [sequences] token where the sequence is read */
	int32_t *label;      /* [sequences] class; span: the answer's first token, counted from the
				sequence's own first; choice: the right one, at an item's first
				sequence; -1 = none */
	int32_t *answer_end; /* [sequences] span: the answer's last token, counted likewise */
	real *value;     /* [sequences] regression: the gold number (label 0 says there is one) */
	uint8_t *joined; /* [sequences] 1 = belongs to the item of the sequence before: a further
			    choice of one question. Items are never divided */
	/* token targets: what mlm, lm and tag predict there (a token, a tag; tag: -1 = not known);
	 * span: the tokens that an answer may begin or end at */
	int32_t *target_row;   /* [targets] token, ascending */
	int32_t *target_piece; /* [targets] */
	size_t token_capacity, sequence_capacity;
};

/* Room for that many tokens and sequences (targets as many as tokens). */
int abl_batch_init(struct abl_batch *b, size_t tokens, size_t sequences,
		   struct abl_err *err) ABL_MUST_USE;
void abl_batch_finish(struct abl_batch *b); /* null-safe */
void abl_batch_clear(struct abl_batch *b);

/* How sequences are put together in a configuration: special tokens, and where they are read. */
struct abl_layout {
	int32_t first, between, last; /* token ids, -1 = nothing */
	bool read_first;
	size_t max_length;
};
/* `pretraining`: of that stage (special_tokens_from may keep the specials out of it). ABL_EINPUT
 * when the vocabulary lacks a special token that is needed. */
int abl_layout_init(struct abl_layout *l, const struct abl_config *c, const struct abl_vocab *v,
		    bool pretraining, struct abl_err *err) ABL_MUST_USE;
/* One more token target, behind those that are there. */
void abl_batch_add_target(struct abl_batch *b, size_t token, int32_t what);
/* Special tokens around one text, or two. */
size_t abl_layout_specials(const struct abl_layout *l, bool pair);

/* What becomes a sequence: the tokens of one text or two, lent for the call. */
struct abl_sequence {
	const int32_t *a, *b;
	size_t a_length, b_length;
	bool pair;        /* two texts, even if they are empty */
	uint64_t example; /* names its random streams */
	int32_t label;    /* as in a batch; -1: none */
};
/* Tokens where a sequence and its texts begin. */
struct abl_sequence_place {
	size_t start, a, b;
};
/* Appends [first] a [between] b [last]. Texts longer than max_length lose tokens at the end of the
 * longer one (transformers' longest_first). The batch must have room. */
struct abl_sequence_place abl_batch_add(struct abl_batch *b, const struct abl_layout *l,
					const struct abl_sequence *s);

#endif
