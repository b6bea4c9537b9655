/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_objective_hooks hooks = {.head = NULL};

const struct abl_component abl_mlm_none = {
	.slot = ABL_SLOT_MLM,
	.name = "none",
	.help = "no masked language model",
	.version = 1,
	.hooks = &hooks,
};
