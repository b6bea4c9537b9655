/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_value.h"

#include <string.h>

bool abl_plan_value(const struct abl_study *study, const struct abl_values *config,
		    const char *name, struct abl_value *out)
{
	const struct abl_key *key = abl_space_key(study->space, name);

	if (key)
		abl_values_get(config, key, out);
	return key != NULL;
}

int64_t abl_plan_int(const struct abl_study *study, const struct abl_values *config,
		     const char *name)
{
	struct abl_value v = {.i = 0};

	(void)abl_plan_value(study, config, name, &v);
	return v.i;
}

bool abl_plan_varies(const struct abl_variant *variant, const char *const *names)
{
	for (size_t i = 0; i < variant->changed_count; i++)
		for (const char *const *name = names; *name; name++)
			if (!strcmp(variant->changed[i]->name, *name))
				return true;
	return false;
}
