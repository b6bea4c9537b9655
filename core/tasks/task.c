/* SPDX-License-Identifier: Apache-2.0 */
#include "task.h"

#include <string.h>

static const struct abl_task_type *const types[] = {
#define TASK_TYPE(type, ...) &abl_task_##type,
#define PRETRAINING_TYPE(type, ...)
#include "task_types.def"
#undef TASK_TYPE
#undef PRETRAINING_TYPE
};

const struct abl_task_type *abl_task_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i]->facts->name, name))
			return types[i];
	return NULL;
}

struct abl_head_request abl_task_head(const struct abl_task_type *type, const struct abl_task *t)
{
	return (struct abl_head_request){.name = type->facts->head,
					 .classes = type->classes ? (int)type->classes(t) : 0};
}
