/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_norm_position_hooks hooks = {.before = true, .final = true};

const struct abl_component abl_norm_position_pre = {
	.slot = ABL_SLOT_NORM_POSITION,
	.name = "pre",
	.help = "before each sub-layer, and once more at the end (GPT-2)",
	.version = 1,
	.hooks = &hooks,
};
