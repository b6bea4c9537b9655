/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_positions_hooks hooks = {.learned = true};

const struct abl_component abl_positions_learned = {
	.slot = ABL_SLOT_POSITIONS,
	.name = "learned",
	.help = "a learned vector for each position (BERT)",
	.version = 1,
	.hooks = &hooks,
};
