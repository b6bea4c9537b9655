/* SPDX-License-Identifier: Apache-2.0 */
#include "trial_file.h"

#include "config_json.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_FILE (16u << 20)

static void set_text(json_t *o, const char *name, const char *text)
{
	if (text)
		json_object_set_new(o, name, json_string(text));
}

int abl_trial_write(const char *path, const struct abl_trial *t, struct abl_err *err)
{
	const struct abl_stage_request *r = &t->request;
	json_t *root = json_object(), *inputs = json_object(), *texts = json_array();
	char *text;
	int rc;

	set_text(root, "study", t->study);
	set_text(root, "variant", t->variant);
	set_text(root, "stage", abl_stage_name(r->kind));
	set_text(root, "key", t->key);
	json_object_set_new(root, "attempt", json_integer(t->attempt));
	json_object_set_new(root, "seed", json_integer(r->seed));
	json_object_set_new(root, "threads", json_integer(r->threads));
	json_object_set_new(root, "resume", json_boolean(r->resume));
	json_object_set_new(root, "config", abl_config_json(r->config));
	if (r->task)
		json_object_set_new(root, "task", abl_task_spec_json(r->task));
	set_text(root, "split", r->split);
	json_object_set_new(root, "hold_back", json_boolean(r->hold_back));
	json_object_set_new(root, "sharpness", json_boolean(r->sharpness));
	for (const char *const *p = r->texts; p && *p; p++)
		json_array_append_new(texts, json_string(*p));
	json_object_set_new(inputs, "texts", texts);
	set_text(inputs, "groups", r->groups);
	set_text(inputs, "vocab", r->vocab);
	set_text(inputs, "corpus", r->corpus);
	set_text(inputs, "parent", r->parent);
	json_object_set_new(root, "inputs", inputs);
	set_text(root, "output", r->output);
	text = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(root);
	if (!text)
		return abl_err_set(err, ABL_EINPUT, "cannot write '%s': a path in it is not UTF-8",
				   path);
	rc = abl_file_write_passing(path, text, strlen(text), err); /* the child has not begun */
	free(text);
	return rc;
}

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static void read_texts(struct abl_trial *out, const json_t *list)
{
	size_t n = json_array_size(list), used = 0;

	out->texts = abl_calloc(n + 1, sizeof *out->texts);
	for (size_t i = 0; i < n; i++)
		if (json_is_string(json_array_get(list, i)))
			out->texts[used++] = json_string_value(json_array_get(list, i));
}

static int read_request(struct abl_trial *out, struct abl_err *err)
{
	const json_t *root = out->root, *inputs = json_object_get(root, "inputs");
	const json_t *task = json_object_get(root, "task");
	const char *stage = text_of(root, "stage");
	int kind = stage ? abl_stage_find(stage) : -1;
	int64_t threads = json_integer_value(json_object_get(root, "threads"));

	if (kind < 0)
		return abl_err_set(err, ABL_EINPUT, "unknown stage '%s'", stage ? stage : "");
	if (!json_is_object(json_object_get(root, "config")))
		return abl_err_set(err, ABL_EINPUT, "'config' is missing");
	if (abl_config_from_json(&out->config, json_object_get(root, "config"), err))
		return err->code;
	if (task && abl_task_spec_from_json(&out->task, task, err))
		return err->code;
	read_texts(out, json_object_get(inputs, "texts"));
	out->study = text_of(root, "study");
	out->variant = text_of(root, "variant");
	out->key = text_of(root, "key");
	out->attempt = json_integer_value(json_object_get(root, "attempt"));
	out->request = (struct abl_stage_request){
		.kind = (enum abl_stage_kind)kind,
		.config = &out->config,
		.seed = json_integer_value(json_object_get(root, "seed")),
		.output = text_of(root, "output"),
		.texts = out->texts,
		.groups = text_of(inputs, "groups"),
		.vocab = text_of(inputs, "vocab"),
		.corpus = text_of(inputs, "corpus"),
		.parent = text_of(inputs, "parent"),
		.task = task ? &out->task : NULL,
		.split = text_of(root, "split"),
		.hold_back = json_is_true(json_object_get(root, "hold_back")),
		.sharpness = json_is_true(json_object_get(root, "sharpness")),
		.threads = threads > 0 ? (int)threads : 1,
		.resume = json_is_true(json_object_get(root, "resume")),
	};
	if (!out->request.output)
		return abl_err_set(err, ABL_EINPUT, "'output' is missing");
	return 0;
}

int abl_trial_read(struct abl_trial *out, const char *path, struct abl_err *err)
{
	struct abl_err local = {0};
	struct abl_str text = {0};
	json_error_t where;
	int rc;

	*out = (struct abl_trial){0};
	err = err ? err : &local;
	rc = abl_file_read(path, &text, LARGEST_FILE, err);
	if (!rc) {
		out->root = json_loadb(text.text, text.length, JSON_REJECT_DUPLICATES, &where);
		if (!out->root)
			rc = abl_err_set(err, ABL_EINPUT, "%s:%d:%d: error: not a trial file: %s",
					 path, where.line, where.column, where.text);
		else if ((rc = read_request(out, err)))
			abl_err_prefix(err, "%s: error", path);
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
	abl_task_spec_finish(&t->task);
	json_decref(t->root);
	free(t->texts);
	*t = (struct abl_trial){0};
}
