/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_attention_hooks hooks = {.causal = false};

const struct abl_component abl_attention_bidirectional = {
	.slot = ABL_SLOT_ATTENTION,
	.name = "bidirectional",
	.help = "every token attends to all others (BERT)",
	.version = 1,
	.hooks = &hooks,
};
