/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_schedule_hooks hooks = {.factor = abl_warmup_factor};

const struct abl_component abl_schedule_constant = {
	.slot = ABL_SLOT_SCHEDULE,
	.name = "constant",
	.help = "warm-up, then constant",
	.version = 1,
	.hooks = &hooks,
};
