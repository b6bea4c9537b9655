/* SPDX-License-Identifier: Apache-2.0 */
#include "describe.h"

#include "split_rows.h"
#include "task.h"

int abl_task_describe(const struct abl_task_spec *spec, const struct abl_describe_hooks *out,
		      struct abl_err *err)
{
	static const char *const splits[] = {"train", "dev", "test"};
	const char *const file[] = {spec->train, spec->dev, spec->test};
	const struct abl_task_type *type = abl_task_type_find(spec->type);
	struct abl_split_rows d = {.spec = spec, .out = out};
	int rc = 0;

	for (int i = 0; i < 3 && !rc; i++) {
		const char *split = file[i]                 ? splits[i]
				    : i == 1 && spec->train ? abl_task_spec_scored(spec)
							    : NULL;

		if (split)
			rc = type->describe(&d, split, err);
	}
	abl_split_rows_finish(&d);
	return rc;
}
