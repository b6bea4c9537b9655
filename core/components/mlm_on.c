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
	 .help = "share of the pieces that are predicted"},
	{.name = "mask_token_share",
	 ROW(mask_share),
	 .def = .8,
	 .min = 0,
	 .max = 1,
	 .help = "share of the predicted pieces that [MASK] stands for"},
	{.name = "mask_random_share",
	 ROW(random_share),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .help = "share of the predicted pieces that a random piece stands for"},
	{.name = "mask_keep_share",
	 ROW(keep_share),
	 .def = .1,
	 .min = 0,
	 .max = 1,
	 .help = "share of the predicted pieces that stay as they are"},
	{.name = NULL},
};

static const struct abl_objective_hooks hooks = {.head = "mlm"};

const struct abl_component abl_mlm_on = {
	.slot = ABL_SLOT_MLM,
	.name = "on",
	.help = "masked words are predicted from both sides",
	.version = 1,
	.options = options,
	.hooks = &hooks,
};
