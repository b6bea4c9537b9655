/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "kernels.h"

static const struct abl_option options[] = {
	{.name = "norm_eps",
	 .type = ABL_REAL,
	 .offset = offsetof(struct abl_norm_options, eps),
	 .def = 1e-12,
	 .min = 0,
	 .max = 1,
	 .above_min = true,
	 .stages = ABL_AT_MODEL,
	 .help = "added to the variance before the square root"},
	{.name = NULL},
};

static const struct abl_norm_hooks hooks = {
	.affine = true, .forward = abl_layernorm, .backward = abl_layernorm_backward};

const struct abl_component abl_norm_layernorm = {
	.slot = ABL_SLOT_NORM,
	.name = "layernorm",
	.help = "layer normalisation with gain and bias (Ba et al. 2016)",
	.version = 1,
	.options = options,
	.hooks = &hooks,
};
