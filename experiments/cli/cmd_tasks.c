/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_tasks.c - the tasks that need no description: names, types, folders, metrics, and which are
 * there. */
#include "advice.h"
#include "command.h"
#include "known_layouts.h"
#include "print.h"
#include "str.h"
#include "task.h"
#include "task_spec.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

static const struct abl_command_option options[] = {
	{.name = "data",
	 .type = ABL_ARG_TEXT,
	 .value = "DIR",
	 .help = "data folder to look into (default: $ABLATE_DATA, else here)"},
	ABL_OPTION_FORMAT,
	{0},
};

static const char *metric_of(const char *metric, const char *type)
{
	return metric ? metric : abl_task_type_find(type)->metrics[0];
}

/* "train dev test" as far as they are there; empty: the study would not find it. */
static void add_found(const struct abl_task_spec *spec, struct abl_str *out)
{
	const struct {
		const char *name, *path;
	} files[] = {{"train", spec->train}, {"dev", spec->dev}, {"test", spec->test}};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (files[i].path)
			abl_str_printf(out, "%s%s", out->length ? " " : "", files[i].name);
}

static void add_known(struct abl_table *t, const struct abl_known_task *k, const char *data)
{
	const char *type = k->type ? k->type : "classify";
	struct abl_task_spec spec = {0};
	struct abl_str folders = {0}, found = {0};

	for (const char *c = k->folders; *c; c++)
		abl_str_add(&folders, *c == '|' ? " " : c, 1);
	if (!abl_task_spec_there(&spec, k->name, data, NULL))
		add_found(&spec, &found);
	abl_table_text(t, k->name);
	abl_table_text(t, type);
	abl_table_text(t, metric_of(k->metric, type));
	abl_table_text(t, folders.text);
	abl_table_text(t, found.text ? found.text : "");
	abl_task_spec_finish(&spec);
	abl_str_finish(&folders);
	abl_str_finish(&found);
}

static void add_world(struct abl_table *t, const struct abl_world_task *w)
{
	abl_table_text(t, w->name);
	abl_table_text(t, w->type);
	abl_table_text(t, metric_of(w->metric, w->type));
	abl_table_text(t, "(data: world)");
	abl_table_text(t, "built in");
}

static int exec(const struct abl_args *a, struct abl_err *err)
{
	static const char *const columns[] = {"task", "type", "metric", "folder", "found"};
	enum abl_table_format format = abl_table_format(abl_args_text(a, "format"));
	const char *data = abl_args_text(a, "data");
	struct abl_table *t = abl_table_create();

	(void)err;
	if (!data)
		data = getenv("ABLATE_DATA");
	if (!data || !*data || !strcmp(data, ABL_WORLD))
		data = ".";
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		abl_table_column(t, columns[i], false);
	for (size_t i = 0; i < abl_world_task_count(); i++)
		add_world(t, abl_world_task_at(i));
	for (const struct abl_known_task *k = abl_known_tasks; k->name; k++)
		add_known(t, k, data);
	abl_print_table(t, format);
	if (format == ABL_TABLE_PLAIN)
		abl_advice_print(
			stdout,
			"found in '%s'; 'ablate data --task NAME --data DIR' describes one; others "
			"are spelt out in the study\n",
			data);
	return ABL_EXIT_OK;
}

const struct abl_command abl_cmd_tasks = {
	.name = "tasks",
	.usage = "[--data DIR] [--format FORMAT]",
	.summary = "list the tasks known by name, and which are found",
	.details = "A study names such a task, and its files are found in the data folder: in a "
		   "folder that has any of\n"
		   "the names given, plain or packed. Capitals, hyphens and underscores do not "
		   "matter: SST-2 is sst2.",
	.min_words = 0,
	.max_words = 0,
	.options = options,
	.exec = exec,
};
