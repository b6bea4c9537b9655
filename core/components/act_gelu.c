/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "kernels.h"

static const struct abl_activation_hooks hooks = {
	.forward = abl_gelu, .backward = abl_gelu_backward, .hf_name = "gelu"};

const struct abl_component abl_act_gelu = {
	.slot = ABL_SLOT_ACTIVATION,
	.name = "gelu",
	.help = "x times the normal distribution function, computed exactly (erf)",
	.version = 1,
	.hooks = &hooks,
};
