/* SPDX-License-Identifier: Apache-2.0 */
#include "executor.h"

void abl_executor_finish(struct abl_executor *executor)
{
	if (!executor)
		return;
	if (executor->ops && executor->ops->destroy)
		executor->ops->destroy(executor->state);
	*executor = (struct abl_executor){0};
}
