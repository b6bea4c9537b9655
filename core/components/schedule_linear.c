/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

static double factor(int64_t step, int64_t steps, double warmup)
{
	double first = warmup * (double)steps, up = abl_warmup_factor(step, steps, warmup);
	double down = ((double)steps - (double)step) / ((double)steps - first);

	return up < down ? up : down;
}

static const struct abl_schedule_hooks hooks = {.factor = factor};

const struct abl_component abl_schedule_linear = {
	.slot = ABL_SLOT_SCHEDULE,
	.name = "linear",
	.help = "warm-up, then linear decay to 0 (BERT)",
	.version = 1,
	.hooks = &hooks,
};
