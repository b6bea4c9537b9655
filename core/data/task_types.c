/* SPDX-License-Identifier: Apache-2.0 */
#include "task_types.h"

#include <string.h>

#define TASK_TYPE(type, ...) \
	const struct abl_task_facts abl_facts_##type = {.name = #type, __VA_ARGS__};
#define PRETRAINING_TYPE(type, ...)                      \
	const struct abl_task_facts abl_facts_##type = { \
		.name = #type, .pretraining = true, __VA_ARGS__};
#include "task_types.def"
#undef TASK_TYPE
#undef PRETRAINING_TYPE

static const struct abl_task_facts *const all[] = {
#define TASK_TYPE(type, ...) &abl_facts_##type,
#define PRETRAINING_TYPE TASK_TYPE
#include "task_types.def"
#undef TASK_TYPE
#undef PRETRAINING_TYPE
};

const struct abl_task_facts *abl_task_facts_at(size_t i)
{
	return i < sizeof all / sizeof *all ? all[i] : NULL;
}

const struct abl_task_facts *abl_task_facts_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}
