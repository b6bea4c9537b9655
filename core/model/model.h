/* SPDX-License-Identifier: Apache-2.0 */
/* model.h - the encoder of a configuration (Devlin et al. 2019, and each ablation of it) with its
 * heads.
 *
 * One micro-batch goes through at a time: dense layers run over all its tokens at once, attention
 * over each sequence alone, the last layer only on the rows that a head reads. All exact: the
 * gradients are those of the padded textbook form. */
#ifndef ABL_MODEL_H
#define ABL_MODEL_H

#include "batch.h"
#include "compute.h"
#include "config.h"
#include "params.h"

struct abl_model; /* model_internal.h */

/* A head: what is predicted from the encodings, and its loss. */
enum { ABL_HEADS_MAX = 3 };
enum { ABL_LOGIT_ROWS = 256 };              /* targets whose logits are held at once, at most */
#define ABL_KEPT_WEIGHTS ((size_t)32 << 20) /* bytes of attention weights that are kept at most */
struct abl_head_request {
	const char *name; /* "mlm", "lm", "nsp"; "classify", "regress", "choice", "tag", "span" */
	int classes;      /* classify, tag: how many; else 0 */
};

/* Attention's weights in fp32 on the way back, the same bits: as forward made them, or made again.
 * By size: kept where a micro-batch has few of them in all layers together. */
enum abl_attention_weights { ABL_WEIGHTS_BY_SIZE, ABL_WEIGHTS_KEPT, ABL_WEIGHTS_AGAIN };

struct abl_model_request {
	const struct abl_compute *compute; /* the caller's; lives longer than the model */
	const struct abl_config *config;   /* resolved; copied */
	size_t vocab_size;
	struct abl_head_request heads[ABL_HEADS_MAX];
	size_t head_count;
	bool train;        /* gradients and moments are kept */
	bool dense_update; /* a step updates all word embeddings at once (lazy.h); same bits */
	enum abl_attention_weights attention_weights;
	bool pretraining;     /* whose recipe's dropout is used */
	size_t max_tokens;    /* of a micro-batch */
	size_t max_sequences; /* of a micro-batch */
	uint64_t seed;        /* of the initial weights */
	bool undrawn; /* they stay 0: a checkpoint is loaded next, which draws what it lacks */
	uint64_t dropout_seed;
};

/* Sizes everything, reserves it, draws the initial weights unless they are not wanted. */
int abl_model_create(struct abl_model **out, const struct abl_model_request *r,
		     struct abl_err *err) ABL_MUST_USE;
void abl_model_destroy(struct abl_model *m); /* null-safe */
/* Draws the initial weights of parameter `i`. */
void abl_model_draw(struct abl_model *m, size_t i);
bool abl_model_is_drawn(const struct abl_model *m); /* not asked for as `undrawn` */
/* All weights, gradients and moments as they are after the last step, which is true until the
 * next one. To write to: the copies of weights that products keep are made anew after each
 * call. */
struct abl_params *abl_model_params(struct abl_model *m);
const struct abl_config *abl_model_config(const struct abl_model *m);
const struct abl_compute *abl_model_compute(const struct abl_model *m);
size_t abl_model_parameters(const struct abl_model *m, bool with_embeddings);

/* The row that fixed positions add to the embeddings there: row [hidden]. */
void abl_fixed_position(const struct abl_config *c, int64_t position, real *row);

/* Values of pass.scores for that many tokens and sequences. */
size_t abl_head_scores(const struct abl_head_request *h, size_t tokens, size_t sequences);
/* Does the head read one vector a sequence, from the pooler? */
bool abl_head_reads_pooled(const struct abl_head_request *h);

/* What one pass over a micro-batch is for, and what came out. */
struct abl_pass {
	bool train;   /* dropout is on and gradients are added to the parameters' */
	int64_t step; /* names the dropout masks */
	/* losses are means over the whole batch: 1 / its targets, 1 / its sequences (0: no
	 * gradient) */
	double token_scale, sequence_scale;
	double loss; /* the whole loss, scaled as above; added to */
	/* NULL, or what the (only) head says. classify: [sequences, classes] probabilities;
	 * regress: [sequences]; choice: [sequences] probabilities, each among its item's; tag:
	 * [targets, classes] probabilities; span: [targets, 2] logits of the start and of the end;
	 * mlm, lm: [targets, vocabulary] probabilities */
	real *scores;
	struct abl_head_result { /* per head, added to */
		double loss;     /* sum over targets of the natural-log loss, unscaled */
		size_t targets, correct;
	} head[ABL_HEADS_MAX];
};
void abl_model_pass(struct abl_model *m, const struct abl_batch *batch, struct abl_pass *pass);

/* Runs the encoder over all tokens without dropout. */
void abl_model_encode(struct abl_model *m, const struct abl_batch *batch);
/* What a layer gave in that run, [tokens, hidden]: 0 the embeddings, 1 the first layer, ..., the
 * number of layers the last one. The model's memory, until the next call or run. */
const real *abl_model_layer(struct abl_model *m, size_t layer);

#endif
