/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c - the keys of the native option space, made once from the slots, the rows below and the
 * components' own rows. */
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
	 .help = "width inside the feed-forward layer; 0 = 4 x hidden"},
	{.name = "vocab_size",
	 .type = ABL_INT,
	 MODEL(vocab_size),
	 .def = 8192,
	 .min = 64,
	 .max = 250000,
	 .stages = ABL_AT_VOCAB,
	 .help = "tokens of a learned vocabulary; set by the study's 'vocab:'"},
	{.name = "max_length",
	 .type = ABL_INT,
	 MODEL(max_length),
	 .def = 128,
	 .min = 8,
	 .max = 512,
	 .stages = ABL_AT_MODEL,
	 .help = "longest sequence in tokens, special tokens included"},
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
	 .help = "standard deviation of the initial weights (normal, truncated at two deviations)"},
	{.name = "short_seq_rate",
	 .type = ABL_REAL,
	 MODEL(short_seq_rate),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .stages = ABL_AT_PRETRAIN,
	 .help = "share of pre-training sequences that are cut to a random shorter length"},
	{.name = "pretrain_max_length",
	 .type = ABL_INT,
	 MODEL(first_length),
	 .def = 0,
	 .min = 0,
	 .max = 512,
	 .stages = ABL_AT_PRETRAIN,
	 .help = "pre-training begins with sequences of this length, and ends with "
		 "pretrain_long_steps of max_length; 0 = all have max_length"},
	{.name = "pretrain_long_steps",
	 .type = ABL_INT,
	 MODEL(long_steps),
	 .def = 0,
	 .min = 0,
	 .max = 1e9,
	 .stages = ABL_AT_PRETRAIN,
	 .help = "steps of pre-training at max_length, after those at pretrain_max_length"},
	{.name = "precision",
	 .type = ABL_CHOICE,
	 MODEL(precision),
	 .def_choice = "fp32",
	 .choices = precisions,
	 .stages = ABL_AT_MODEL,
	 .help = "number format of what dense layers and attention multiply; bf16 needs "
		 "avx512_bf16 or AMX"},
	{.name = "tuning",
	 .type = ABL_CHOICE,
	 MODEL(tuning),
	 .def_choice = "per-task",
	 .choices = tunings,
	 .stages = ABL_AT_TUNING,
	 .help = "what the study's 'tune:' selects: one value per task, one for all tasks, or "
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
	 .help = "peak learning rate"},
	{.name = "warmup",
	 .type = ABL_REAL,
	 RECIPE(warmup),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .below_max = true,
	 .help = "share of the steps over which the learning rate rises"},
	{.name = "epochs",
	 .type = ABL_REAL,
	 RECIPE(epochs),
	 .def = 3,
	 .min = 0,
	 .max = 10000,
	 .above_min = true,
	 .pretrain_def = 1,
	 .has_pretrain_def = true,
	 .help = "passes over the data; ignored if steps is set"},
	{.name = "steps",
	 .type = ABL_INT,
	 RECIPE(steps),
	 .def = 0,
	 .min = 0,
	 .max = 1e9,
	 .help = "optimiser steps; 0 = set by epochs"},
	{.name = "batch_size",
	 .type = ABL_INT,
	 RECIPE(batch_size),
	 .def = 32,
	 .min = 1,
	 .max = 65536,
	 .help = "sequences per step"},
	{.name = "batch_tokens",
	 .type = ABL_INT,
	 RECIPE(batch_tokens),
	 .def = 0,
	 .min = 0,
	 .max = 1e8,
	 .help = "tokens per step, special tokens included; 0 = set by batch_size"},
	{.name = "train_fraction",
	 .type = ABL_REAL,
	 RECIPE(fraction),
	 .def = 1,
	 .min = 0,
	 .max = 1,
	 .above_min = true,
	 .help = "share of the training data, chosen by hash; smaller shares lie within larger "
		 "ones"},
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
	 .help = "gradient clipping: largest norm of the whole gradient; 0 = no limit"},
	{.name = "layer_decay",
	 .type = ABL_REAL,
	 RECIPE(layer_decay),
	 .def = 1,
	 .min = 0,
	 .max = 1,
	 .above_min = true,
	 .help = "layer-wise learning rate decay: factor for each layer below the top"},
	{.name = "freeze",
	 .type = ABL_INT,
	 RECIPE(freeze),
	 .def = 0,
	 .min = 0,
	 .max = 48,
	 .help = "freeze the embeddings and the lowest n layers; 0 = freeze nothing"},
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

/* Of fine-tuning alone. */
static const char *const selections[] = {"last", "best", "best_dev", NULL};
static const struct abl_option finetune_rows[] = {
	{.name = "select",
	 .type = ABL_CHOICE,
	 RECIPE(select),
	 .def_choice = "last",
	 .choices = selections,
	 .help = "weights that are scored: the last, or the best on a held-back tenth of train or "
		 "on dev"},
	{.name = "early_stopping",
	 .type = ABL_INT,
	 RECIPE(early_stopping),
	 .def = 0,
	 .min = 0,
	 .max = 100,
	 .help = "end after so many evaluations (one an epoch, 5 at least) without a better one; 0 "
		 "= never"},
};

