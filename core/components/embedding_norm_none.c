/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_switch_hooks hooks = {.on = false};

const struct abl_component abl_embedding_norm_none = {
	.slot = ABL_SLOT_EMBEDDING_NORM,
	.name = "none",
	.help = "no normalisation of the embeddings",
	.version = 1,
	.hooks = &hooks,
};
