/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

#define ROW(field)                                                           \
	.type = ABL_REAL, .offset = offsetof(struct abl_mlm_options, field), \
	.stages = ABL_AT_PRETRAIN

static const struct abl_option options[] = {
	{.name = "mask_rate",
	 ROW(rate),
	 .def = .15,
	 .min = 0,
	 .max = 1,
	 .above_min = true,
	 .below_max = true,
	 .help = "share of the tokens that are predicted"},
	{.name = "mask_token_share",
	 ROW(mask_share),
	 .def = .8,
	 .min = 0,
	 .max = 1,
	 .help = "share of the predicted tokens that are replaced by [MASK]"},
	{.name = "mask_random_share",
	 ROW(random_share),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .help = "share of the predicted tokens that are replaced by a random token"},
	{.name = "mask_keep_share",
	 ROW(keep_share),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .help = "share of the predicted tokens that are left unchanged"},
	{.name = NULL},
};

static const struct abl_objective_hooks hooks = {.head = "mlm"};

const struct abl_component abl_mlm_on = {
	.slot = ABL_SLOT_MLM,
	.name = "on",
	.help = "masked tokens are predicted from both sides",
	.version = 1,
	.options = options,
	.hooks = &hooks,
};
