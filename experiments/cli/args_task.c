/* SPDX-License-Identifier: Apache-2.0 */
#include "args_task.h"

#include "files.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

bool abl_layout_given(const struct abl_args *a)
{
	return abl_args_text(a, "task") || abl_args_text(a, "type");
}

/* One KEY=VALUE. */
static int set_field(struct abl_task_spec *s, char *pair, struct abl_err *err)
{
	char *value = strchr(pair, '=');
	int rc;

	if (!value)
		return abl_err_set(err, ABL_EINPUT, "--layout: '%s' is not KEY=VALUE", pair);
	*value++ = '\0';
	rc = abl_task_spec_set(s, pair, value, NULL, err);
	return rc ? abl_err_prefix(err, rc, "--layout") : 0;
}

static int set_fields(struct abl_task_spec *s, const char *layout, struct abl_err *err)
{
	char *copy = abl_strdup(layout), *rest = copy, *pair;
	int rc = 0;

	while (!rc && (pair = strsep(&rest, ",")))
		rc = set_field(s, pair, err);
	free(copy);
	return rc;
}

static int begin(struct abl_task_spec *s, const char *task, const char *type, struct abl_err *err)
{
	int rc = 0;

	*s = (struct abl_task_spec){0};
	if (task && type)
		return abl_err_set(err, ABL_EINPUT,
				   "--task and --type cannot be combined; give one");
	if (!task && !type)
		return abl_err_set(err, ABL_EINPUT,
				   "no task: give one with --task NAME, or --type TYPE --layout "
				   "KEY=VALUE,...");
	if (task)
		rc = abl_task_spec_layout(s, task, err);
	else
		s->name = abl_strdup(type), s->type = abl_strdup(type);
	return rc;
}

int abl_layout_read(struct abl_task_spec *s, const struct abl_args *a, const char *file, bool gold,
		    struct abl_err *err)
{
	const char *layout = abl_args_text(a, "layout");
	int rc = begin(s, abl_args_text(a, "task"), abl_args_text(a, "type"), err);

	if (!rc && layout)
		rc = set_fields(s, layout, err);
	if (!rc && file) {
		free(s->test);
		s->test = abl_strdup(file);
		rc = abl_task_spec_check_test(s, gold, err);
	}
	if (rc)
		abl_task_spec_finish(s);
	return rc;
}