#define COUNT(rows) (sizeof rows / sizeof *rows)
#define MAX_KEYS 128
#define MAX_CHOICES 16

/* A key of the native space: where its value lies follows from slot, scope and option. */
struct native_key {
	struct abl_key key; /* first: a key of the space is one of these */
	int slot;
};

static struct native_key rows[MAX_KEYS];
static const struct abl_key *keys[MAX_KEYS];
static size_t key_count;
static struct abl_option slot_rows[ABL_SLOTS];
static const char *slot_choices[ABL_SLOTS][MAX_CHOICES];

int abl_key_slot(const struct abl_key *key)
{
	return ((const struct native_key *)key)->slot;
}

/* Names of the keys that studies treat in a way of their own. */
static const struct {
	const char *name;
	enum abl_key_role role;
} roles[] = {{"placebo", ABL_KEY_PLACEBO},
	     {"pretraining", ABL_KEY_PRETRAINING},
	     {"tuning", ABL_KEY_TUNING},
	     {"vocab_size", ABL_KEY_VOCAB_SIZE},
	     {"precision", ABL_KEY_PRECISION}};

static enum abl_key_role role_of(const char *name)
{
	for (size_t i = 0; i < COUNT(roles); i++)
		if (!strcmp(roles[i].name, name))
			return roles[i].role;
	return ABL_KEY_ORDINARY;
}

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

static void add(struct abl_key key, int slot)
{
	assert(key_count < MAX_KEYS);
	for (size_t i = 0; i < key_count; i++)
		if (!strcmp(keys[i]->name, key.name)) {
			/* components of one slot may share a row; only the first one's is read */
			assert(rows[i].slot == slot && !keys[i]->component && !key.component &&
			       abl_option_same(keys[i]->option, key.option));
			return;
		}
	key.role = role_of(key.name);
	abl_option_default(key.option, key.scope == ABL_SCOPE_PRETRAIN, &key.def);
	rows[key_count] = (struct native_key){.key = key, .slot = slot};
	keys[key_count] = &rows[key_count].key;
	key_count++;
}

static void add_finetune_row(struct abl_key key, int slot)
{
	key.name = key.option->name;
	key.stages = ABL_AT_FINETUNE;
	key.scope = ABL_SCOPE_FINETUNE;
	add(key, slot);
}

/* Adds a key: once for the model, with and without prefix for a recipe. */
static void add_row(struct abl_key key, int slot, bool recipe)
{
	if (recipe) {
		add_finetune_row(key, slot);
	} else {
		key.name = key.option->name;
		key.stages = key.option->stages;
		key.scope = ABL_SCOPE_MODEL;
		add(key, slot);
		return;
	}
	key.name = pretrain_name(key.option->name);
	key.scope = ABL_SCOPE_PRETRAIN;
	key.stages = ABL_AT_PRETRAIN;
	add(key, slot);
}

static const char *other_component(const char *const *choices, const char *than)
{
	for (; *choices; choices++)
		if (strcmp(*choices, than) != 0)
			return *choices;
	return than;
}

static struct abl_value choice(const char *name)
{
	return (struct abl_value){.type = ABL_CHOICE, .choice = name};
}

/* What designs put into a slot. The placebo is added by what removal would put there. */
static struct abl_key slot_key(enum abl_slot slot)
{
	const struct abl_slot_info *info = abl_slot_info(slot);
	const char *added = info->def;

	if (info->removed && !strcmp(info->def, info->removed))
		added = other_component(slot_choices[slot], info->removed);
	if (slot == ABL_SLOT_PLACEBO)
		added = info->removed;
	return (struct abl_key){.option = &slot_rows[slot],
				.component = true,
				.can_remove = info->removed,
				.can_add = true,
				.none = choice(info->removed),
				.added = choice(added)};
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
	add_row(slot_key(slot), (int)slot, slot >= ABL_FIRST_RECIPE_SLOT);
}

static void make_keys(void)
{
	for (int slot = 0; slot < ABL_SLOTS; slot++)
		add_slot((enum abl_slot)slot);
	for (size_t i = 0; i < COUNT(model_rows); i++)
		add_row((struct abl_key){.option = &model_rows[i]}, -1, false);
	for (size_t i = 0; i < COUNT(recipe_rows); i++)
		add_row((struct abl_key){.option = &recipe_rows[i]}, -1, true);
	for (size_t i = 0; i < COUNT(finetune_rows); i++)
		add_finetune_row((struct abl_key){.option = &finetune_rows[i]}, -1);
	for (size_t i = 0; i < abl_component_count(); i++) {
		const struct abl_component *c = abl_component_at(i);

		for (const struct abl_option *o = c->options; o && o->name; o++)
			add_row((struct abl_key){.option = o}, (int)c->slot,
				c->slot >= ABL_FIRST_RECIPE_SLOT);
	}
}

const struct abl_key *const *abl_config_keys(size_t *count)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_keys);
	*count = key_count;
	return keys;
}

const struct abl_key *abl_config_key(const char *name)
{
	size_t count;
	const struct abl_key *const *all = abl_config_keys(&count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}
