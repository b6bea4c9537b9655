/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_files.h"

#include "files.h"
#include "input_hash.h"
#include "program_parts.h"
#include "str.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_FILE ((size_t)16 << 20)

struct list {
	struct abl_needed_file *file;
	size_t count, capacity;
	struct abl_run *run;
	int rc;
	struct abl_err *err;
};

static void add(struct list *l, const char *path, const char *hash)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->file[i].path, path))
			return;
	abl_grow(&l->file, &l->capacity, l->count + 2, sizeof *l->file);
	l->file[l->count++] =
		(struct abl_needed_file){.path = abl_strdup(path), .hash = abl_strdup(hash)};
	l->file[l->count] = (struct abl_needed_file){0};
}

/* A file that is not there is no fact: the stage says so itself. */
static void add_outside(struct list *l, const char *path)
{
	const size_t n = strlen(l->run->folder);
	struct abl_content content;

	if (*path != '/' || (!strncmp(path, l->run->folder, n) && path[n] == '/') ||
	    !abl_is_regular(path))
		return;
	l->rc = abl_hash_cache_file(l->run->hashes, path, &content, l->err);
	if (!l->rc)
		add(l, path, content.hash);
}

static void add_named(struct list *l, json_t *value)
{
	const char *name;
	json_t *part;
	size_t i;

	if (json_is_string(value) && !l->rc)
		add_outside(l, json_string_value(value));
	json_array_foreach(value, i, part)
	{
		add_named(l, part);
	}
	json_object_foreach(value, name, part)
	{
		add_named(l, part);
	}
}

static void add_trial(struct list *l, const char *trial)
{
	static const char *const members[] = {"inputs", "task", "tasks"};
	struct abl_str text = {0};
	json_t *root = NULL;

	l->rc = abl_file_read(trial, &text, LARGEST_FILE, l->err);
	if (!l->rc && !(root = json_loadb(text.text, text.length, 0, NULL)))
		l->rc = abl_err_set(l->err, ABL_EINPUT, "'%s' is no trial file", trial);
	for (size_t i = 0; i < sizeof members / sizeof *members && root; i++)
		add_named(l, json_object_get(root, members[i]));
	json_decref(root);
	abl_str_finish(&text);
}

static void add_code(struct list *l, const char *directory, const struct abl_code_list *code,
		     bool elsewhere)
{
	for (size_t i = 0; i < code->count; i++) {
		const struct abl_code_file *f = &code->file[i];
		char *path = abl_path_join(directory, f->path);

		if (!elsewhere || *f->path == '/')
			add(l, *f->path == '/' ? f->path : path, f->content.hash);
		free(path);
	}
}

int abl_attempt_files(struct abl_run *run, size_t stage, const char *trial,
		      struct abl_needed_file **out, struct abl_err *err)
{
	const size_t step = run->plan->stages[stage].step;
	struct list l = {.run = run, .err = err};

	if (!run->hashes)
		run->hashes = abl_hash_cache_open(run->folder);
	if (run->code) {
		const struct abl_code_set *set = &run->plan->program->part[step].code;

		add_code(&l, set->directory, &set->inputs, false);
		add_code(&l, set->directory, &set->code, run->code[step].folder != NULL);
	} else {
		add_trial(&l, trial);
	}
	*out = l.file;
	if (!l.rc)
		return 0;
	abl_attempt_files_destroy(l.file);
	*out = NULL;
	return l.rc;
}

void abl_attempt_files_destroy(struct abl_needed_file *files)
{
	for (struct abl_needed_file *f = files; f && f->path; f++) {
		free((char *)(uintptr_t)f->path);
		free((char *)(uintptr_t)f->hash);
	}
	free(files);
}
