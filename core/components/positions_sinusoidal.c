/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

#include <math.h>

/* Vaswani et al. 2017, section 3.5: even columns sines, odd ones cosines, wavelengths 2 pi to 20000
 * pi. */
static void fixed_row(int64_t position, int64_t hidden, real *row)
{
	for (int64_t i = 0; i < hidden; i++) {
		double angle = (double)position / pow(10000, (double)(i / 2 * 2) / (double)hidden);

		row[i] = (real)(i % 2 ? cos(angle) : sin(angle));
	}
}

static const struct abl_positions_hooks hooks = {.fixed_row = fixed_row};

const struct abl_component abl_positions_sinusoidal = {
	.slot = ABL_SLOT_POSITIONS,
	.name = "sinusoidal",
	.help = "fixed sines and cosines (Vaswani et al. 2017)",
	.version = 1,
	.hooks = &hooks,
};
