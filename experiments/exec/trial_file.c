/* SPDX-License-Identifier: Apache-2.0 */
#include "trial_file.h"

#include "files.h"
#include "json.h"
#include "space_json.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_FILE (16u << 20)

const char *abl_trial_input(const struct abl_trial *trial, const char *name)
{
	for (size_t i = 0; i < trial->input_count; i++)
		if (!strcmp(trial->inputs[i].name, name))
			return trial->inputs[i].path;
	return NULL;
}

/* The caller's, or NULL: as it is. */
static char *seen_from(const struct abl_trial *t, const char *path)
{
	return t->whole && path && strcmp(path, ABL_WORLD) ? abl_path_whole(t->whole, path) : NULL;
}

static void put_path(struct abl_json *j, json_t *object, const char *name,
		     const struct abl_trial *t, const char *path)
{
	char *whole = seen_from(t, path);

	abl_json_text(j, object, name, whole ? whole : path);
	free(whole);
}

static void put_inputs(struct abl_json *j, const struct abl_trial *t)
{
	json_t *inputs = abl_json_object(j, j->root, "inputs");
	json_t *texts = abl_json_array(j, inputs, "texts");

	for (const char *const *p = t->texts; p && *p; p++) {
		char *whole = seen_from(t, *p);

		abl_json_add(j, texts, json_string(whole ? whole : *p));
		free(whole);
	}
	put_path(j, inputs, "groups", t, t->groups);
	put_path(j, inputs, "held_out", t, t->held_out);
	for (size_t i = 0; i < t->input_count; i++)
		put_path(j, inputs, t->inputs[i].name, t, t->inputs[i].path);
}

static json_t *task_json(const struct abl_trial *t, const struct abl_task_spec *spec)
{
	struct abl_task_spec seen = *spec;
	char **const files[] = {&seen.train, &seen.dev, &seen.test};
	char *whole[3];
	json_t *json;

	for (size_t i = 0; i < 3; i++) {
		whole[i] = seen_from(t, *files[i]);
		*files[i] = whole[i] ? whole[i] : *files[i];
	}
	json = abl_task_spec_json(&seen);
	for (size_t i = 0; i < 3; i++)
		free(whole[i]);
	return json;
}

static void put_tasks(struct abl_json *j, const struct abl_trial *t)
{
	json_t *tasks = abl_json_array(j, j->root, "tasks");

	for (size_t i = 0; i < t->task_count; i++)
		abl_json_add(j, tasks, task_json(t, t->tasks[i]));
}

int abl_trial_write(const char *path, const struct abl_trial *t, struct abl_err *err)
{
	struct abl_str text = {0};
	struct abl_json j;
	int rc;

	abl_json_begin(&j);
	abl_json_text(&j, j.root, "study", t->study);
	abl_json_text(&j, j.root, "variant", t->variant);
	abl_json_text(&j, j.root, "stage", t->stage);
	abl_json_text(&j, j.root, "key", t->key);
	abl_json_int(&j, j.root, "attempt", t->attempt);
	abl_json_int(&j, j.root, "seed", t->seed);
	abl_json_int(&j, j.root, "threads", t->threads);
	abl_json_bool(&j, j.root, "resume", t->resume);
	abl_json_put(&j, j.root, "config", abl_values_json(t->config));
	if (t->task)
		abl_json_put(&j, j.root, "task", task_json(t, t->task));
	if (t->task_count)
		put_tasks(&j, t);
	abl_json_text(&j, j.root, "split", t->split);
	abl_json_bool(&j, j.root, "hold_back", t->hold_back);
	abl_json_bool(&j, j.root, "sharpness", t->sharpness);
	if (t->order)
		abl_json_put(&j, j.root, "order", json_incref(t->order));
	put_inputs(&j, t);
	abl_json_text(&j, j.root, "output", t->output);
	rc = abl_json_end(&j, JSON_INDENT(2) | JSON_ENSURE_ASCII, path, &text, err);
	/* the child has not begun */
	rc = rc ? rc : abl_file_write_passing(path, text.text, text.length, err);
	abl_str_finish(&text);
	return rc;
}

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static void read_texts(struct abl_trial *out, const json_t *list)
{
	size_t n = json_array_size(list), used = 0;

	out->own_texts = abl_calloc(n + 1, sizeof *out->own_texts);
	for (size_t i = 0; i < n; i++)
		if (json_is_string(json_array_get(list, i)))
			out->own_texts[used++] = json_string_value(json_array_get(list, i));
	out->texts = out->own_texts;
}

static int read_tasks(struct abl_trial *out, const json_t *list, struct abl_err *err)
{
	const size_t n = json_array_size(list);
	int rc = 0;

	out->own_specs = abl_calloc(n + 1, sizeof *out->own_specs);
	out->own_tasks = abl_calloc(n + 1, sizeof *out->own_tasks);
	out->tasks = out->own_tasks;
	for (size_t i = 0; i < n && !rc; i++) {
		rc = abl_task_spec_from_json(&out->own_specs[i], json_array_get(list, i), err);
		out->own_tasks[i] = &out->own_specs[i];
		out->task_count += !rc;
	}
	return rc;
}

