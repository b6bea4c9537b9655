/* SPDX-License-Identifier: Apache-2.0 */
/* pretrain_score.h - how well the heads of pre-training do on sequences of a text. */
#ifndef ABL_PRETRAIN_SCORE_H
#define ABL_PRETRAIN_SCORE_H

#include "model.h"
#include "pretrain_data.h"

/* What is scored: an epoch of `data` that has begun, every `every`th item of it, by a model that
 * holds micro-batches of as many tokens and sequences as `batch`. */
struct abl_pretrain_scoring {
	struct abl_model *model;
	struct abl_pretrain_data *data;
	struct abl_batch *batch;
	const struct abl_vocab *vocab;
	size_t every;                 /* from abl_pretrain_every() */
	bool (*stopping)(void *data); /* asked between passes, or NULL */
	void *stopping_data;
	/* hears each micro-batch before it is scored, or NULL */
	int (*hear)(void *data, const struct abl_batch *b, struct abl_err *err);
	void *hear_data;
};

struct abl_pretrain_scores {
	struct abl_head_result head[ABL_HEADS_MAX]; /* in the order of the model's heads */
	double points;                              /* code points of the predicted tokens */
	size_t items, random; /* scored; nsp: those of class 1, whose second text is not next */
};

/* Of how many items one is scored, so that about `most` are, spread evenly; 1: all. */
size_t abl_pretrain_every(size_t items, size_t most);
/* Dropout is off. ABL_ESTOP when asked to stop; what `hear` returns. */
int abl_pretrain_score(const struct abl_pretrain_scoring *s, struct abl_pretrain_scores *out,
		       struct abl_err *err) ABL_MUST_USE;
/* Mean loss in nats over the targets of one head. */
double abl_pretrain_loss(const struct abl_head_result *h);
/* The figures of the head of that name by their full names: mlm_loss, mlm_accuracy,
 * mlm_perplexity and mlm_bits_per_character (lm likewise), or nsp_loss, nsp_accuracy and
 * nsp_majority. The names keep masked and left-to-right perplexities apart, which cannot be
 * compared. None where the head has no target. */
void abl_pretrain_figures(const struct abl_pretrain_scores *t, const char *head,
			  const struct abl_head_result *h,
			  void (*take)(void *data, const char *name, double value), void *data);

#endif
