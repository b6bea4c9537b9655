/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_special_tokens_from_hooks hooks = {.in_pretraining = true};

const struct abl_component abl_special_from_pretrain = {
	.slot = ABL_SLOT_SPECIAL_TOKENS_FROM,
	.name = "pretrain",
	.help = "the model sees the special tokens from pre-training on (BERT)",
	.version = 1,
	.hooks = &hooks,
};
