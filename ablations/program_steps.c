/* SPDX-License-Identifier: Apache-2.0 */
/* program_steps.c - `command:`, or `steps:` with a command each. */
#include "node_value.h"
#include "program_source.h"
#include "str.h"

#include <string.h>

static const struct abl_option gpus_row = {.name = "gpus", .type = ABL_INT, .min = 0, .max = 64};

int abl_program_step_of(const struct abl_program *p, const char *name, size_t length)
{
	for (size_t i = 0; i < p->step_count && length; i++)
		if (strlen(p->steps[i].name) == length && !memcmp(p->steps[i].name, name, length))
			return (int)i;
	return -1;
}

static const char *step_at(size_t i, const void *data)
{
	return ((const struct abl_program *)data)->steps[i].name;
}

const char *abl_program_step_near(const struct abl_program *p, const char *name)
{
	return abl_nearest(name, p->step_count, step_at, p);
}

static int read_command(struct abl_program_step *step, const struct abl_node *n,
			struct abl_err *err)
{
	if (abl_program_words_read(n, "command", false, &step->command, err))
		return ABL_EINPUT;
	if (!step->command[0] || !*step->command[0])
		return abl_node_fail(n, "command: [python, train.py, \"{flags}\"]", err,
				     "'command' needs a program");
	return 0;
}

static int add_step(struct abl_program_reading *r, const struct abl_node *name, const char *text,
		    int64_t gpus)
{
	struct abl_program *p = r->program;
	struct abl_program_step *step = &p->steps[p->step_count];

	*step = (struct abl_program_step){.name = abl_strdup(text),
					  .command = abl_program_no_words(),
					  .files = abl_program_no_words(),
					  .inputs = abl_program_no_words(),
					  .seeded = true,
					  .gpus = gpus};
	r->step[p->step_count].name = name;
	return (int)p->step_count++;
}

static int read_seed(struct abl_program_step *step, const struct abl_node *n, struct abl_err *err)
{
	if (n->kind != ABL_NODE_SCALAR || strcmp(n->text, "none"))
		return abl_node_fail(n, "how the program gets it is said at the top level", err,
				     "the 'seed' of a step can only be 'none': its result does not "
				     "depend on it");
	step->seeded = false;
	return 0;
}

/* What stands in the map of a step. */
static int read_details(struct abl_program_reading *r, int i, const struct abl_node *map,
			struct abl_err *err)
{
	struct abl_program_step *step = &r->program->steps[i];
	struct abl_program_step_nodes *nodes = &r->step[i];
	const struct abl_node *seed, *files, *inputs;
	int rc = abl_node_expect(map, ABL_NODE_MAP, step->name, err);

	rc = rc ? rc : abl_study_check_keys(r->study, map, "steps.NAME.", err);
	if (rc)
		return rc;
	nodes->command = abl_node_get(map, "command");
	nodes->reads = abl_node_get(map, "reads");
	nodes->options = abl_node_get(map, "options");
	nodes->gpus = abl_node_get(map, "gpus");
	seed = abl_node_get(map, "seed");
	files = abl_node_get(map, "files");
	inputs = abl_node_get(map, "inputs");
	if (!nodes->command)
		return abl_node_fail(nodes->name, "command: [python, train.py, \"{flags}\"]", err,
				     "step '%s' has no 'command'", step->name);
	rc = read_command(step, nodes->command, err);
	if (!rc && seed)
		rc = read_seed(step, seed, err);
	if (!rc && files)
		rc = abl_program_words_read(files, "files", true, &step->files, err);
	if (!rc && inputs)
		rc = abl_program_words_read(inputs, "inputs", true, &step->inputs, err);
	if (!rc && nodes->gpus)
		rc = abl_program_value(nodes->gpus, &gpus_row, &step->gpus, err);
	return rc;
}

static int read_name(const struct abl_program_reading *r, const struct abl_node *n,
		     const char **out, struct abl_err *err)
{
	if (abl_node_name(n, "step", out, err))
		return ABL_EINPUT;
	if (abl_is_program_word(*out, strlen(*out)))
		return abl_node_fail(n, "call it otherwise", err,
				     "a step cannot be called '%s': '{%s}' stands for something "
				     "else",
				     *out, *out);
	if (abl_program_step_of(r->program, *out, strlen(*out)) >= 0)
		return abl_node_fail(n, "give one of them another name", err,
				     "two steps are called '%s'", *out);
	return 0;
}

static int read_map(struct abl_program_reading *r, int64_t gpus, struct abl_err *err)
{
	const struct abl_node *n = r->steps;

	if (abl_node_expect(n, ABL_NODE_MAP, "steps", err))
		return ABL_EINPUT;
	if (!n->count)
		return abl_node_fail(n, NULL, err, "'steps' needs at least one step");
	if (n->count / 2 > ABL_PROGRAM_STEPS)
		return abl_node_fail(n, NULL, err, "there are %zu steps, and %d are possible",
				     n->count / 2, ABL_PROGRAM_STEPS);
	for (size_t i = 0; i < n->count; i += 2) {
		const char *name;

		if (read_name(r, n->items[i], &name, err) ||
		    read_details(r, add_step(r, n->items[i], name, gpus), n->items[i + 1], err))
			return ABL_EINPUT;
	}
	return 0;
}

int abl_program_read_steps(struct abl_program_reading *r, struct abl_err *err)
{
	const struct abl_node *all = abl_node_get(r->root, "gpus");
	int64_t gpus = 0;

	r->program->steps = abl_calloc(ABL_PROGRAM_STEPS, sizeof *r->program->steps);
	if (all && abl_program_value(all, &gpus_row, &gpus, err))
		return ABL_EINPUT;
	if (r->steps && r->command)
		return abl_node_fail(r->steps, "put it into one of the steps", err,
				     "'command' (line %d) and 'steps' do not go together",
				     r->command->line);
	if (r->steps)
		return read_map(r, gpus, err);
	add_step(r, r->command, "", gpus);
	r->step[0].command = r->command;
	return read_command(&r->program->steps[0], r->command, err);
}
