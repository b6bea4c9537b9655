/* SPDX-License-Identifier: Apache-2.0 */
#include "inputs.h"

#include "files.h"
#include "seal.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_REMADE = 2, MOST_SHOWN = 5 };

/* A program that sealed nothing has left this: the files of its kind must be there. */
static int check_unsealed(const struct abl_kind *kind, const char *folder, struct abl_err *err)
{
	int rc = 0;

	for (const char *const *name = kind->leaves; *name && !rc; name++) {
		char *path = abl_path_join(folder, *name);

		if (!abl_is_regular(path))
			rc = abl_err_set(err, ABL_EDAMAGED, "%s is missing", path);
		free(path);
	}
	return rc;
}

/* What is wrong with what the stage made, or 0. */
static int check(const struct abl_run *run, size_t stage, enum abl_look how, struct abl_err *err)
{
	const struct abl_node *n = &run->nodes[stage];
	char *folder = abl_path_join(run->folder, n->artifact ? n->artifact : "artifacts");
	int rc = n->dropped    ? abl_err_set(err, ABL_EDAMAGED, "what it made was not kept")
		 : n->artifact ? abl_made_check(folder, n->seal, how, err)
			       : 0;

	if (!rc && !n->seal)
		rc = check_unsealed(run->plan->stages[stage].kind, folder, err);
	free(folder);
	return rc;
}

/* It waits again. Its results stay in the store. */
static void lose(struct abl_run *run, size_t stage, const char *why)
{
	struct abl_node *n = &run->nodes[stage];

	free(n->lost), free(n->seal);
	n->lost = abl_strdup(why);
	n->seal = NULL;
	n->state = ABL_WAITING;
	n->held = run->tests_only && run->plan->stages[stage].kind->trains; /* nothing is trained */
	n->remade++;
}

void abl_inputs_restore(struct abl_run *run, size_t first)
{
	for (size_t i = first; run->store && i < run->node_count; i++)
		if (run->nodes[i].state == ABL_DONE && run->nodes[i].dropped)
			lose(run, i, "what it made was not kept");
}

void abl_inputs_look(struct abl_run *run, size_t stage)
{
	const struct abl_plan_stage *p = &run->plan->stages[stage];

	for (size_t i = 0; run->store && i < p->input_count; i++) {
		const size_t input = p->inputs[i].stage;
		struct abl_err err = {0};

		if (input == ABL_NONE || run->nodes[input].looked)
			continue;
		run->nodes[input].looked = true;
		if (run->nodes[input].state == ABL_DONE &&
		    check(run, input, ABL_LOOK_SIZES, &err) == ABL_EDAMAGED)
			lose(run, input, err.text);
		if (run->nodes[input].state != ABL_DONE)
			abl_inputs_look(run, input);
	}
}

bool abl_inputs_damaged(struct abl_run *run, size_t stage)
{
	const struct abl_plan_stage *p = &run->plan->stages[stage];
	bool any = false;

	for (size_t i = 0; i < p->input_count; i++) {
		const size_t input = p->inputs[i].stage;
		struct abl_node *n = input == ABL_NONE ? NULL : &run->nodes[input];
		struct abl_err err = {0};

		if (n && n->state == ABL_DONE && n->remade < MOST_REMADE &&
		    check(run, input, ABL_LOOK_ALL, &err) == ABL_EDAMAGED) {
			lose(run, input, err.text);
			abl_inputs_look(run, input);
		}
		/* or another reader has told it before */
		any |= n && n->lost && !n->held && n->state != ABL_DONE;
	}
	return any;
}

void abl_inputs_summary(const struct abl_run *run, struct abl_str *out)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < run->node_count; i++) {
		if (!run->nodes[i].lost || run->nodes[i].held)
			continue;
		if (shown++ >= MOST_SHOWN)
			more++;
		else
			abl_str_printf(out, "  again     %s %.12s: %s\n",
				       run->plan->stages[i].kind->one, run->plan->stages[i].key,
				       run->nodes[i].lost);
	}
	if (more)
		abl_str_printf(out, "            and %zu more\n", more);
}
