/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_special_tokens_hooks hooks = {
	.first = -1, .between = -1, .last = -1, .read_first = false};

const struct abl_component abl_special_none = {
	.slot = ABL_SLOT_SPECIAL_TOKENS,
	.name = "none",
	.help = "a b with nothing between, read at the last token",
	.version = 1,
	.hooks = &hooks,
};