/* All inputs but the texts, their groups and what is held out are artefacts. */
static int read_inputs(struct abl_trial *out, const json_t *inputs, struct abl_err *err)
{
	json_t *all = (json_t *)(uintptr_t)inputs, *path; /* only read */
	const char *name;

	read_texts(out, json_object_get(inputs, "texts"));
	out->groups = text_of(inputs, "groups");
	out->held_out = text_of(inputs, "held_out");
	json_object_foreach(all, name, path)
	{
		if (!json_is_string(path) || abl_is_one_of("groups|held_out", name))
			continue;
		if (out->input_count == ABL_TRIAL_INPUTS)
			return abl_err_set(err, ABL_EINPUT, "more than %d inputs",
					   ABL_TRIAL_INPUTS);
		out->inputs[out->input_count++] =
			(struct abl_trial_input){name, json_string_value(path)};
	}
	return 0;
}

static int read_config(struct abl_trial *out, const struct abl_space *space, const json_t *options,
		       struct abl_err *err)
{
	int rc;

	if (!json_is_object(options))
		return abl_err_set(err, ABL_EINPUT, "'config' is missing");
	out->own_config = abl_values_create(space);
	out->config = out->own_config;
	rc = abl_space_from_json(space, abl_values_config_mut(out->own_config), options, err);
	return rc ? rc : abl_values_resolve(out->own_config, NULL, err);
}

static int read_trial(struct abl_trial *out, const struct abl_space *(*space_of)(const char *stage),
		      struct abl_err *err)
{
	const json_t *root = out->root, *task = json_object_get(root, "task");
	const struct abl_space *space;
	int64_t threads = json_integer_value(json_object_get(root, "threads"));
	int rc;

	out->stage = text_of(root, "stage");
	out->order = json_object_get(root, "order");
	space = out->stage ? space_of(out->stage) : NULL;
	if (!space && !(out->stage && out->order))
		return abl_err_set(err, ABL_EINPUT, "unknown stage '%s'",
				   out->stage ? out->stage : "");
	rc = space ? read_config(out, space, json_object_get(root, "config"), err) : 0;
	rc = rc || !task ? rc : abl_task_spec_from_json(&out->own_task, task, err);
	rc = rc ? rc : read_tasks(out, json_object_get(root, "tasks"), err);
	rc = rc ? rc : read_inputs(out, json_object_get(root, "inputs"), err);
	if (rc)
		return rc;
	out->study = text_of(root, "study");
	out->variant = text_of(root, "variant");
	out->key = text_of(root, "key");
	out->attempt = json_integer_value(json_object_get(root, "attempt"));
	out->seed = json_integer_value(json_object_get(root, "seed"));
	out->output = text_of(root, "output");
	out->task = task ? &out->own_task : NULL;
	out->split = text_of(root, "split");
	out->hold_back = json_is_true(json_object_get(root, "hold_back"));
	out->sharpness = json_is_true(json_object_get(root, "sharpness"));
	out->threads = threads > 0 && threads < 4096 ? (int)threads : 1;
	out->resume = json_is_true(json_object_get(root, "resume"));
	if (!out->output)
		return abl_err_set(err, ABL_EINPUT, "'output' is missing");
	return 0;
}

int abl_trial_read(struct abl_trial *out, const char *path,
		   const struct abl_space *(*space_of)(const char *stage), struct abl_err *err)
{
	struct abl_str text = {0};
	json_error_t where;
	int rc;

	*out = (struct abl_trial){.path = path};
	rc = abl_file_read(path, &text, LARGEST_FILE, err);
	if (!rc) {
		out->root = json_loadb(text.text, text.length, JSON_REJECT_DUPLICATES, &where);
		if (!out->root)
			rc = abl_err_set(err, ABL_EINPUT, "%s:%d:%d: error: not a trial file: %s",
					 path, where.line, where.column, where.text);
		else if ((rc = read_trial(out, space_of, err)))
			abl_err_prefix(err, rc, "%s: error", path);
	}
	abl_str_finish(&text);
	if (rc)
		abl_trial_finish(out);
	return rc;
}

void abl_trial_finish(struct abl_trial *t)
{
	if (!t)
		return;
	abl_values_destroy(t->own_config);
	abl_task_spec_finish(&t->own_task);
	json_decref(t->root);
	free(t->own_texts);
	for (size_t i = 0; i < t->task_count && t->own_specs; i++)
		abl_task_spec_finish(&t->own_specs[i]);
	free(t->own_specs);
	free(t->own_tasks);
	*t = (struct abl_trial){0};
}
