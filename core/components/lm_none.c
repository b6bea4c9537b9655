/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_objective_hooks hooks = {.head = NULL};

const struct abl_component abl_lm_none = {
	.slot = ABL_SLOT_LM,
	.name = "none",
	.help = "no left-to-right language model",
	.version = 1,
	.hooks = &hooks,
};
