/* SPDX-License-Identifier: Apache-2.0 */
/* study_tasks.c - the list of tasks: well-known names, or spelt out; each may change its own
 * recipe. */
#include "hint.h"
#include "node_value.h"
#include "str.h"
#include "study_source.h"
#include "utf8.h"
#include "study_name.h"

#include <string.h>

#define MAX_LENGTH "max_length"

/* A recipe key of fine-tuning, or the length of sequences, unless pre-training has decided that. */
static bool is_of_task(const struct abl_study *s, const struct abl_key *key)
{
	return key->scope == ABL_SCOPE_FINETUNE ||
	       (!s->has_pretraining && !strcmp(key->name, MAX_LENGTH));
}

/* Task fields and recipe keys share one map; a word that is a configuration key is the latter. */
static int read_override(struct abl_study *s, struct abl_study_task *task,
			 const struct abl_node *key, const struct abl_node *value,
			 struct abl_err *err)
{
	struct abl_placed p;

	if (abl_placed_read(s, key, value, &p, err))
		return ABL_EINPUT;
	if (!is_of_task(s, p.setting.key))
		return abl_node_fail(
			key,
			"put it under 'baseline:'; a task may only change how it is fine-tuned",
			err, "'%s' is not a fine-tuning key, so one task cannot set it%s",
			key->text,
			strcmp(key->text, MAX_LENGTH) ? "" : " where the study pre-trains");
	if (p.setting.key == s->tune.key)
		return abl_node_fail(key, "remove it here or there", err, "'%s' is tuned",
				     key->text);
	task->overrides[task->override_count++] = p.setting;
	return 0;
}

/* "a|b" from a list of names, or the text as it is. */
static int field_text(const struct abl_node *key, const struct abl_node *value, struct abl_str *out,
		      struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items = abl_node_items(&value, &count);

	for (size_t i = 0; i < count; i++) {
		const char *text;

		if (abl_node_text(items[i], key->text, &text, err))
			return ABL_EINPUT;
		if (abl_utf8_turns(text))
			return abl_node_fail(items[i], NULL, err,
					     "'%s' has a character that turns the direction of "
					     "what follows: it would look like another text",
					     key->text);
		abl_str_printf(out, "%s%s", i ? "|" : "", text);
	}
	return 0;
}

static int read_field(struct abl_study *s, struct abl_study_task *task, const struct abl_node *key,
		      const struct abl_node *value, struct abl_err *err)
{
	struct abl_err inner = {0};
	struct abl_str text = {0};
	const char *near = abl_space_nearest(s->space, key->text);
	const char *hint = abl_hint(ABL_HINT_KEY, key->text);
	int rc = field_text(key, value, &text, err);

	if (!rc)
		rc = abl_task_spec_set(&task->spec, key->text, text.text ? text.text : "", s->data,
				       &inner);
	if (rc && near && *inner.text &&
	    ((hint && !abl_hint(ABL_HINT_TASK_FIELD, key->text)) ||
	     (!strstr(inner.text, "did you mean") && strstr(inner.text, "has no field"))))
		rc = abl_node_fail(key, "for recipe keys see 'ablate components'", err,
				   "a task has no key '%.60s'; did you mean '%s'?", key->text,
				   near);
	else if (rc && *inner.text)
		rc = abl_node_fail(key, NULL, err, "%s", inner.text);
	abl_str_finish(&text);
	return rc;
}

static int read_details(struct abl_study *s, struct abl_study_task *task,
			const struct abl_node *map, struct abl_err *err)
{
	if (abl_node_expect(map, ABL_NODE_MAP, task->spec.name, err))
		return ABL_EINPUT;
	task->overrides = abl_calloc(map->count / 2, sizeof *task->overrides);
	for (size_t i = 0; i < map->count; i += 2) {
		const struct abl_node *key = map->items[i], *value = map->items[i + 1];

		if (abl_space_key(s->space, key->text) ? read_override(s, task, key, value, err)
						       : read_field(s, task, key, value, err))
			return ABL_EINPUT;
	}
	return 0;
}

