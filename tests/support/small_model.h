/* SPDX-License-Identifier: Apache-2.0 */
/* small_model.h - what tests of the model share: a small configuration, a vocabulary, a batch. */
#ifndef ABL_TEST_SMALL_MODEL_H
#define ABL_TEST_SMALL_MODEL_H

#include "batch.h"
#include "model.h"

#define PIECES 30 /* of the vocabulary: the eight special ones, then words */

void small_vocab_make(void); /* for small_batch(); ends the test program when it cannot */
void small_vocab_drop(void);
void small_config(struct abl_config *c);
/* Chooses a component for its slot; false when the slot does not take it. */
bool small_choose(struct abl_config *c, const struct abl_component *x);
/* Three sequences: a pair, one text, a longer pair; token targets as `lm` or as masks have them.
 * Ends with abl_batch_finish(). */
void small_batch(struct abl_batch *b, const struct abl_config *c, bool pretraining);
/* One text for each length, cut off there; every seventh token is a target. */
void small_long_batch(struct abl_batch *b, const struct abl_config *c, const int32_t *text,
		      const size_t *lengths, size_t count);
/* The model with the heads that c trains in that stage. */
struct abl_model *small_model(const struct abl_compute *compute, const struct abl_config *c,
			      bool pretraining);
/* With what becomes of attention's weights chosen. */
struct abl_model *small_attention_model(const struct abl_compute *compute,
					const struct abl_config *c, bool pretraining,
					enum abl_attention_weights weights);
enum { SMALL_HEADS = 5 }; /* classify, regress, choice, tag, span */
/* The model of one of these heads, and a batch with its labels; resolves c. */
struct abl_model *small_head_model(const struct abl_compute *compute, struct abl_config *c,
				   struct abl_batch *b, size_t head);

#endif
