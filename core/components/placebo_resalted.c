/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_placebo_hooks hooks = {
	.salt = UINT64_C(0x726573616c746564)}; /* "resalted" */

const struct abl_component abl_placebo_resalted = {
	.slot = ABL_SLOT_PLACEBO,
	.name = "resalted",
	.help = "drawn anew once more: what the second arm of the baseline has ('baseline_arms: "
		"2')",
	.version = 1,
	.hooks = &hooks,
};
