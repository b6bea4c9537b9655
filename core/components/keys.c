/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c - the key table, made once from the slots, the rows below and the components' own rows. */
#include "config.h"
#include "str.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#define MODEL(field) .offset = offsetof(struct abl_config, field)
#define RECIPE(field) .offset = offsetof(struct abl_recipe, field)

static const char *const sentence_rules[] = {"split", "lines", NULL};
static const char *const precisions[] = {"fp32", "bf16", NULL};
static const char *const tunings[] = {"per-task", "shared", "off", NULL};

static const struct abl_option model_rows[] = {
	{.name = "layers",
	 .type = ABL_INT,
	 MODEL(layers),
	 .def = 2,
	 .min = 1,
	 .max = 48,
	 .stages = ABL_AT_MODEL,
	 .help = "transformer layers"},
	{.name = "hidden",
	 .type = ABL_INT,
	 MODEL(hidden),
	 .def = 128,
	 .min = 4,
	 .max = 4096,
	 .stages = ABL_AT_MODEL,
	 .help = "width of the vectors between layers"},
	{.name = "heads",
	 .type = ABL_INT,
	 MODEL(heads),
	 .def = 0,
	 .min = 0,
	 .max = 64,
	 .stages = ABL_AT_MODEL,
	 .help = "attention heads; 0 = hidden / 64, at least 1"},
	{.name = "ffn_size",
	 .type = ABL_INT,
	 MODEL(ffn_size),
	 .def = 0,
	 .min = 0,
	 .max = 16384,
	 .stages = ABL_AT_MODEL,
	 .help = "width inside the feed-forward part; 0 = 4 x hidden"},
	{.name = "vocab_size",
	 .type = ABL_INT,
	 MODEL(vocab_size),
	 .def = 8192,
	 .min = 64,
	 .max = 250000,
	 .stages = ABL_AT_VOCAB,
	 .help = "pieces of a learned vocabulary; the study's 'vocab:'"},
	{.name = "max_length",
	 .type = ABL_INT,
	 MODEL(max_length),
	 .def = 128,
	 .min = 8,
	 .max = 512,
	 .stages = ABL_AT_MODEL,
	 .help = "longest sequence in pieces, special tokens included"},
	{.name = "cased",
	 .type = ABL_BOOL,
	 MODEL(cased),
	 .def = 0,
	 .stages = ABL_AT_VOCAB | ABL_AT_TOKENIZE | ABL_AT_FINETUNE,
	 .help = "keep case and accents"},
	{.name = "sentences",
	 .type = ABL_CHOICE,
	 MODEL(sentences),
	 .def_choice = "split",
	 .choices = sentence_rules,
	 .stages = ABL_AT_TOKENIZE,
	 .help = "split paragraphs into sentences, or take lines as they are"},
	{.name = "init_range",
	 .type = ABL_REAL,
	 MODEL(init_range),
	 .def = .02,
	 .min = 0,
	 .max = 1,
	 .above_min = true,
	 .stages = ABL_AT_MODEL,
	 .help = "deviation of the initial weights (normal, cut at two)"},
	{.name = "short_seq_rate",
	 .type = ABL_REAL,
	 MODEL(short_seq_rate),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .stages = ABL_AT_PRETRAIN,
	 .help = "share of pre-training sequences that are made shorter"},
	{.name = "precision",
	 .type = ABL_CHOICE,
	 MODEL(precision),
	 .def_choice = "fp32",
	 .choices = precisions,
	 .stages = ABL_AT_MODEL,
	 .help = "number format of what dense layers multiply; bf16 needs avx512_bf16 or AMX"},
	{.name = "tuning",
	 .type = ABL_CHOICE,
	 MODEL(tuning),
	 .def_choice = "per-task",
	 .choices = tunings,
	 .stages = ABL_AT_TUNING,
	 .help = "what the study's 'tune:' picks: a value for each task, one for all of them, or "
		 "none"},
};

static const struct abl_option recipe_rows[] = {
	{.name = "learning_rate",
	 .type = ABL_REAL,
	 RECIPE(learning_rate),
	 .def = 5e-5,
	 .min = 0,
	 .max = 10,
	 .above_min = true,
	 .pretrain_def = 1e-4,
	 .has_pretrain_def = true,
	 .help = "learning rate at its peak"},
	{.name = "warmup",
	 .type = ABL_REAL,
	 RECIPE(warmup),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .below_max = true,
	 .help = "share of the steps over which the rate rises"},
	{.name = "epochs",
	 .type = ABL_REAL,
	 RECIPE(epochs),
	 .def = 3,
	 .min = 0,
	 .max = 10000,
	 .above_min = true,
	 .pretrain_def = 1,
	 .has_pretrain_def = true,
	 .help = "passes over the data; unused when steps are given"},
	{.name = "steps",
	 .type = ABL_INT,
	 RECIPE(steps),
	 .def = 0,
	 .min = 0,
	 .max = 1e9,
	 .help = "optimiser steps; 0 = by epochs"},
	{.name = "batch_size",
	 .type = ABL_INT,
	 RECIPE(batch_size),
	 .def = 32,
	 .min = 1,
	 .max = 65536,
	 .help = "sequences in a step"},
	{.name = "batch_tokens",
	 .type = ABL_INT,
	 RECIPE(batch_tokens),
	 .def = 0,
	 .min = 0,
	 .max = 1e8,
	 .help = "pieces in a step, special tokens included; 0 = by batch_size"},
	{.name = "train_fraction",
	 .type = ABL_REAL,
	 RECIPE(fraction),
	 .def = 1,
	 .min = 0,
	 .max = 1,
	 .above_min = true,
	 .help = "share of the training data, by hash, nested"},
	{.name = "dropout",
	 .type = ABL_REAL,
	 RECIPE(dropout),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .below_max = true,
	 .help = "dropout after embeddings and sub-layers"},
	{.name = "attention_dropout",
	 .type = ABL_REAL,
	 RECIPE(attention_dropout),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .below_max = true,
	 .help = "dropout on attention weights"},
	{.name = "clip",
	 .type = ABL_REAL,
	 RECIPE(clip),
	 .def = 1,
	 .min = 0,
	 .max = 1e6,
	 .help = "largest norm of all gradients together; 0 = no limit"},
	{.name = "layer_decay",
	 .type = ABL_REAL,
	 RECIPE(layer_decay),
	 .def = 1,
	 .min = 0,
	 .max = 1,
	 .above_min = true,
	 .help = "factor on the learning rate for each layer below the top"},
	{.name = "freeze",
	 .type = ABL_INT,
	 RECIPE(freeze),
	 .def = 0,
	 .min = 0,
	 .max = 48,
	 .help = "embeddings and the lowest n layers stay as they are; 0 = none do"},
	{.name = "init_seed",
	 .type = ABL_INT,
	 RECIPE(init_seed),
	 .min = 0,
	 .max = 1e9,
	 .help = "seed of the initial weights; 0 = the trial's own"},
	{.name = "order_seed",
	 .type = ABL_INT,
	 RECIPE(order_seed),
	 .min = 0,
	 .max = 1e9,
	 .help = "seed of data order, pairs and masks; 0 = the trial's own"},
	{.name = "dropout_seed",
	 .type = ABL_INT,
	 RECIPE(dropout_seed),
	 .min = 0,
	 .max = 1e9,
	 .help = "seed of dropout; 0 = the trial's own"},
};

