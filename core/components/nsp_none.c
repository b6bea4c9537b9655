/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_objective_hooks hooks = {.head = NULL};

const struct abl_component abl_nsp_none = {
	.slot = ABL_SLOT_NSP,
	.name = "none",
	.help = "the second text always follows the first; nothing is predicted",
	.version = 1,
	.hooks = &hooks,
};
