/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_residual_hooks hooks = {.keep = 1};

const struct abl_component abl_residual_on = {
	.slot = ABL_SLOT_RESIDUAL,
	.name = "on",
	.help = "a sub-layer's input is added to its output",
	.version = 1,
	.hooks = &hooks,
};
