/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static const struct abl_placebo_hooks hooks = {.salt = UINT64_C(0x73616c746564)}; /* "salted" */

const struct abl_component abl_placebo_salted = {
	.slot = ABL_SLOT_PLACEBO,
	.name = "salted",
	.help = "all random numbers are drawn anew and nothing else changes: the A/A control",
	.version = 1,
	.hooks = &hooks,
};
