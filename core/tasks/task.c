/* SPDX-License-Identifier: Apache-2.0 */
#include "task.h"

#include <string.h>

static const struct abl_task_type *const types[] = {
	&abl_task_choice, &abl_task_classify, &abl_task_tag, &abl_task_regress,
	&abl_task_story,  &abl_task_span,     NULL,
};

const struct abl_task_type *abl_task_type_find(const char *name)
{
	for (size_t i = 0; types[i]; i++)
		if (!strcmp(types[i]->name, name))
			return types[i];
	return NULL;
}
