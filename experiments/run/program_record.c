/* SPDX-License-Identifier: Apache-2.0 */
#include "program_record.h"

#include "environment_record.h"
#include "git_record.h"
#include "json.h"
#include "program_order.h"
#include "program_parts.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/* A record of each step under its name; *hash gets the hash of what their numbers depend on. */
static void environments(const struct abl_run *run, struct abl_json *j, char hash[ABL_HASH_TEXT])
{
	const struct abl_program *program = run->plan->study->program;
	struct abl_hash *all = abl_hash_create();
	json_t *steps = abl_json_object(j, j->root, "steps");
	struct abl_hash_cache *cache = abl_hash_cache_open(run->place); /* of images */

	for (size_t i = 0; i < run->plan->stage_count; i++) {
		const struct abl_plan_stage *stage = &run->plan->stages[i];
		const char *name = abl_plan_stage_name(run->plan->study, stage), *its;
		struct abl_stage_order o;
		json_t *record;

		if (json_object_get(steps, name))
			continue;
		abl_stage_order_init(&o, run->plan, stage, &(struct abl_order_place){.out = ""});
		record = abl_environment_record(&(struct abl_environment_spec){
			.directory = program->directory,
			.command = o.order.command,
			.wrap = o.order.wrap,
			.setup = o.order.setup,
			.environment = o.order.environment,
			.environment_count = o.order.environment_count,
			.pass = o.order.pass,
			.pass_count = o.order.pass_count,
			.cache = cache});
		its = json_string_value(json_object_get(record, "hash"));
		abl_hash_field(all, name, its ? its : "");
		abl_json_put(j, steps, name, record);
		abl_stage_order_finish(&o);
	}
	(void)!abl_hash_cache_save(cache, NULL); /* hashed again, another time */
	abl_hash_cache_close(cache);
	abl_hash_text(all, hash);
	abl_hash_destroy(all);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct abl_code_file *)a)->path,
		      ((const struct abl_code_file *)b)->path);
}

/* The commit, and which files of all steps are not as it has them. NULL: there is none. */
static json_t *git_of(const struct abl_plan_program *program)
{
	struct abl_code_set all = {.directory = program->part[0].code.directory};
	struct abl_code_list *list = &all.code; /* the files are the parts' own */
	size_t count = 0;
	json_t *git;

	for (size_t i = 0; i < program->count; i++) {
		const struct abl_code_list *its = &program->part[i].code.code;

		abl_grow(&list->file, &list->capacity, list->count + its->count,
			 sizeof *list->file);
		for (size_t k = 0; k < its->count; k++)
			list->file[list->count++] = its->file[k];
	}
	if (list->count)
		qsort(list->file, list->count, sizeof *list->file, by_path);
	for (size_t i = 0; i < list->count; i++)
		if (!count || strcmp(list->file[count - 1].path, list->file[i].path) != 0)
			list->file[count++] = list->file[i];
	list->count = count;
	git = abl_git_record(&all);
	free(list->file);
	return git;
}

int abl_program_record(const struct abl_run *run, struct abl_err *err)
{
	struct abl_str text = {0};
	char hash[ABL_HASH_TEXT];
	struct abl_json j;
	json_t *git;
	int rc;

	if (!run->plan->program)
		return 0;
	abl_json_begin(&j);
	environments(run, &j, hash);
	git = git_of(run->plan->program);
	if (git)
		abl_json_put(&j, j.root, "git", git);
	rc = abl_json_end(&j, JSON_COMPACT, "the environment", &text, err);
	rc = rc ? rc : abl_store_run_environment(run->store, run->row, text.text, hash, err);
	abl_str_finish(&text);
	return rc;
}
