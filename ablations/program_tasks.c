/* SPDX-License-Identifier: Apache-2.0 */
/* program_tasks.c - the tasks of a study with `command:`: words and options of its program. */
#include "hint.h"
#include "node_value.h"
#include "program_source.h"
#include "study_name.h"

#include <string.h>

/* What a task says beside its options. */
static const char *own_key(size_t i, const void *data)
{
	return "flags";
}

static int read_override(struct abl_study *s, struct abl_study_task *task,
			 const struct abl_node *key, const struct abl_node *value,
			 struct abl_err *err)
{
	struct abl_placed p;

	if (!abl_space_key(s->space, key->text) && !abl_space_nearest(s->space, key->text) &&
	    abl_nearest(key->text, 1, own_key, NULL))
		return abl_node_fail(key, NULL, err, "unknown option '%.60s'; did you mean '%s'?",
				     key->text, own_key(0, NULL));
	if (abl_placed_read(s, key, value, &p, err))
		return ABL_EINPUT;
	if (p.setting.key->role == ABL_KEY_PLACEBO)
		return abl_node_fail(key, "put it into the design", err,
				     "the placebo is of the whole study, not of one task");
	if (p.setting.key == s->tune.key)
		return abl_node_fail(key, "remove it here or there", err, "'%s' is tuned",
				     key->text);
	task->overrides[task->override_count++] = p.setting;
	return 0;
}

/* Words of tasks are passed where {flags} stands. */
static int check_flags(const struct abl_study *s, const struct abl_node *n,
		       const struct abl_program_task *task, struct abl_err *err)
{
	const struct abl_program *p = s->program;
	bool passed = false;

	for (size_t i = 0; i < p->step_count; i++)
		for (char **w = p->steps[i].command; *w; w++)
			passed = passed || abl_placeholder_named(*w, "flags");
	if (!passed)
		return abl_node_fail(n, "add \"{flags}\" to the command", err,
				     "a task's flags are passed with \"{flags}\", which no command "
				     "has");
	return abl_program_check_flags(s, n, task->flags, false, err);
}

static int read_details(struct abl_study *s, size_t t, const struct abl_node *map,
			struct abl_err *err)
{
	struct abl_study_task *task = &s->tasks[t];
	struct abl_program_task *own = &s->program->tasks[t];

	if (abl_node_expect(map, ABL_NODE_MAP, task->spec.name, err))
		return ABL_EINPUT;
	task->overrides = abl_calloc(map->count / 2 + 1, sizeof *task->overrides);
	for (size_t i = 0; i < map->count; i += 2) {
		const struct abl_node *key = map->items[i], *value = map->items[i + 1];

		if (strcmp(key->text, "flags")) {
			if (read_override(s, task, key, value, err))
				return ABL_EINPUT;
		} else if (abl_program_words_read(value, "flags", false, &own->flags, err) ||
			   check_flags(s, value, own, err)) {
			return ABL_EINPUT;
		}
	}
	return 0;
}

/* A task of that name; `map` may be NULL. */
static int read_task(struct abl_study *s, const struct abl_node *name, const struct abl_node *map,
		     struct abl_err *err)
{
	const size_t t = s->task_count;
	const char *text;

	if (abl_node_name(name, "task", &text, err))
		return ABL_EINPUT;
	for (size_t i = 0; i < t; i++)
		if (!strcmp(s->tasks[i].spec.name, text))
			return abl_node_fail(name, "give one of them another name", err,
					     "task '%s' is listed twice", text);
	s->source->task_maps[t] = map && !abl_node_is_null(map) ? map : NULL;
	s->tasks[t].spec.name = abl_strdup(text);
	s->program->tasks[t].flags = abl_program_no_words();
	s->task_count = s->program->task_count = t + 1;
	return s->source->task_maps[t] ? read_details(s, t, map, err) : 0;
}

static void make_room(struct abl_study *s, size_t count)
{
	s->tasks = abl_calloc(count, sizeof *s->tasks);
	s->program->tasks = abl_calloc(count, sizeof *s->program->tasks);
	s->source->task_maps = abl_calloc(count, sizeof *s->source->task_maps);
}

int abl_program_read_tasks(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	const bool map = n->kind == ABL_NODE_MAP;
	size_t count;
	const struct abl_node *const *items = abl_node_items(&n, &count);
	int rc = 0;

	if (map)
		count = n->count / 2;
	if (!count)
		return abl_node_fail(n, "without 'tasks' there is one, called as the study", err,
				     "'tasks' needs at least one task");
	make_room(s, count);
	for (size_t i = 0; i < count && !rc; i++) {
		const struct abl_node *item = map ? n : items[i];
		const bool detailed = item->kind == ABL_NODE_MAP;
		const struct abl_node *name;

		if (!map && detailed && item->count != 2)
			return abl_node_fail(item, "write '- name: {flags: [...]}'", err,
					     "a task is one name, with its details below it");
		name = map ? n->items[2 * i] : detailed ? item->items[0] : item;
		if (name->text && !strcmp(name->text, "all"))
			return abl_node_fail(name, "give it another name", err,
					     "'all' stands for the mean over tasks");
		rc = read_task(s, name,
			       map        ? n->items[2 * i + 1]
			       : detailed ? item->items[1]
					  : NULL,
			       err);
	}
	return rc;
}

int abl_program_default_task(struct abl_study *s, struct abl_err *err)
{
	if (s->task_count)
		return 0;
	make_room(s, 1);
	return read_task(s, abl_node_get(s->source->tree.root, "study"), NULL, err);
}
