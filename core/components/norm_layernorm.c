/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "kernels.h"

static const struct abl_norm_hooks hooks = {
	.affine = true, .forward = abl_layernorm, .backward = abl_layernorm_backward};

const struct abl_component abl_norm_layernorm = {
	.slot = ABL_SLOT_NORM,
	.name = "layernorm",
	.help = "layer normalisation with gain and bias (Ba et al. 2016)",
	.version = 1,
	.hooks = &hooks,
};
