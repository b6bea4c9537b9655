/* SPDX-License-Identifier: Apache-2.0 */
#include "stopping.h"

#include "distribution.h"

#include <math.h>

int64_t abl_stopping_next(int64_t n, double half_width, double until, int64_t most)
{
	const int64_t top = 2 * n < most ? 2 * n : most;
	double sd;
	int64_t next = n;

	if (n >= most || !(half_width > until))
		return n;
	sd = half_width / abl_t_critical(.05, (double)n - 1) * sqrt((double)n);
	do
		next++;
	while (next < top &&
	       abl_t_critical(.05, (double)next - 1) * sd / sqrt((double)next) > until);
	return next;
}
