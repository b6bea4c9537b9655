/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_switch_hooks hooks = {.on = true};

const struct abl_component abl_pretraining_on = {
	.slot = ABL_SLOT_PRETRAINING,
	.name = "on",
	.help = "fine-tuning starts from pre-trained weights",
	.version = 1,
	.hooks = &hooks,
};
