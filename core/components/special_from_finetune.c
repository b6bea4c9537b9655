/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_special_tokens_from_hooks hooks = {.in_pretraining = false};

const struct abl_component abl_special_from_finetune = {
	.slot = ABL_SLOT_SPECIAL_TOKENS_FROM,
	.name = "finetune",
	.help = "the model first sees the special tokens in fine-tuning (GPT)",
	.version = 1,
	.hooks = &hooks,
};
