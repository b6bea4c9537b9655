/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_pooler_hooks hooks = {.dense = true};

const struct abl_component abl_pooler_cls_tanh = {
	.slot = ABL_SLOT_POOLER,
	.name = "cls_tanh",
	.help = "dense layer and tanh on the vector at the read position (BERT)",
	.version = 1,
	.hooks = &hooks,
};
