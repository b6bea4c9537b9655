/* SPDX-License-Identifier: Apache-2.0 */
#include "args_task.h"

#include "files.h"
#include "str.h"
#include "study.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

bool abl_layout_given(const struct abl_args *a)
{
	return abl_args_text(a, "task") || abl_args_text(a, "type") || abl_args_text(a, "study");
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

/* The task of a study file: the one of that name, or its only one. Its other files are left aside
 * where they are not there: nobody may want them. */
static int task_of_study(struct abl_task_spec *s, const char *path, const char *task,
			 struct abl_err *err)
{
	const struct abl_study_options options = {.no_files = true};
	struct abl_study *study;
	size_t at = 0;
	json_t *o;
	int rc = abl_study_load(&study, path, &options, err);

	if (rc)
		return rc;
	if (task)
		rc = abl_study_task(study, task, &at, err);
	else if (study->task_count > 1)
		rc = abl_err_set(err, ABL_EINPUT,
				 "'%s' has %zu tasks; say which one: --task NAME, for example "
				 "--task %s",
				 path, study->task_count, study->tasks[0].spec.name);
	if (!rc) {
		o = abl_task_spec_json(&study->tasks[at].spec);
		rc = abl_task_spec_from_json(s, o, err);
		json_decref(o);
	}
	abl_study_destroy(study);
	if (!rc && s->train && strcmp(s->train, ABL_WORLD) != 0 && !abl_file_exists(s->train)) {
		free(s->train);
		s->train = NULL;
	}
	free(s->dev);
	s->dev = NULL;
	return rc;
}

static int begin(struct abl_task_spec *s, const struct abl_args *a, struct abl_err *err)
{
	const char *task = abl_args_text(a, "task"), *type = abl_args_text(a, "type");
	const char *study = abl_args_text(a, "study");

	*s = (struct abl_task_spec){0};
	if ((task || study) && type)
		return abl_err_set(err, ABL_EINPUT, "--%s and --type cannot be combined; give one",
				   task ? "task" : "study");
	if (study)
		return task_of_study(s, study, task, err);
	if (task)
		return abl_task_spec_layout(s, task, err);
	if (!type)
		return abl_err_set(err, ABL_EINPUT,
				   "no task: give one with --task NAME, or --type TYPE --layout "
				   "KEY=VALUE,..., or --study FILE --task NAME");
	s->name = abl_strdup(type), s->type = abl_strdup(type);
	return 0;
}

int abl_layout_begin(struct abl_task_spec *s, const struct abl_args *a, struct abl_err *err)
{
	const char *layout = abl_args_text(a, "layout");
	int rc = begin(s, a, err);

	if (!rc && layout)
		rc = set_fields(s, layout, err);
	if (rc)
		abl_task_spec_finish(s);
	return rc;
}

int abl_layout_file(struct abl_task_spec *s, const char *file, bool gold, struct abl_err *err)
{
	free(s->test);
	s->test = abl_strdup(file);
	return abl_task_spec_check_test(s, gold, err);
}

int abl_layout_read(struct abl_task_spec *s, const struct abl_args *a, const char *file, bool gold,
		    struct abl_err *err)
{
	int rc = abl_layout_begin(s, a, err);

	if (!rc && file) {
		rc = abl_layout_file(s, file, gold, err);
		if (rc)
			abl_task_spec_finish(s);
	}
	return rc;
}
