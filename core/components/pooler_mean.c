/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_pooler_hooks hooks = {.mean = true};

const struct abl_component abl_pooler_mean = {
	.slot = ABL_SLOT_POOLER,
	.name = "mean",
	.help = "the mean of all tokens' vectors",
	.version = 1,
	.hooks = &hooks,
};
