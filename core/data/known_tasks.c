/* SPDX-License-Identifier: Apache-2.0 */
/* known_tasks.c - a well-known task (known_layouts.c) or one of the built-in world, made into a
 * spec. */
#include "task_spec.h"

#include "files.h"
#include "known_layouts.h"
#include "str.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* What a split of a world task has unless the study says otherwise. */
enum { WORLD_DEV = 1000, WORLD_TEST = 1000 };

/* Is that one of the names of the task, or of those that others give it? */
static bool is_called(const struct abl_known_task *k, const char *name)
{
	struct abl_str other = {0};
	bool is = abl_same_word(k->name, name);

	for (const char *n = k->also; n && !is; n = strchr(n, '|') ? strchr(n, '|') + 1 : NULL) {
		abl_str_clear(&other);
		abl_str_add(&other, n, strcspn(n, "|"));
		is = abl_same_word(other.text, name);
	}
	abl_str_finish(&other);
	return is;
}

/* SST-2 and sst_2 are sst2. */
static const struct abl_known_task *find(const char *name)
{
	for (const struct abl_known_task *k = abl_known_tasks; k->name; k++)
		if (is_called(k, name))
			return k;
	return NULL;
}

static const struct abl_world_task *find_in_world(const char *name)
{
	for (size_t i = 0; i < abl_world_task_count(); i++)
		if (abl_same_word(abl_world_task_at(i)->name, name))
			return abl_world_task_at(i);
	return NULL;
}

static const char *known_name(size_t i, const void *data)
{
	return abl_known_tasks[i].name;
}

static const char *world_name(size_t i, const void *data)
{
	return abl_world_task_at(i)->name;
}

static size_t known_count(void)
{
	size_t n = 0;

	while (abl_known_tasks[n].name)
		n++;
	return n;
}

static bool is_world(const char *data)
{
	return data && !strcmp(data, ABL_WORLD);
}

const char *abl_task_meanings(const char *name)
{
	const struct abl_known_task *k = name ? find(name) : NULL;

	return k ? k->meanings : NULL;
}

bool abl_task_is_known(const char *name, const char *data)
{
	return is_world(data) ? find_in_world(name) != NULL : find(name) != NULL;
}

/* The first of `names` (joined by '|') that is in `folder` with one of `endings`; NULL. */
static char *first_there(const char *folder, const char *names, const char *const *endings,
			 bool (*there)(const char *))
{
	struct abl_str name = {0};
	char *found = NULL;

	for (const char *n = names; n && !found; n = strchr(n, '|') ? strchr(n, '|') + 1 : NULL)
		for (const char *const *e = endings; *e && !found; e++) {
			char *path;

			abl_str_clear(&name);
			abl_str_printf(&name, "%.*s%s", (int)strcspn(n, "|"), n, *e);
			path = abl_path_join(folder, name.text);
			if (there(path))
				found = path;
			else
				free(path);
		}
	abl_str_finish(&name);
	return found;
}

/* `any`: whatever of them is there will do. */
static int find_files(struct abl_task_spec *s, const struct abl_known_task *k, const char *data,
		      bool any, struct abl_err *err)
{
	static const char *const plain[] = {"", NULL}, *const packed[] = {"", ".gz", ".xz", NULL};
	const struct {
		char **to;
		const char *names;
		bool needed;
	} files[] = {{&s->train, k->train, true},
		     {&s->dev, k->dev, !k->dev_optional},
		     {&s->test, k->test, false}};
	char *folder = first_there(data, k->folders, plain, abl_is_dir);
	bool found = false;

	if (!folder)
		return abl_err_set(err, ABL_EINPUT,
				   "the data of task '%s' is missing: no folder %s in '%s'",
				   k->name, k->folders, data);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (!files[i].names)
			continue;
		*files[i].to = first_there(folder, files[i].names, packed, abl_file_exists);
		found |= *files[i].to != NULL;
		if (!*files[i].to && files[i].needed && !any) {
			abl_err_set(err, ABL_EINPUT,
				    "a file of task '%s' is missing: no %s (or .gz, .xz) in '%s'",
				    k->name, files[i].names, folder);
			free(folder);
			return ABL_EINPUT;
		}
	}
	if (!found)
		abl_err_set(err, ABL_EINPUT, "no file of task '%s' is in '%s'", k->name, folder);
	free(folder);
	return found ? 0 : ABL_EINPUT;
}

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static int unknown(const char *name, const char *near, const char *where, struct abl_err *err)
{
	return near ? abl_err_set(err, ABL_EINPUT, "no task '%s'%s; did you mean '%s'?", name,
				  where, near)
		    : abl_err_set(err, ABL_EINPUT, "no task '%s'%s", name, where);
}

