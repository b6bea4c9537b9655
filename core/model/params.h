/* SPDX-License-Identifier: Apache-2.0 */
/* params.h - the parameters of a model: named tensors laid into one block, with equal blocks for
 * the gradients and the optimiser's moments. Names are Hugging Face's where they exist. */
#ifndef ABL_PARAMS_H
#define ABL_PARAMS_H

#include "arena.h"
#include "errors.h"
#include "real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum abl_param_start { ABL_START_NORMAL, ABL_START_ZERO, ABL_START_ONE };

struct abl_param {
	char name[96];
	size_t rows, cols; /* a vector has cols 0 */
	size_t count;      /* values: rows * max(cols, 1) */
	size_t offset;     /* in values, from the start of each block */
	int depth; /* 0 embeddings, 1..layers, layers + 1 heads: for freeze and layer_decay */
	bool norm_or_bias; /* not decayed unless asked */
	enum abl_param_start start;
};

struct abl_params {
	struct abl_param *items;
	size_t count, capacity;
	size_t values; /* length of each block */
	struct abl_arena arena;
	real *w, *g, *m,
		*v; /* [values] weights, gradients, first and second moment (NULL if not kept) */
};

/* Declares a tensor, cols 0 for a vector. `joined` puts it right behind the one before, so that q,
 * k and v are one matrix. Returns its index. */
size_t abl_params_add(struct abl_params *p, const char *name, size_t rows, size_t cols, int depth,
		      enum abl_param_start start, bool joined);
/* Reserves the blocks: weights always, gradients and `states` moments when training. */
int abl_params_reserve(struct abl_params *p, bool gradients, int states,
		       struct abl_err *err) ABL_MUST_USE;
void abl_params_finish(struct abl_params *p); /* null-safe */
/* Initial weights of tensor i: normal of deviation `range` cut at two, keyed by (seed, name,
 * place). */
void abl_params_start(struct abl_params *p, size_t i, uint64_t seed, double range);
/* Index of a name, or -1. */
long abl_params_find(const struct abl_params *p, const char *name);

static inline real *abl_weight(const struct abl_params *p, size_t i)
{
	return p->w + p->items[i].offset;
}

static inline real *abl_gradient(const struct abl_params *p, size_t i)
{
	return p->g + p->items[i].offset;
}

#endif
