/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_placebo_hooks hooks = {.salt = 0};

const struct abl_component abl_placebo_off = {
	.slot = ABL_SLOT_PLACEBO,
	.name = "off",
	.help = "nothing",
	.version = 1,
	.hooks = &hooks,
};
