/* SPDX-License-Identifier: Apache-2.0 */
#include "args_task.h"

#include "args.h"
#include "files.h"
#include "str.h"
#include "study.h"
#include "world.h"

#include <stdio.h>
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

static int task_of_study(struct abl_task_spec *s, const struct abl_args *a, bool no_files,
			 struct abl_err *err)
{
	const char *path = abl_args_text(a, "study"), *task = abl_args_text(a, "task");
	const struct abl_study_options options = {.no_files = no_files,
						  .data = abl_args_given(a, "data")};
	struct abl_study *study;
	size_t at = 0;
	json_t *o;
	int rc = abl_study_load(&study, path, &options, err);

	if (rc)
		return rc;
	rc = abl_study_need_files(study, err);
	if (!rc && task)
		rc = abl_study_task(study, task, &at, err);
	else if (!rc && study->task_count > 1)
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
	return rc;
}

int abl_task_of_study(struct abl_task_spec *s, const struct abl_args *a, struct abl_err *err)
{
	return task_of_study(s, a, false, err);
}

/* Its other files are left aside where they are not there: nobody may want them. */
static int layout_of_study(struct abl_task_spec *s, const struct abl_args *a, struct abl_err *err)
{
	int rc = task_of_study(s, a, true, err);

	if (!rc && s->train && strcmp(s->train, ABL_WORLD) != 0 && !abl_file_exists(s->train)) {
		free(s->train);
		s->train = NULL;
	}
	free(s->dev);
	s->dev = NULL;
	return rc;
}

int abl_task_or_hint(int rc, struct abl_err *err)
{
	const size_t n = strlen(err->text);

	if (rc && !strstr(err->text, "; "))
		snprintf(err->text + n, sizeof err->text - n,
			 "; 'ablate tasks' lists those that are known, and --study FILE names the "
			 "study whose own task it is");
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
		return layout_of_study(s, a, err);
	if (task)
		return abl_task_or_hint(abl_task_spec_layout(s, task, err), err);
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