/* `name`, or the map's one key; *text gets it in NFC. */
static int name_of(const struct abl_node *item, const struct abl_node **name, const char **text,
		   const struct abl_node **map, struct abl_err *err)
{
	*name = item;
	*map = NULL;
	if (item->kind == ABL_NODE_MAP) {
		if (item->count != 2)
			return abl_node_fail(item, "write '- name' or '- name: {key: value}'", err,
					     "a task is one name, with its details below it");
		*name = item->items[0];
		if (!abl_node_is_null(item->items[1]))
			*map = item->items[1];
	}
	return abl_node_name(*name, "task", text, err);
}

/* A well-known task: without files, what is known of it without them. */
static int read_known(const struct abl_study *s, struct abl_task_spec *spec, const char *name,
		      struct abl_err *err)
{
	const bool world = s->data && !strcmp(s->data, "world");

	return s->source->options.no_files && !world
		       ? abl_task_spec_layout(spec, name, err)
		       : abl_task_spec_known(spec, name, s->data, err);
}

static int read_task(struct abl_study *s, const struct abl_node *item, struct abl_err *err)
{
	struct abl_study_task *task = &s->tasks[s->task_count];
	const struct abl_node *name, *map;
	struct abl_err inner = {0};
	const char *text;
	bool spelt_out;

	if (name_of(item, &name, &text, &map, err))
		return ABL_EINPUT;
	if (!s->data && !s->source->options.no_files)
		return abl_node_fail(
			name, "add 'data: FOLDER', or give --data DIR or $ABLATE_DATA", err,
			"the files of '%s' are in the data folder, and none is given", name->text);
	s->source->task_maps[s->task_count++] = map;
	spelt_out = map && map->kind == ABL_NODE_MAP && abl_node_get(map, "type");
	if (!spelt_out && read_known(s, &task->spec, text, &inner))
		return abl_node_fail(name,
				     "'ablate tasks' lists those that are known; others: {type: "
				     "classify, train: ...}",
				     err, "%s", inner.text);
	if (!task->spec.name)
		task->spec.name = abl_strdup(text);
	if (!strcmp(task->spec.name, "all"))
		return abl_node_fail(name, "give it another name", err,
				     "'all' stands for the mean over tasks");
	for (size_t i = 0; i + 1 < s->task_count; i++)
		if (!strcmp(s->tasks[i].spec.name, task->spec.name))
			return abl_node_fail(name, "give one of them another name", err,
					     "task '%s' is listed twice", task->spec.name);
	if (map && read_details(s, task, map, err))
		return ABL_EINPUT;
	if (!s->source->options.no_files && abl_task_spec_check(&task->spec, &inner))
		return abl_node_fail(name, NULL, err, "%s", inner.text);
	if (s->tune.key && s->tune.by == ABL_TUNE_DEV && !abl_task_spec_scored(&task->spec))
		return abl_node_fail(name, "tune by held-back, or give it a dev file", err,
				     "'tune' selects by dev, and task '%s' has none",
				     task->spec.name);
	return 0;
}

/* What a study of pre-training alone cannot say. */
static int check_alone(const struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	static const struct {
		const char *key, *why;
	} refused[] = {{"tune", "values are tuned by the score on a task"},
		       {"measure", "sharpness is measured on a task"},
		       {"select", "weights are selected by the score on a task"},
		       {"early_stopping", "it is fine-tuning that ends early"}};
	const struct abl_node *seeds = abl_study_node(s, "seeds.finetune", true);

	if (!s->has_pretraining)
		return abl_node_fail(n, "name a task, or add 'pretraining: {texts: ...}'", err,
				     "a study without tasks is one of pre-training alone, and this "
				     "one has no 'pretraining:'");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		const struct abl_node *at = abl_study_node(s, refused[i].key, true);

		if (at)
			return abl_node_fail(at, "remove it, or name a task", err,
					     "%s, and this study has none", refused[i].why);
	}
	return seeds ? abl_node_fail(seeds, "write one number: 'seeds: 5'", err,
				     "this study does no fine-tuning: it has no tasks")
		     : 0;
}

