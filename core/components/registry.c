/* SPDX-License-Identifier: Apache-2.0 */
/* registry.c - the tables: slots, components (components.def), constraints (constraints.def). */
#include "component.h"
#include "hooks.h"

#include <string.h>

#define COMPONENT(x) extern const struct abl_component abl_##x;
#include "components.def"
#undef COMPONENT

static const struct abl_component *const components[] = {
#define COMPONENT(x) &abl_##x,
#include "components.def"
#undef COMPONENT
};

static const struct abl_constraint constraints[] = {
#define CONSTRAINT(a, b, relation, c, d, why) {a, b, relation, c, d, why},
#include "constraints.def"
#undef CONSTRAINT
};

static const struct abl_slot_info slots[ABL_SLOTS] = {
	[ABL_SLOT_SPECIAL_TOKENS] =
		{"special_tokens",
		 "special tokens around and between the texts, and the position that is read",
		 "bert", "none", ABL_AT_MODEL},
	[ABL_SLOT_SPECIAL_TOKENS_FROM] = {"special_tokens_from",
					  "when the model first sees the special tokens",
					  "pretrain", "finetune", ABL_AT_MODEL},
	[ABL_SLOT_SEGMENTS] = {"segments",
			       "segment embeddings: tell the first text from the second", "learned",
			       "none", ABL_AT_MODEL},
	[ABL_SLOT_POSITIONS] = {"positions", "position embeddings: tell where a token stands",
				"learned", "none", ABL_AT_MODEL},
	[ABL_SLOT_EMBEDDING_NORM] = {"embedding_norm", "normalisation of the embedding sum", "on",
				     "none", ABL_AT_MODEL},
	[ABL_SLOT_ATTENTION] = {"attention", "which tokens a token may attend to", "bidirectional",
				NULL, ABL_AT_MODEL},
	[ABL_SLOT_ACTIVATION] = {"activation", "activation function of the feed-forward layer",
				 "gelu", "none", ABL_AT_MODEL},
	[ABL_SLOT_NORM] = {"norm", "normalisation in each layer", "layernorm", "none",
			   ABL_AT_MODEL},
	[ABL_SLOT_NORM_POSITION] = {"norm_position",
				    "whether normalisation comes before or after a sub-layer",
				    "post", NULL, ABL_AT_MODEL},
	[ABL_SLOT_RESIDUAL] = {"residual", "residual connection around each sub-layer", "on",
			       "none", ABL_AT_MODEL},
	[ABL_SLOT_POOLER] = {"pooler",
			     "how a sequence becomes the one vector that sentence heads read",
			     "cls_tanh", NULL, ABL_AT_MODEL},
	[ABL_SLOT_PRETRAINING] = {"pretraining",
				  "whether fine-tuning starts from pre-trained weights", "on",
				  "none", ABL_AT_FINETUNE},
	[ABL_SLOT_MLM] = {"mlm", "pre-training objective: masked language model", "on", "none",
			  ABL_AT_PRETRAIN},
	[ABL_SLOT_NSP] = {"nsp", "pre-training objective: next-sentence prediction", "on", "none",
			  ABL_AT_PRETRAIN},
	[ABL_SLOT_LM] = {"lm", "pre-training objective: left-to-right language model", "none",
			 "none", ABL_AT_PRETRAIN},
	[ABL_SLOT_PLACEBO] = {"placebo", "A/A control of a study: a variant that changes nothing",
			      "off", "salted", ABL_AT_MODEL},
	[ABL_SLOT_OPTIMIZER] = {"optimizer", "how gradients become updates", "adamw", NULL, 0},
	[ABL_SLOT_SCHEDULE] = {"schedule", "how the learning rate changes over the steps", "linear",
			       NULL, 0},
};

const struct abl_slot_info *abl_slot_info(enum abl_slot slot)
{
	return &slots[slot];
}

size_t abl_component_count(void)
{
	return sizeof components / sizeof *components;
}

const struct abl_component *abl_component_at(size_t i)
{
	return components[i];
}

const struct abl_component *abl_component_find(enum abl_slot slot, const char *name)
{
	for (size_t i = 0; i < abl_component_count(); i++)
		if (components[i]->slot == slot && !strcmp(components[i]->name, name))
			return components[i];
	return NULL;
}

size_t abl_constraint_count(void)
{
	return sizeof constraints / sizeof *constraints;
}

const struct abl_constraint *abl_constraint_at(size_t i)
{
	return &constraints[i];
}
