/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_program.h"

#include "program_parts.h"

#include <string.h>

enum { INDENT = 12 };

static void say(struct abl_str *out, const char *head, const char *text)
{
	abl_str_printf(out, "  %-9s ", head);
	abl_str_wrap(out, INDENT, INDENT, text);
}

/* "train: " before what is said of one of several steps. */
static void add_step(const struct abl_program *program, size_t i, struct abl_str *text)
{
	if (*program->steps[i].name)
		abl_str_printf(text, "%s: ", program->steps[i].name);
}

static int64_t bytes_of(const struct abl_code_list *list)
{
	int64_t sum = 0;

	for (size_t i = 0; i < list->count; i++)
		sum += list->file[i].content.size;
	return sum;
}

static void add_files(const struct abl_code_list *list, const char *what, struct abl_str *text)
{
	const double bytes = (double)bytes_of(list);
	char size[32];

	if (list->count == 1)
		abl_str_printf(text, "%s", list->file[0].path);
	else
		abl_str_printf(text, "%zu %s", list->count, what);
	if (bytes >= 1048576)
		abl_str_printf(text, " (%s)", abl_format_bytes(bytes, size));
}

static void add_code(const struct abl_program *program, const struct abl_plan_program *parts,
		     size_t i, struct abl_str *out)
{
	const struct abl_code_set *code = &parts->part[i].code;
	struct abl_str text = {0};

	add_step(program, i, &text);
	if (code->code.count) {
		add_files(&code->code, "files", &text);
		abl_str_puts(&text, program->in_place ? ", run in place" : ", run in a copy");
	} else {
		abl_str_puts(&text,
			     "none of its files is known, so nothing tells when they change: "
			     "name them under 'files:'");
	}
	if (code->inputs.count) {
		abl_str_puts(&text, "; inputs ");
		add_files(&code->inputs, "files", &text);
	}
	say(out, "code", text.text);
	for (const char *p = code->notes.text; p && *p; p += strcspn(p, "\n") + 1) {
		abl_str_clear(&text);
		abl_str_add(&text, p, strcspn(p, "\n"));
		say(out, "note", text.text);
		if (!p[strcspn(p, "\n")])
			break;
	}
	abl_str_finish(&text);
}

/* Does the seed reach the step, by whatever way? */
static bool has_seed(const struct abl_program *program, size_t i)
{
	bool has = program->seed_flag || program->seed_variable;

	for (char *const *w = program->steps[i].command; *w && !has; w++)
		has = strstr(*w, "{seed}") != NULL;
	for (size_t k = 0; k < program->environment_count && !has; k++)
		has = strstr(program->environment[k].value, "{seed}") != NULL;
	return has && program->steps[i].seeded;
}

static void add_seed(const struct abl_study *s, struct abl_str *out)
{
	for (size_t i = 0; i < s->program->step_count; i++)
		if (has_seed(s->program, i))
			return;
	if (s->pretrain_seeds > 1)
		say(out, "warning",
		    "the seed does not reach the program: its runs differ only if it draws its "
		    "own; "
		    "'seed: {flag: --seed}' or '{seed}' in a word passes it");
}

/* Tasks that nothing tells apart are one program with two names. */
static void add_tasks(const struct abl_plan *plan, struct abl_str *out)
{
	const struct abl_study *s = plan->study;

	/* the first trials are those of the baseline, task by task */
	for (size_t i = 1; i < s->task_count && i < plan->trial_count; i++)
		for (size_t k = 0; k < i; k++) {
			const size_t one = abl_plan_stage_of(&plan->trials[k], "evaluate"),
				     two = abl_plan_stage_of(&plan->trials[i], "evaluate");
			struct abl_str text = {0};

			if (one == ABL_NONE || one != two)
				continue;
			abl_str_printf(&text,
				       "tasks '%s' and '%s' run the same: 'flags', options or "
				       "'{task}' in a word tell tasks apart",
				       s->tasks[k].spec.name, s->tasks[i].spec.name);
			say(out, "warning", text.text);
			abl_str_finish(&text);
			return;
		}
}

void abl_plan_program(const struct abl_plan *plan, struct abl_str *out)
{
	const struct abl_study *s = plan->study;

	for (size_t i = 0; i < s->program->step_count; i++)
		add_code(s->program, plan->program, i, out);
	add_seed(s, out);
	add_tasks(plan, out);
}