/* `tasks: []`: pre-training is what is compared. */
static int read_none(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	if (check_alone(s, n, err))
		return ABL_EINPUT;
	s->pretraining_only = true;
	s->tasks = abl_calloc(1, sizeof *s->tasks);
	s->tasks[s->task_count++].spec.name = abl_strdup("pretraining");
	s->source->task_maps = abl_calloc(1, sizeof *s->source->task_maps);
	return 0;
}

int abl_study_read_tasks(struct abl_study *s, const struct abl_node *n, struct abl_err *err)
{
	size_t count;
	const struct abl_node *const *items;

	if (n->kind == ABL_NODE_MAP)
		return abl_node_fail(n, "write '- name' or '- name: {key: value}'", err,
				     "'tasks' needs a list, not a map");
	items = abl_node_items(&n, &count);
	if (!count)
		return read_none(s, n, err);
	s->tasks = abl_calloc(count, sizeof *s->tasks);
	s->source->task_maps = abl_calloc(count, sizeof *s->source->task_maps);
	for (size_t i = 0; i < count; i++)
		if (read_task(s, items[i], err))
			return ABL_EINPUT;
	return 0;
}

static const char *task_at(size_t i, const void *data)
{
	return ((const struct abl_study *)data)->tasks[i].spec.name;
}

int abl_study_task(const struct abl_study *s, const char *name, size_t *out, struct abl_err *err)
{
	const char *near = abl_nearest(abl_nfc(name), s->task_count, task_at, s);
	struct abl_str names = {0};

	name = abl_nfc(name);
	for (*out = 0; *out < s->task_count; ++*out)
		if (!strcmp(task_at(*out, s), name))
			return 0;
	for (*out = 0; *out < s->task_count; ++*out)
		if (abl_same_word(task_at(*out, s), name))
			return 0;
	for (size_t i = 0; i < s->task_count; i++)
		abl_str_printf(&names, "%s%s", i ? ", " : "", task_at(i, s));
	abl_err_set(err, ABL_EINPUT, "study '%s' has no task '%s'; %s%s%s", s->name, name,
		    near ? "did you mean '" : "its tasks are ", near ? near : names.text,
		    near ? "'?" : "");
	abl_str_finish(&names);
	return ABL_EINPUT;
}

const char *abl_study_objective(const struct abl_study *s)
{
	static const char *const objectives[] = {"mlm", "lm"};
	struct abl_value v;

	for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
		abl_values_get(s->variants[0].config, abl_space_key(s->space, objectives[i]), &v);
		if (strcmp(v.choice, "none") != 0)
			return objectives[i];
	}
	return "nsp";
}

int abl_study_need_files(const struct abl_study *s, struct abl_err *err)
{
	if (s->pretraining_only)
		return abl_err_set(
			err, ABL_EINPUT,
			"study '%s' has no tasks: it compares pre-trainings, so there is "
			"no file of a task",
			s->name);
	return s->program
		       ? abl_err_set(err, ABL_EINPUT,
				     "study '%s' has 'command:': its program reads and scores the "
				     "files of its tasks, and what it says is in 'ablate results'",
				     s->name)
		       : 0;
}

int abl_study_task_fail(const struct abl_study *s, size_t t, const char *field, const char *message,
			struct abl_err *err)
{
	const struct abl_node *map = s->source->task_maps[t],
			      *value = map ? abl_node_get(map, field) : NULL;

	if (!map)
		return abl_err_set(err, ABL_EINPUT, "%s", message);
	return abl_node_fail(value ? value : map, NULL, err, "%s", message);
}
