/* SPDX-License-Identifier: Apache-2.0 */
#include "program_parts.h"

#include <stdlib.h>
#include <string.h>

static char *role_of(const struct abl_program *program, size_t step, const char *before,
		     const char *last)
{
	struct abl_str role = {0};

	if (step + 1 == program->step_count)
		abl_str_puts(&role, last);
	else
		abl_str_printf(&role, "%s%s", before, program->steps[step].name);
	return role.text;
}

/* The words, those that mean something else in a copy in its terms. */
static const char **words_of(const struct abl_code_set *code, bool of_wrap, char *const *words)
{
	const char **list;
	size_t n = 0;

	while (words && words[n])
		n++;
	list = abl_calloc(n + 1, sizeof *list);
	for (size_t i = 0; i < n; i++)
		list[i] = abl_code_word(code, of_wrap, i, words[i]);
	return list;
}

static int fill_part(struct abl_program_part *part, const struct abl_program *program, size_t i,
		     struct abl_hash_cache *cache, struct abl_err *err)
{
	const struct abl_program_step *step = &program->steps[i];
	const struct abl_code_spec spec = {
		.directory = program->directory,
		.command = (const char *const *)step->command,
		.wrap = (const char *const *)program->wrap,
		.files = {(const char *const *)program->files, (const char *const *)step->files},
		.inputs = {(const char *const *)program->inputs, (const char *const *)step->inputs},
		.cache = cache,
	};
	int rc = abl_code_find(&part->code, &spec, err);

	if (rc)
		return rc;
	part->role = role_of(program, i, ABL_STEP_ROLE, "evaluate");
	part->repeat = role_of(program, i, ABL_REPEAT_ROLE " ", ABL_REPEAT_ROLE);
	part->command = words_of(&part->code, false, step->command);
	part->wrap = words_of(&part->code, true, program->wrap);
	return 0;
}

int abl_program_parts_create(struct abl_plan_program **out, const struct abl_program *program,
			     const char *store, struct abl_err *err)
{
	struct abl_plan_program *p = abl_calloc(1, sizeof *p);
	struct abl_hash_cache *cache = abl_hash_cache_open(store);
	int rc = 0;

	p->part = abl_calloc(program->step_count, sizeof *p->part);
	for (; p->count < program->step_count && !rc; p->count++)
		rc = fill_part(&p->part[p->count], program, p->count, cache, err);
	/* a store that is not there yet, or is only read, knows the hashes another time */
	if (!rc && store)
		(void)!abl_hash_cache_save(cache, NULL);
	abl_hash_cache_close(cache);
	if (rc)
		abl_program_parts_destroy(p);
	else
		*out = p;
	return rc;
}

void abl_program_parts_destroy(struct abl_plan_program *p)
{
	for (size_t i = 0; p && i < p->count; i++) {
		struct abl_program_part *part = &p->part[i];

		free(part->role), free(part->repeat), free(part->command), free(part->wrap);
		abl_code_finish(&part->code);
	}
	if (p)
		free(p->part);
	free(p);
}
