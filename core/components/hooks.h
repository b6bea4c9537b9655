/* SPDX-License-Identifier: Apache-2.0 */
/* hooks.h - what a component of each slot gives to the model, the trainer or the data pipeline. All
 * of it is data or plain functions; the users of a hook never ask which component it is. */
#ifndef ABL_HOOKS_H
#define ABL_HOOKS_H

#include "config.h"
#include "kernels.h"
#include "real.h"

#include <stddef.h>
#include <stdint.h>

/* special_tokens: [first] a [between] b [last]; each an enum abl_special (text/vocab.h), -1 =
 * nothing. */
struct abl_special_tokens_hooks {
	int first, between, last;
	bool read_first; /* the sequence is read at its first token, else at its last */
};

/* special_tokens_from */
struct abl_special_tokens_from_hooks {
	bool in_pretraining; /* are they there while pre-training */
};

/* segments: rows of the learned table (0 = no segment embeddings) */
struct abl_segments_hooks {
	int rows;
};

/* positions: added to the embeddings; learned (a table of max_length rows), fixed, or neither. The
 * second hook of positions (rotating q and k) comes with the first component that needs it. */
struct abl_positions_hooks {
	bool learned;
	void (*fixed_row)(int64_t position, int64_t hidden, real *row /* [hidden] */);
};

/* embedding_norm, pretraining: on or not */
struct abl_switch_hooks {
	bool on;
};

/* attention */
struct abl_attention_hooks {
	bool causal; /* a token sees itself and what is before it */
};

/* activation of the feed-forward part and of the MLM transform, by kernels k; y may be x. backward:
 * dx is set, and may be dy. They are called on blocks of rows that are still in cache. */
struct abl_activation_hooks {
	void (*forward)(const struct abl_kernels *k, real *y, const real *x, size_t n);
	void (*backward)(const struct abl_kernels *k, real *dx, const real *dy, const real *x,
			 size_t n);
	const char *hf_name; /* config.json's hidden_act; NULL if the format has none */
};

/* norm over the last dimension, by kernels k; gamma and beta exist when `affine`. forward saves
 * what backward needs in stats [rows, 2]; eps comes from the slot's options; backward: dx is set
 * (not added to), dgamma and dbeta +=, or, where they are NULL, left to gains(): what it adds for
 * the first `width` of the `stride` columns, with the same bits; NULL unless `affine`. */
struct abl_norm_hooks {
	bool affine;
	void (*forward)(const struct abl_kernels *k, real *y, real *stats, const real *x,
			const real *gamma, const real *beta, size_t rows, size_t width, real eps);
	void (*backward)(const struct abl_kernels *k, real *dx, real *dgamma, real *dbeta,
			 const real *dy, const real *x, const real *stats, const real *gamma,
			 size_t rows, size_t width);
	void (*gains)(const struct abl_kernels *k, real *dgamma, real *dbeta, const real *dy,
		      const real *x, const real *stats, size_t rows, size_t width, size_t stride);
};

/* norm_position: where a sub-layer f is normalised: out = after(x * keep + f(before(x))) */
struct abl_norm_position_hooks {
	bool before, after; /* one of the two */
	bool final;         /* one more norm after the last layer */
};

struct abl_residual_hooks {
	real keep; /* 1: x is added to the sub-layer's result; 0: it is not */
};

/* pooler: the vector of a sequence that sentence heads read */
struct abl_pooler_hooks {
	bool dense; /* dense + tanh on it, as BERT does */
	bool mean;  /* mean over all tokens instead of the read position */
};

/* mlm, nsp, lm: the head that is trained, by its name in model/heads */
struct abl_objective_hooks {
	const char *head;
};

/* Shared by all components of a slot, so that a row of the same name means the same field. */
struct abl_mlm_options {
	double rate; /* share of the non-special tokens that are predicted */
	double mask_share, random_share, keep_share; /* what stands there instead; they sum to 1 */
};
struct abl_norm_options {
	double eps; /* added to the variance */
};
struct abl_optimizer_options {
	double weight_decay;
	double beta1, beta2, eps;
	double momentum;
	bool decay_norm_bias; /* decay norm parameters and biases too */
};

/* optimizer: what a step does to a tensor (its factors), and doing it to the tensor or to any part
 * of it. A value's update depends on nothing but the factors, its gradient and its moments; where
 * these are all 0 it is w *= keep. */
struct abl_step {
	double scale; /* gradients are multiplied by this: the clipping factor */
	double rate;  /* learning rate of this tensor now */
	double decay; /* weight decay of this tensor, 0 for those that are not decayed */
	int64_t step; /* from 1 */
};
struct abl_update {
	real *w;       /* [n] parameters, changed */
	const real *g; /* [n] gradients, before clipping */
	real *m, *v;   /* [n] state; NULL beyond `states` */
	size_t n;
};
struct abl_optimizer_hooks {
	int states; /* moment tensors it needs: 0, 1 (m) or 2 (m, v) */
	struct abl_step_factors (*factors)(const struct abl_optimizer_options *o,
					   const struct abl_step *s);
	void (*update)(const struct abl_kernels *k, const struct abl_step_factors *f,
		       const struct abl_update *u);
};

/* schedule: the factor on the learning rate at step 0 .. steps-1; warm-up is a share of the
 * steps */
struct abl_schedule_hooks {
	double (*factor)(int64_t step, int64_t steps, double warmup);
};

/* placebo */
struct abl_placebo_hooks {
	uint64_t salt; /* mixed into the seed of every random stream; 0 = nothing */
};

#define ABL_HOOKS(config, SLOT, name) \
	((const struct abl_##name##_hooks *)(config)->slot[SLOT].component->hooks)

/* The linear ramp that all schedules begin with; then 1. */
double abl_warmup_factor(int64_t step, int64_t steps, double warmup);

#endif
