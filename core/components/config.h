/* SPDX-License-Identifier: Apache-2.0 */
/* config.h - one full configuration (a variant, without its seed): flat, typed, strict.
 *
 * The key table is the one list that the study-file parser, `ablate components`, did-you-mean, the
 * stage hashes, the results database and the docs read: every slot, every hyperparameter, every
 * option of every component. Model keys apply to both training stages; a bare recipe key means
 * fine-tuning and the prefix `pretrain_` the same thing in pre-training. */
#ifndef ABL_CONFIG_H
#define ABL_CONFIG_H

#include "component.h"

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
	int64_t batch_tokens; /* pieces with specials, by accumulation; 0 = by batch_size */
	int64_t freeze;     /* the lowest n layers and the embeddings stay as they are; 0 = none */
	int64_t init_seed;  /* of the initial weights; 0 = the trial's seed, like the two below */
	int64_t order_seed; /* of order, pairs and masks */
	int64_t dropout_seed; /* of dropout */
	struct abl_choice optimizer, schedule;
};

struct abl_config {
	struct abl_choice slot[ABL_FIRST_RECIPE_SLOT];
	int64_t layers, hidden, heads, ffn_size; /* heads, ffn_size: 0 until abl_config_resolve() */
	int64_t vocab_size, max_length;
	double init_range;
	double short_seq_rate;
	bool cased;
	const char *sentences; /* "split" or "lines" */
	const char *precision; /* "fp32" or "bf16" */
	const char *tuning;    /* "per-task", "shared" or "off" */
	struct abl_recipe pretrain, finetune;
};

/* Which part of a configuration a key writes to. */
enum abl_scope { ABL_SCOPE_MODEL, ABL_SCOPE_FINETUNE, ABL_SCOPE_PRETRAIN };

struct abl_key {
	const char *name; /* as in the study file, prefix included */
	enum abl_scope scope;
	int slot;     /* the slot it chooses for, or whose component owns it; -1 */
	bool is_slot; /* chooses the component of `slot` */
	/* the row; for a slot key a choice made of its components */
	const struct abl_option *option;
	unsigned stages; /* enum abl_stage_bit */
};

size_t abl_key_count(void);
const struct abl_key *abl_key_at(size_t i);
const struct abl_key *abl_key_find(const char *name); /* NULL if there is none */
const char *abl_key_nearest(const char *name);        /* NULL if none is near */

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
 * and refuses what cannot be combined (`needs`, `conflicts`, hidden not divisible by heads).
 * `implied` (may be NULL) is called with one line for each change that the user did not write. */
int abl_config_resolve(struct abl_config *c, void (*implied)(void *, const char *line), void *data,
		       struct abl_err *err) ABL_MUST_USE;

/* Adds "key=value\n" to out for every active key that affects one of `stages` and differs from its
 * default, sorted by name, and "key:component/version\n" for each active component above version 1:
 * the canonical text that stage keys are hashes of. */
struct abl_str;
void abl_config_canonical(const struct abl_config *c, unsigned stages, struct abl_str *out);

static inline const struct abl_component *abl_chosen(const struct abl_config *c, enum abl_slot slot)
{
	return c->slot[slot].component;
}
bool abl_config_is(const struct abl_config *c, enum abl_slot slot, const char *name);

#endif
