/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_switch_hooks hooks = {.on = false};

const struct abl_component abl_pretraining_none = {
	.slot = ABL_SLOT_PRETRAINING,
	.name = "none",
	.help = "fine-tuning starts from random weights",
	.version = 1,
	.hooks = &hooks,
};
