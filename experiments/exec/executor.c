/* SPDX-License-Identifier: Apache-2.0 */
#include "executor.h"

#include <time.h>

void abl_executor_finish(struct abl_executor *executor)
{
	if (!executor)
		return;
	if (executor->ops && executor->ops->destroy)
		executor->ops->destroy(executor->state);
	*executor = (struct abl_executor){0};
}

double abl_clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
