/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_segments_hooks hooks = {.rows = 0};

const struct abl_component abl_segments_none = {
	.slot = ABL_SLOT_SEGMENTS,
	.name = "none",
	.help = "no segment embeddings",
	.version = 1,
	.hooks = &hooks,
};
