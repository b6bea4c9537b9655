/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "vocab.h"

static const struct abl_special_tokens_hooks hooks = {
	.first = ABL_CLS, .between = ABL_SEP, .last = ABL_SEP, .read_first = true};

const struct abl_component abl_special_bert = {
	.slot = ABL_SLOT_SPECIAL_TOKENS,
	.name = "bert",
	.help = "[CLS] a [SEP] b [SEP], read at [CLS]",
	.version = 1,
	.hooks = &hooks,
};
