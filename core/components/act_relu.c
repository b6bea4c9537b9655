/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "kernels.h"

static const struct abl_activation_hooks hooks = {
	.forward = abl_relu, .backward = abl_relu_backward, .hf_name = "relu"};

const struct abl_component abl_act_relu = {
	.slot = ABL_SLOT_ACTIVATION,
	.name = "relu",
	.help = "max(0, x)",
	.version = 1,
	.hooks = &hooks,
};
