/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

double abl_warmup_factor(int64_t step, int64_t steps, double warmup)
{
	double first = warmup * (double)steps, up = ((double)step + 1) / first;

	return first > 0 && up < 1 ? up : 1;
}
