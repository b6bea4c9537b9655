/* SPDX-License-Identifier: Apache-2.0 */
#include "trained_on.h"

#include "files.h"
#include "json.h"
#include "str.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)1 << 20) /* bytes of the file */

void abl_trained_on_finish(struct abl_trained_on *t)
{
	if (!t)
		return;
	free(t->task), free(t->file), free(t->group);
	*t = (struct abl_trained_on){0};
}

/* The world's is its task, its sample, its split and how many examples. */
static int content_of(const struct abl_task_spec *s, const char *split, char out[ABL_HASH_TEXT],
		      struct abl_err *err)
{
	const bool dev = !strcmp(split, "dev"), test = !strcmp(split, "test");
	const char *path = dev ? s->dev : test ? s->test : s->train;
	const int64_t examples = dev    ? s->dev_examples
				 : test ? s->test_examples
					: s->train_examples;
	struct abl_str text = {0};

	if (!path || strcmp(path, ABL_WORLD) != 0)
		return path ? abl_hash_file(path, out, err)
			    : abl_err_set(err, ABL_EINPUT, "task '%s' has no %s file", s->name,
					  split);
	abl_str_printf(&text, ABL_WORLD "/%d %s %s %lld %lld", ABL_WORLD_VERSION, s->name, split,
		       (long long)s->world_seed, (long long)examples);
	abl_hash_bytes(text.text, text.length, out);
	abl_str_finish(&text);
	return 0;
}

/* The column that rows stay together by; by default that of the first text. */
static const char *group_of(const struct abl_task_spec *s)
{
	return s->group ? s->group : s->text;
}

int abl_trained_on_write(const struct abl_task_spec *s, bool held_back, const char *folder,
			 struct abl_err *err)
{
	const char *slash = strrchr(s->train, '/');
	char *path = abl_path_join(folder, ABL_TRAINED_ON), hash[ABL_HASH_TEXT];
	struct abl_str text = {0};
	struct abl_json j;
	int rc = content_of(s, "train", hash, err);

	if (!rc) {
		abl_json_begin(&j);
		abl_json_text(&j, j.root, "task", s->name);
		abl_json_text(&j, j.root, "file", slash ? slash + 1 : s->train);
		abl_json_text(&j, j.root, "content", hash);
		abl_json_text(&j, j.root, "group", group_of(s));
		abl_json_int(&j, j.root, "limit", s->limit);
		abl_json_bool(&j, j.root, "held_back", held_back);
		rc = abl_json_end(&j, JSON_INDENT(2), ABL_TRAINED_ON, &text, err);
	}
	if (!rc) {
		abl_str_puts(&text, "\n");
		rc = abl_file_write(path, text.text, text.length, err);
	}
	abl_str_finish(&text);
	free(path);
	return rc;
}

static char *text_at(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? abl_strdup(text) : NULL;
}

static int take(struct abl_trained_on *t, const json_t *o, const char *path, struct abl_err *err)
{
	const char *hash = json_string_value(json_object_get(o, "content"));
	const json_t *limit = json_object_get(o, "limit"), *held = json_object_get(o, "held_back");

	t->task = text_at(o, "task"), t->file = text_at(o, "file");
	t->group = text_at(o, "group");
	if (!t->task || !t->file || !hash || strlen(hash) != ABL_HASH_TEXT - 1 ||
	    !json_is_integer(limit) || json_integer_value(limit) < 0 || !json_is_boolean(held))
		return abl_err_set(err, ABL_EINPUT, "%s: is damaged", path);
	memcpy(t->hash, hash, ABL_HASH_TEXT);
	t->limit = json_integer_value(limit);
	t->held_back = json_is_true(held);
	t->there = true;
	return 0;
}

int abl_trained_on_read(struct abl_trained_on *t, const char *folder, struct abl_err *err)
{
	char *path = abl_path_join(folder, ABL_TRAINED_ON);
	struct abl_str text = {0};
	json_t *o = NULL;
	int rc = 0;

	*t = (struct abl_trained_on){0};
	if (abl_file_exists(path)) {
		rc = abl_file_read(path, &text, MOST, err);
		if (!rc) {
			o = json_loadb(text.text, text.length, JSON_REJECT_DUPLICATES, NULL);
			rc = take(t, o, path, err);
		}
	}
	if (rc)
		abl_trained_on_finish(t);
	json_decref(o);
	abl_str_finish(&text);
	free(path);
	return rc;
}

int abl_trained_on_same(const struct abl_trained_on *t, const struct abl_task_spec *s,
			const char *split, bool *same, struct abl_err *err)
{
	char hash[ABL_HASH_TEXT];
	int rc = content_of(s, split, hash, err);

	*same = !rc && !strcmp(hash, t->hash);
	return rc;
}

void abl_trained_on_apply(const struct abl_trained_on *t, struct abl_task_spec *s)
{
	s->limit = t->limit;
	if (!t->group || (group_of(s) && !strcmp(group_of(s), t->group)))
		return;
	free(s->group);
	s->group = abl_strdup(t->group);
}
