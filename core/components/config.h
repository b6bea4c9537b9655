/* SPDX-License-Identifier: Apache-2.0 */
/* config.h - one full configuration (a variant, without its seed): flat, typed, strict.
 *
 * Only core/ and what builds the native stages know the struct; all others know it as values of the
 * native space (native_space.h). Its keys are the one list that the study-file parser, `ablate
 * components`, did-you-mean, the stage hashes, the results database and the docs read. Model keys
 * apply to both training stages; a bare recipe key means fine-tuning and the prefix `pretrain_` the
 * same thing in pre-training.
 */
#ifndef ABL_CONFIG_H
#define ABL_CONFIG_H

#include "component.h"
#include "space.h"

#include <stdbool.h>

struct abl_choice {
	const struct abl_component *component;
	_Alignas(8) unsigned char options[ABL_COMPONENT_OPTIONS]; /* the component's own struct */
};

/* How one training stage is run. */
struct abl_recipe {
	double learning_rate;
	double warmup; /* share of the steps, [0, 1) */
	double clip;   /* global gradient norm; 0 = no clipping */
	double epochs; /* used when steps is 0 */
	double dropout;
	double attention_dropout;
	double layer_decay;   /* learning rate factor per layer below the top, (0, 1] */
	double fraction;      /* share of the training data used, by hash of document or example */
	int64_t steps;        /* optimiser steps; 0 = by epochs */
	int64_t batch_size;   /* sequences; used when batch_tokens is 0 */
	int64_t batch_tokens; /* tokens with specials, by accumulation; 0 = by batch_size */
	int64_t freeze;     /* the lowest n layers and the embeddings stay as they are; 0 = none */
	int64_t init_seed;  /* of the initial weights; 0 = the trial's seed, like the two below */
	int64_t order_seed; /* of order, pairs and masks */
	int64_t dropout_seed;   /* of dropout */
	const char *select;     /* fine-tuning: "last", "best", "best_dev"; NULL in pre-training */
	int64_t early_stopping; /* fine-tuning: evaluations without a better one; 0 = no end */
	struct abl_choice optimizer, schedule;
};

struct abl_config {
	struct abl_choice slot[ABL_FIRST_RECIPE_SLOT];
	int64_t layers, hidden, heads, ffn_size; /* heads, ffn_size: 0 until abl_config_resolve() */
	int64_t vocab_size, max_length;
	double init_range;
	double short_seq_rate;
	/* Pre-training in two parts (BERT: 90 % of the steps at 128, the rest at 512): the recipe's
	 * steps at first_length, then long_steps at max_length. 0: in one. */
	int64_t first_length, long_steps;
	bool cased;
	const char *sentences; /* "split" or "lines" */
	const char *precision; /* "fp32" or "bf16" */
	const char *tuning;    /* "per-task", "shared" or "off" */
	struct abl_recipe pretrain, finetune;
};

/* The keys, in the order of every listing. */
const struct abl_key *const *abl_config_keys(size_t *count);
const struct abl_key *abl_config_key(const char *name); /* NULL if there is none */
/* The slot that it chooses for, or whose component owns it; -1: neither. */
int abl_key_slot(const struct abl_key *key);

void abl_config_init(struct abl_config *c); /* every key at its default; plain data, copy with = */
void abl_config_get(const struct abl_config *c, const struct abl_key *key, struct abl_value *out);
/* Type and range are checked. The order of calls does not matter: choosing a component keeps what
 * was set for options of its slot. */
int abl_config_set(struct abl_config *c, const struct abl_key *key, const struct abl_value *value,
		   struct abl_err *err) ABL_MUST_USE;
/* Does the key do anything in c? Options of components not chosen, and everything of pre-training
 * when there is none, are inactive: they are not hashed and make no new trials. */
bool abl_config_active(const struct abl_config *c, const struct abl_key *key);

/* Fills what follows from other values (heads, ffn_size), applies `implies` rows of constraints.def
 * and refuses what cannot be combined (`needs`, `conflicts`, hidden not divisible by heads). r (may
 * be NULL) hears one line for each change that the user did not write. */
int abl_config_resolve(struct abl_config *c, struct abl_resolving *r,
		       struct abl_err *err) ABL_MUST_USE;

static inline const struct abl_component *abl_chosen(const struct abl_config *c, enum abl_slot slot)
{
	return c->slot[slot].component;
}
bool abl_config_is(const struct abl_config *c, enum abl_slot slot, const char *name);

#endif