#define COUNT(rows) (sizeof rows / sizeof *rows)
#define MAX_KEYS 128
#define MAX_CHOICES 16

static struct abl_key keys[MAX_KEYS];
static size_t key_count;
static struct abl_option slot_rows[ABL_SLOTS];
static const char *slot_choices[ABL_SLOTS][MAX_CHOICES];

/* "pretrain_" + name; "train_fraction" becomes "pretrain_fraction". */
static const char *pretrain_name(const char *name)
{
	struct abl_str s = {0};
	const char *interned;

	abl_str_printf(&s, "%s%s", strncmp(name, "train_", 6) ? "pretrain_" : "pre", name);
	interned = abl_intern(s.text);
	abl_str_finish(&s);
	return interned;
}

static void add(struct abl_key key)
{
	assert(key_count < MAX_KEYS);
	for (size_t i = 0; i < key_count; i++)
		if (!strcmp(keys[i].name, key.name)) {
			/* components of one slot may share a row; only the first one's is read */
			assert(keys[i].slot == key.slot && !keys[i].is_slot && !key.is_slot &&
			       abl_option_same(keys[i].option, key.option));
			return;
		}
	keys[key_count++] = key;
}

/* Adds a row: once for a model key, with and without prefix for a recipe key. */
static void add_row(const struct abl_option *o, int slot, bool is_slot, bool recipe)
{
	struct abl_key key = {.name = o->name,
			      .slot = slot,
			      .is_slot = is_slot,
			      .option = o,
			      .stages = o->stages};

	key.scope = recipe ? ABL_SCOPE_FINETUNE : ABL_SCOPE_MODEL;
	if (recipe)
		key.stages = ABL_AT_FINETUNE;
	add(key);
	if (!recipe)
		return;
	key.name = pretrain_name(o->name);
	key.scope = ABL_SCOPE_PRETRAIN;
	key.stages = ABL_AT_PRETRAIN;
	add(key);
}

static void add_slot(enum abl_slot slot)
{
	const struct abl_slot_info *info = abl_slot_info(slot);
	size_t n = 0;

	for (size_t i = 0; i < abl_component_count(); i++)
		if (abl_component_at(i)->slot == slot) {
			assert(n + 1 < MAX_CHOICES);
			slot_choices[slot][n++] = abl_component_at(i)->name;
		}
	slot_rows[slot] = (struct abl_option){.name = info->name,
					      .type = ABL_CHOICE,
					      .def_choice = info->def,
					      .choices = slot_choices[slot],
					      .help = info->help,
					      .stages = info->stages};
	add_row(&slot_rows[slot], (int)slot, true, slot >= ABL_FIRST_RECIPE_SLOT);
}

static void make_table(void)
{
	for (int slot = 0; slot < ABL_SLOTS; slot++)
		add_slot((enum abl_slot)slot);
	for (size_t i = 0; i < COUNT(model_rows); i++)
		add_row(&model_rows[i], -1, false, false);
	for (size_t i = 0; i < COUNT(recipe_rows); i++)
		add_row(&recipe_rows[i], -1, false, true);
	for (size_t i = 0; i < abl_component_count(); i++) {
		const struct abl_component *c = abl_component_at(i);

		for (const struct abl_option *o = c->options; o && o->name; o++)
			add_row(o, (int)c->slot, false, c->slot >= ABL_FIRST_RECIPE_SLOT);
	}
}

static void ensure_table(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_table);
}

size_t abl_key_count(void)
{
	ensure_table();
	return key_count;
}

const struct abl_key *abl_key_at(size_t i)
{
	ensure_table();
	return &keys[i];
}

const struct abl_key *abl_key_find(const char *name)
{
	for (size_t i = 0; i < abl_key_count(); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static const char *key_name(size_t i, const void *data)
{
	(void)data;
	return keys[i].name;
}

const char *abl_key_nearest(const char *name)
{
	return abl_nearest(name, abl_key_count(), key_name, NULL);
}
