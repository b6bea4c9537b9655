/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_objective_hooks hooks = {.head = "lm"};

const struct abl_component abl_lm_on = {
	.slot = ABL_SLOT_LM,
	.name = "on",
	.help = "each token is predicted from those before it (GPT); implies causal attention",
	.version = 2,
	.hooks = &hooks,
};
