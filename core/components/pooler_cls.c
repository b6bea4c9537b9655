/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_pooler_hooks hooks = {.dense = false};

const struct abl_component abl_pooler_cls = {
	.slot = ABL_SLOT_POOLER,
	.name = "cls",
	.help = "the vector at the read position, unchanged",
	.version = 1,
	.hooks = &hooks,
};
