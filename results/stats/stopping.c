/* SPDX-License-Identifier: Apache-2.0 */
#include "stopping.h"

#include "distribution.h"

#include <math.h>

int64_t abl_stopping_next(int64_t n, double half_width, double until, int64_t most)
{
	int64_t needed = n, next;
	double sd;

	if (n >= most || !(half_width > until))
		return n;
	sd = half_width / abl_t_critical(.05, (double)n - 1) * sqrt((double)n);
	do
		needed++;
	while (needed < most &&
	       abl_t_critical(.05, (double)needed - 1) * sd / sqrt((double)needed) > until);
	next = n + (needed - n + 1) / 2;
	return next < 2 * n ? next : 2 * n;
}
