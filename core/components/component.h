/* SPDX-License-Identifier: Apache-2.0 */
/* component.h - the registry: slots, their components, and what a component declares.
 *
 * A component is one file in this folder plus one line in components.def. A file reads, in this
 * order: its own options struct, its option rows, its hooks, and one exported `const struct
 * abl_component`. A trainer never asks whether a component was removed: `none` is a component like
 * any other. */
#ifndef ABL_COMPONENT_H
#define ABL_COMPONENT_H

#include "option.h"

#include <stddef.h>

/* What is varied. The order is that of every listing. */
enum abl_slot {
	ABL_SLOT_SPECIAL_TOKENS,
	ABL_SLOT_SPECIAL_TOKENS_FROM,
	ABL_SLOT_SEGMENTS,
	ABL_SLOT_POSITIONS,
	ABL_SLOT_EMBEDDING_NORM,
	ABL_SLOT_ATTENTION,
	ABL_SLOT_ACTIVATION,
	ABL_SLOT_NORM,
	ABL_SLOT_NORM_POSITION,
	ABL_SLOT_RESIDUAL,
	ABL_SLOT_POOLER,
	ABL_SLOT_PRETRAINING,
	ABL_SLOT_MLM,
	ABL_SLOT_NSP,
	ABL_SLOT_LM,
	ABL_SLOT_PLACEBO,
	ABL_SLOT_OPTIMIZER, /* from here on: slots of a recipe, one for each training stage */
	ABL_SLOT_SCHEDULE,
	ABL_SLOTS,
	ABL_FIRST_RECIPE_SLOT = ABL_SLOT_OPTIMIZER,
};

struct abl_slot_info {
	const char *name;    /* the study-file key */
	const char *help;    /* one line */
	const char *def;     /* default component; never changes once introduced */
	const char *removed; /* what `leave-one-out` puts there; NULL: only swapped by hand */
	unsigned stages;     /* enum abl_stage_bit; 0 for recipe slots: the prefix decides */
};

#define ABL_COMPONENT_OPTIONS 64 /* bytes kept in a configuration for a component's own options */

struct abl_component {
	enum abl_slot slot;
	const char *name; /* the study-file value */
	const char *help; /* one line */
	int version;      /* raise when the numbers it computes change: its stages are then new */
	const struct abl_option *options; /* rows ending with name NULL, or NULL; offsets into the
					     slot's options struct (<= ABL_COMPONENT_OPTIONS);
					     components of one slot share rows of the same name */
	const void *hooks; /* the slot's struct abl_<slot>_hooks, from hooks.h; NULL where none */
};

const struct abl_slot_info *abl_slot_info(enum abl_slot slot);
/* All components in the order of components.def. */
size_t abl_component_count(void);
const struct abl_component *abl_component_at(size_t i);
/* The component of that slot and name, or NULL. */
const struct abl_component *abl_component_find(enum abl_slot slot, const char *name);

/* constraints.def: what cannot be combined, and what follows from what. */
enum abl_relation { ABL_NEEDS, ABL_CONFLICTS, ABL_IMPLIES };
struct abl_constraint {
	const char *slot, *value; /* when slot=value is chosen */
	enum abl_relation relation;
	const char *other_slot, *other_value; /* values may be joined by '|' */
	const char *message;                  /* why, for the user */
};
size_t abl_constraint_count(void);
const struct abl_constraint *abl_constraint_at(size_t i);

#endif
