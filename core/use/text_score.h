/* SPDX-License-Identifier: Apache-2.0 */
/* text_score.h - how well a checkpoint does on a text at what it was pre-trained for: predicting
 * masked tokens (mlm), the next token (lm), or whether a text follows another (nsp). */
#ifndef ABL_TEXT_SCORE_H
#define ABL_TEXT_SCORE_H

#include "corpus.h"
#include "saved.h"

struct abl_compute; /* compute.h */

struct abl_text_score_request {
	const struct abl_compute *compute;
	const struct abl_saved *saved;
	/* what is scored are its held-out documents (held_out.h), with pairs and masks that are
	 * the same for every checkpoint, as pre-training scores its own: 15 % of the tokens, of
	 * which 80 % are shown as [MASK] and 10 % as a random token; single texts for one that
	 * was trained on these (pretrain_data.h) */
	const struct abl_corpus *corpus;
	const char *task;    /* "mlm", "lm" or "nsp" */
	size_t most;         /* sequences at most, spread evenly; 0: all */
	const char *written; /* file for what was scored, or NULL: below */
};

/* Tells "sequences", "tokens" (predicted; not for nsp) and the figures of the task's head
 * (pretrain_score.h). ABL_EINPUT: the checkpoint was not trained for that, or lacks the weights;
 * the text gives no sequence.
 *
 * `written` gets a JSON object a line for each sequence, named as transformers' models take them:
 * "input_ids", "token_type_ids", "labels" (the token wanted, -100 where none is; of lm as of mlm
 * at the place that predicts it) and "next_sentence_label" (1: it is not next; of pairs only). */
int abl_text_score(const struct abl_text_score_request *r,
		   void (*take)(void *data, const char *name, double value), void *data,
		   struct abl_err *err) ABL_MUST_USE;

#endif