static int known_in_world(struct abl_task_spec *s, const char *name, struct abl_err *err)
{
	const struct abl_world_task *task = find_in_world(name);

	if (!task && find(name))
		return abl_err_set(err, ABL_EINPUT,
				   "task '%s' is in files, not in the built-in world; name their "
				   "folder with --data DIR, or with `data:` in the study",
				   find(name)->name);
	if (!task)
		return unknown(name, abl_nearest(name, abl_world_task_count(), world_name, NULL),
			       " in the built-in world", err);
	s->name = abl_strdup(task->name);
	s->type = abl_strdup(task->type);
	s->format = copy(task->format);
	s->train = abl_strdup(ABL_WORLD);
	s->dev = abl_strdup(ABL_WORLD);
	s->test = abl_strdup(ABL_WORLD);
	s->labels = copy(task->labels);
	s->metric = copy(task->metric);
	s->no_answer = copy(task->no_answer ? "yes" : NULL);
	s->train_examples = task->train_examples;
	s->dev_examples = WORLD_DEV;
	s->test_examples = WORLD_TEST;
	s->world_seed = ABL_WORLD_SEED;
	return 0;
}

int abl_task_spec_layout(struct abl_task_spec *s, const char *name, struct abl_err *err)
{
	const struct abl_known_task *k = find(name);

	*s = (struct abl_task_spec){0};
	if (!k)
		return unknown(name, abl_nearest(name, known_count(), known_name, NULL),
			       " among the well-known ones", err);
	s->name = abl_strdup(k->name);
	s->type = abl_strdup(k->type ? k->type : "classify");
	s->format = abl_strdup(k->format ? k->format : "tsv");
	s->choices = copy(k->choices);
	s->group = copy(k->group);
	s->no_answer = copy(k->no_answer);
	s->no_label = copy(k->no_label);
	s->more_columns = copy(k->more_columns);
	s->header = copy(k->header);
	s->text = copy(k->text);
	s->test_text = copy(k->test_text);
	s->text_b = copy(k->text_b);
	s->label = copy(k->label);
	s->labels = copy(k->labels);
	s->metric = copy(k->metric);
	s->positive = copy(k->positive);
	s->broken = abl_strdup(k->broken_rows ? "skip" : "refuse");
	return 0;
}

static int known(struct abl_task_spec *s, const char *name, const char *data, bool any,
		 struct abl_err *err)
{
	if (is_world(data)) {
		*s = (struct abl_task_spec){0};
		return known_in_world(s, name, err);
	}
	if (abl_task_spec_layout(s, name, err))
		return ABL_EINPUT;
	if (find_files(s, find(name), data ? data : ".", any, err)) {
		abl_task_spec_finish(s);
		return ABL_EINPUT;
	}
	return 0;
}

int abl_task_spec_known(struct abl_task_spec *s, const char *name, const char *data,
			struct abl_err *err)
{
	return known(s, name, data, false, err);
}

int abl_task_spec_there(struct abl_task_spec *s, const char *name, const char *data,
			struct abl_err *err)
{
	return known(s, name, data, true, err);
}
