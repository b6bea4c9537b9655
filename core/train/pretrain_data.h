/* SPDX-License-Identifier: Apache-2.0 */
/* pretrain_data.h - sequences for pre-training: pairs of the corpus with masks or next-token
 * targets. With `lm` and without `nsp` they are single texts, in training and in the evaluation:
 * the second segment is unknown to such a model, and pairs would measure that (GPT reads on, too).
 */
#ifndef ABL_PRETRAIN_DATA_H
#define ABL_PRETRAIN_DATA_H

#include "corpus.h"
#include "loop.h"
#include "masking.h"
#include "pairs.h"
#include "vocab.h"

struct abl_pretrain_data {
	const struct abl_corpus *corpus;
	struct abl_pairs pairs;
	struct abl_pairs_rule rule;
	struct abl_mask_rule masks;
	struct abl_layout layout;
	uint64_t pairs_key, masks_key;
	uint64_t epoch;
	bool masked;        /* mlm targets */
	bool left_to_right; /* lm targets */
	bool held_out;      /* fixed pairs and masks, equal for all variants that read pairs */
	uint8_t *special;   /* [vocab] is the token a special one */
	int32_t *ordinary;  /* [ordinary_count] the others: what random tokens are drawn from */
	int32_t *pieces;    /* [max_length] scratch */
	struct abl_mask *chosen; /* [max_length] scratch */
};

/* What the sequences come from, for training under `seed` or for the evaluation. */
struct abl_pretrain_request {
	const struct abl_corpus *corpus; /* outlives the data */
	const struct abl_vocab *vocab;
	const struct abl_config *config;
	uint64_t seed;
	bool held_out; /* the evaluation's */
};
int abl_pretrain_data_init(struct abl_pretrain_data *d, const struct abl_pretrain_request *r,
			   struct abl_err *err) ABL_MUST_USE;
void abl_pretrain_data_finish(struct abl_pretrain_data *d); /* null-safe */
/* The hooks of a struct abl_source whose data is a struct abl_pretrain_data. */
size_t abl_pretrain_begin_epoch(void *data, uint64_t epoch);
void abl_pretrain_put(void *data, size_t item, struct abl_batch *b);

/* The heads of the configuration's objectives, into heads[ABL_HEADS_MAX]; returns how many. */
size_t abl_pretrain_heads(const struct abl_config *c, struct abl_head_request *heads);

#endif
