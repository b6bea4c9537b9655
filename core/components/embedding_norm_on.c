/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_switch_hooks hooks = {.on = true};

const struct abl_component abl_embedding_norm_on = {
	.slot = ABL_SLOT_EMBEDDING_NORM,
	.name = "on",
	.help = "the embeddings are normalised before the first layer",
	.version = 1,
	.hooks = &hooks,
};
