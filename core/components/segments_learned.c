/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_segments_hooks hooks = {.rows = 2};

const struct abl_component abl_segments_learned = {
	.slot = ABL_SLOT_SEGMENTS,
	.name = "learned",
	.help = "one learned vector for the first text and one for the second",
	.version = 1,
	.hooks = &hooks,
};
