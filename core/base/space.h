/* SPDX-License-Identifier: Apache-2.0 */
/* space.h - an option space: the keys that a study can set, and what holds a value for each.
 *
 * Studies, designs, plans, the record and the figures know a configuration by these functions
 * only; what lies in it is its space's own. The native engine's model and recipe are one space
 * (abl_native_space() in components/config.h). */
#ifndef ABL_SPACE_H
#define ABL_SPACE_H

#include "hash.h"
#include "option.h"

/* Which part of a configuration a key belongs to. */
enum abl_scope { ABL_SCOPE_MODEL, ABL_SCOPE_FINETUNE, ABL_SCOPE_PRETRAIN };

/* Keys that a study treats in a way of their own. A space has one of each at most. */
enum abl_key_role {
	ABL_KEY_ORDINARY,
	ABL_KEY_PLACEBO,     /* changes nothing but the random streams */
	ABL_KEY_PRETRAINING, /* whether there is pre-training; its `none`: there is not */
	ABL_KEY_TUNING,      /* "per-task", "shared" or "off": what `tune:` picks */
	ABL_KEY_VOCAB_SIZE,  /* of a vocabulary that is learned */
	ABL_KEY_PRECISION,   /* number format; says which kernels ran */
	ABL_KEY_ROLES,
};

struct abl_key {
	const char *name;                /* as in the study file, prefix included */
	const struct abl_option *option; /* type, range, help */
	struct abl_value def;            /* default; never changes once introduced */
	enum abl_scope scope;
	enum abl_key_role role;
	unsigned stages;        /* enum abl_stage_bit: whose keys it is hashed into */
	bool component;         /* its values are components, with options of their own */
	bool can_remove;        /* `none` says something: */
	bool can_add;           /* `added` says something: */
	struct abl_value none;  /* what `leave-one-out` sets, where only the key is named */
	struct abl_value added; /* what `add-one-in` sets there */
};

enum { ABL_BLAMED = 4 };

/* What happens while a configuration is resolved; all zero is fine. */
struct abl_resolving {
	void (*implied)(void *data, const char *line); /* a change that the user did not write */
	void *data;
	const struct abl_key *blamed[ABL_BLAMED]; /* after a refusal: the keys that do not go
						     together */
	size_t blamed_count;
};

/* A space is a table of keys and these functions; `config` is memory of its own format. */
struct abl_space {
	const char *name;
	const struct abl_key *const *keys; /* in the order of every listing */
	size_t key_count;
	size_t bytes; /* of a configuration; plain data, copied as such */
	/* Every key at its default. A space that a study declares finds itself by `space`. */
	void (*init)(const struct abl_space *space, void *config);
	void (*get)(const void *config, const struct abl_key *key, struct abl_value *out);
	/* Type and range are checked; the order of calls does not matter. */
	int (*set)(void *config, const struct abl_key *key, const struct abl_value *value,
		   struct abl_err *err);
	/* Does the key do anything? What does not is not hashed and makes no new trials. */
	bool (*active)(const struct abl_space *space, const void *config,
		       const struct abl_key *key);
	/* Fills what follows from other values; refuses what cannot be combined. */
	int (*resolve)(const struct abl_space *space, void *config, struct abl_resolving *r,
		       struct abl_err *err);
	/* The version of the code behind a value of a component or of the precision; 1 is
	 * not hashed. NULL: all are 1. */
	int (*version)(const struct abl_key *key, const struct abl_value *value);
};

/* The key of that name, or NULL. */
const struct abl_key *abl_space_key(const struct abl_space *space, const char *name);
/* Of all keys with their defaults and ranges, and of the versions of the code behind their values:
 * two programs with the same compute the same of equal configurations. */
const char *abl_space_hash(const struct abl_space *space, char out[ABL_HASH_TEXT]);
/* The key of that role, or NULL. */
const struct abl_key *abl_space_role(const struct abl_space *space, enum abl_key_role role);
/* The name nearest to it, or NULL. */
const char *abl_space_nearest(const struct abl_space *space, const char *name);
void abl_resolving_blame(struct abl_resolving *r, const struct abl_key *key); /* r may be NULL */

/* A value for every key of a space. */
struct abl_values;
struct abl_values *abl_values_create(const struct abl_space *space); /* the defaults */
struct abl_values *abl_values_copy(const struct abl_values *v);
void abl_values_destroy(struct abl_values *v); /* null-safe */
const struct abl_space *abl_values_space(const struct abl_values *v);
/* The space's own memory: for the space's own code. */
const void *abl_values_config(const struct abl_values *v);
void *abl_values_config_mut(struct abl_values *v);

void abl_values_get(const struct abl_values *v, const struct abl_key *key, struct abl_value *out);
int abl_values_set(struct abl_values *v, const struct abl_key *key, const struct abl_value *value,
		   struct abl_err *err) ABL_MUST_USE;
bool abl_values_active(const struct abl_values *v, const struct abl_key *key);
/* r may be NULL */
int abl_values_resolve(struct abl_values *v, struct abl_resolving *r,
		       struct abl_err *err) ABL_MUST_USE;
/* The choice or text of the key of that role; "" if the space has none. */
const char *abl_values_choice(const struct abl_values *v, enum abl_key_role role);
/* Is what the role's key stands for left out (its value is `none`), or has the space no such key?
 */
bool abl_values_lacks(const struct abl_values *v, enum abl_key_role role);

/* Adds "key=value\n" to out for every active key that affects one of `stages` and differs from its
 * default, sorted by name, and "key:value/version\n" for each active component above version 1: the
 * canonical text that stage keys are hashes of. */
void abl_values_canonical(const struct abl_values *v, unsigned stages, struct abl_str *out);

#endif
