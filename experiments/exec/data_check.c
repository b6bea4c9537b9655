/* SPDX-License-Identifier: Apache-2.0 */
#include "data_check.h"

#include "files.h"
#include "str.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST ((size_t)16 << 20)

void abl_data_facts_add(struct abl_data_facts *out, const char *path, const char *hash)
{
	struct abl_data_fact *f;

	for (size_t i = 0; i < out->count; i++)
		if (!strcmp(out->fact[i].path, path))
			return;
	abl_grow(&out->fact, &out->capacity, out->count + 1, sizeof *out->fact);
	f = &out->fact[out->count++];
	f->path = abl_strdup(path);
	snprintf(f->hash, sizeof f->hash, "%s", hash);
}

void abl_data_facts_finish(struct abl_data_facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		free(f->fact[i].path);
	free(f->fact);
	*f = (struct abl_data_facts){0};
}

static bool is_below(const char *path, const char *folder)
{
	const size_t n = strlen(folder);

	return !strncmp(path, folder, n) && (!path[n] || path[n] == '/');
}

struct reading {
	struct abl_data_facts *out;
	const char *store;
	struct abl_hash_cache *cache;
	struct abl_err *err;
	int rc;
};

static void add_files(struct reading *r, const json_t *value)
{
	json_t *all = (json_t *)(uintptr_t)value, *part; /* only read */
	const char *path = json_string_value(value), *name;
	struct abl_content content;
	size_t i;

	if (r->rc)
		return;
	if (path && *path == '/' && !is_below(path, r->store) && abl_is_regular(path)) {
		r->rc = abl_hash_cache_file(r->cache, path, &content, r->err);
		if (!r->rc)
			abl_data_facts_add(r->out, path, content.hash);
	}
	json_array_foreach(all, i, part) add_files(r, part);
	json_object_foreach(all, name, part) add_files(r, part);
}

int abl_data_facts_read(struct abl_data_facts *out, const char *trial, const char *store,
			struct abl_hash_cache *cache, struct abl_err *err)
{
	static const char *const members[] = {"inputs", "task", "tasks"};
	struct reading r = {.out = out, .store = store, .cache = cache, .err = err};
	struct abl_str text = {0};
	json_t *root = NULL;

	r.rc = abl_file_read(trial, &text, LARGEST, err);
	if (!r.rc && !(root = json_loadb(text.text, text.length, 0, NULL)))
		r.rc = abl_err_set(err, ABL_EINPUT, "'%s' is no trial file", trial);
	for (size_t i = 0; i < sizeof members / sizeof *members && root; i++)
		add_files(&r, json_object_get(root, members[i]));
	json_decref(root);
	abl_str_finish(&text);
	return r.rc;
}

int abl_data_check(const struct abl_data_facts *facts, const struct abl_roots *from,
		   const struct abl_roots *to, struct abl_hash_cache *cache, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < facts->count && !rc; i++) {
		struct abl_str path = {0};
		struct abl_content content;

		abl_roots_move(&path, facts->fact[i].path, from, to);
		rc = abl_hash_cache_file(cache, path.text, &content, err);
		if (!rc && strcmp(content.hash, facts->fact[i].hash))
			rc = abl_err_set(err, ABL_EINPUT,
					 "'%s' is not the file that the run was planned with",
					 path.text);
		abl_str_finish(&path);
	}
	return rc;
}
