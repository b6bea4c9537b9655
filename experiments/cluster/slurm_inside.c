/* SPDX-License-Identifier: Apache-2.0 */
#include "slurm_inside.h"

#include "argv.h"
#include "slurm_command.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE 60.0 /* seconds for scontrol to answer; it needs no controller for this */

bool abl_slurm_is_inside(void)
{
	const char *text = getenv("SLURM_JOB_ID");

	return text && *text;
}

/* A step with all that we have of the node, whatever the options of the job say of its tasks;
 * beside us, where we are a step ourselves. */
static void add_node(struct abl_places *p, const char *node, const char *program, int64_t slots)
{
	static const char *const words[] = {"srun",      "--nodes=1",       "--ntasks=1",
					    "--overlap", "--cpu-bind=none", "--kill-on-bad-exit=1"};
	struct abl_place place = {.kind = ABL_PLACE_COMMAND, .slots = slots};
	struct abl_str list = {0};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		abl_word_list_add(&place.words, words[i]);
	abl_str_printf(&list, "--nodelist=%s", node);
	abl_word_list_add(&place.words, list.text);
	abl_word_list_add(&place.words, program);
	abl_places_take(p, &place, node);
	abl_str_finish(&list);
}

/* "n[1-2]" as "n1\nn2\n" */
static int expand(const char *nodes, struct abl_str *out, struct abl_err *err)
{
	struct abl_slurm_command c = {0};
	struct abl_argv words = {0};
	struct abl_str why = {0};
	int rc;

	abl_argv_add(&words, "scontrol");
	abl_argv_add(&words, "show");
	abl_argv_add(&words, "hostnames");
	abl_argv_add(&words, nodes);
	rc = abl_slurm_command_start(&c, words.word, PATIENCE, err);
	if (!rc) {
		abl_slurm_command_wait(&c);
		abl_str_puts(out, c.printed.text);
		if (c.exit_code || !c.printed.length) {
			abl_slurm_command_why(&c, &why);
			rc = abl_err_set(
				err, ABL_EFAIL,
				"cannot tell the nodes of this job, '%.100s': scontrol: %s", nodes,
				why.text);
		}
	}
	abl_slurm_command_finish(&c);
	abl_argv_finish(&words);
	abl_str_finish(&why);
	return rc;
}

static void drop(struct abl_places *p, enum abl_place_kind kind)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].kind == kind) {
			abl_place_drop(&p->items[i]);
			memmove(p->items + i, p->items + i + 1,
				(--p->count - i) * sizeof *p->items);
			return;
		}
}

int abl_slurm_inside_places(struct abl_places *p, const char *program, struct abl_err *err)
{
	const char *nodes = getenv("SLURM_JOB_NODELIST");
	const int64_t slots = abl_places_of(p, ABL_PLACE_SLURM)->slots;
	struct abl_str list = {0};
	int rc;

	if (!nodes || !*nodes)
		return abl_err_set(err, ABL_EFAIL,
				   "SLURM_JOB_ID is set, and SLURM_JOB_NODELIST is not: unset the "
				   "first where this is no job, or give --here");
	rc = expand(nodes, &list, err);
	if (!rc)
		drop(p, ABL_PLACE_SLURM);
	for (char *at = list.text; !rc && *at;) {
		const size_t n = strcspn(at, "\n");
		const bool last = !at[n];

		at[n] = '\0';
		if (n)
			add_node(p, at, program, slots);
		at += n + !last;
	}
	abl_str_finish(&list);
	return rc;
}
