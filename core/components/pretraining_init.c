/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_switch_hooks hooks = {.on = false}; /* it is done already */

const struct abl_component abl_pretraining_init = {
	.slot = ABL_SLOT_PRETRAINING,
	.name = "init",
	.help = "fine-tuning starts from the weights of the 'init:' checkpoint",
	.version = 1,
	.hooks = &hooks,
};
