/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_residual_hooks hooks = {.keep = 0};

const struct abl_component abl_residual_none = {
	.slot = ABL_SLOT_RESIDUAL,
	.name = "none",
	.help = "only the sub-layer's output goes on",
	.version = 1,
	.hooks = &hooks,
};
