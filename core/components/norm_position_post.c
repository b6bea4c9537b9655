/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_norm_position_hooks hooks = {.after = true};

const struct abl_component abl_norm_position_post = {
	.slot = ABL_SLOT_NORM_POSITION,
	.name = "post",
	.help = "after each sub-layer and its residual (BERT)",
	.version = 1,
	.hooks = &hooks,
};
