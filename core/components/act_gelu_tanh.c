/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "kernels.h"

static const struct abl_activation_hooks hooks = {
	.forward = abl_gelu_tanh, .backward = abl_gelu_tanh_backward, .hf_name = "gelu_new"};

const struct abl_component abl_act_gelu_tanh = {
	.slot = ABL_SLOT_ACTIVATION,
	.name = "gelu_tanh",
	.help = "gelu in its tanh approximation, as in the published BERT code",
	.version = 1,
	.hooks = &hooks,
};
