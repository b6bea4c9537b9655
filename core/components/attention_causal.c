/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_attention_hooks hooks = {.causal = true};

const struct abl_component abl_attention_causal = {
	.slot = ABL_SLOT_ATTENTION,
	.name = "causal",
	.help = "every token attends to those before it (GPT); the text is read at its last token",
	.version = 1,
	.hooks = &hooks,
};
