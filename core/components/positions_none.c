/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_positions_hooks hooks = {.learned = false};

const struct abl_component abl_positions_none = {
	.slot = ABL_SLOT_POSITIONS,
	.name = "none",
	.help = "no positions: the text is a bag of tokens",
	.version = 1,
	.hooks = &hooks,
};
