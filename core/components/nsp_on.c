/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_objective_hooks hooks = {.head = "nsp"};

const struct abl_component abl_nsp_on = {
	.slot = ABL_SLOT_NSP,
	.name = "on",
	.help = "half of the second texts are random; the model predicts which",
	.version = 1,
	.hooks = &hooks,
};
