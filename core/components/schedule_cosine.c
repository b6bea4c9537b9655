/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

#include <math.h>

static double factor(int64_t step, int64_t steps, double warmup)
{
	double first = warmup * (double)steps, up = abl_warmup_factor(step, steps, warmup);

	if (up < 1)
		return up;
	return .5 * (1 + cos(3.141592653589793 * ((double)step - first) / ((double)steps - first)));
}

static const struct abl_schedule_hooks hooks = {.factor = factor};

const struct abl_component abl_schedule_cosine = {
	.slot = ABL_SLOT_SCHEDULE,
	.name = "cosine",
	.help = "warm-up, then cosine decay to 0 (GPT)",
	.version = 1,
	.hooks = &hooks,
};
