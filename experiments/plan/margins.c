/* SPDX-License-Identifier: Apache-2.0 */
#include "margins.h"

#include "engine.h"

#include <stdlib.h>
#include <string.h>

/* What the tasks can be measured by, each name once. */
struct metrics {
	const char **names;
	size_t count, capacity;
};

static bool has(const struct metrics *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->names[i], name))
			return true;
	return false;
}

static void gather(const struct abl_study *s, struct metrics *out)
{
	const struct abl_engine *engine = abl_engine_of(s);
	const char *name;

	for (size_t t = 0; t < s->task_count; t++)
		for (size_t i = 0; (name = engine->metric_at(s, t, i)); i++) {
			if (has(out, name))
				continue;
			abl_grow(&out->names, &out->capacity, out->count + 1, sizeof *out->names);
			out->names[out->count++] = name;
		}
}

static const char *name_at(size_t i, const void *data)
{
	return ((const struct metrics *)data)->names[i];
}

static int refuse(const struct abl_study *s, const char *metric, const struct metrics *m,
		  struct abl_err *err)
{
	const char *near = abl_nearest(metric, m->count, name_at, m);
	struct abl_str path = {0}, text = {0};
	int rc;

	abl_str_printf(&path, "margins.%s", metric);
	abl_str_printf(&text, "no task has the metric '%s'; ", metric);
	if (near)
		abl_str_printf(&text, "did you mean '%s'?", near);
	else
		abl_str_puts(&text, "there are ");
	for (size_t i = 0; !near && i < m->count; i++)
		abl_str_printf(&text, "%s%s", i ? ", " : "", m->names[i]);
	rc = abl_study_fail_at(s, path.text, text.text, err);
	abl_str_finish(&path), abl_str_finish(&text);
	return rc;
}

int abl_plan_check_margins(const struct abl_study *s, struct abl_err *err)
{
	struct metrics m = {0};
	int rc = 0;

	gather(s, &m);
	for (size_t i = 0; i < s->margin_count && !rc; i++)
		if (!has(&m, s->margins[i].metric))
			rc = refuse(s, s->margins[i].metric, &m, err);
	free(m.names);
	return rc;
}
