/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "vocab.h"

static const struct abl_special_tokens_hooks hooks = {
	.first = ABL_START, .between = ABL_DELIM, .last = ABL_EXTRACT, .read_first = false};

const struct abl_component abl_special_gpt = {
	.slot = ABL_SLOT_SPECIAL_TOKENS,
	.name = "gpt",
	.help = "<start> a <delim> b <extract>, read at <extract>",
	.version = 1,
	.hooks = &hooks,
};
