/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_commands.h"

#include "attempt_folder.h"
#include "files.h"
#include "program_order.h"
#include "progress.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the store is or would be; the caller's. */
static char *store_folder(const struct abl_run *run)
{
	const char *place = strncmp(run->place, "./", 2) ? run->place : run->place + 2;
	char *here = getcwd(NULL, 0), *path = here ? abl_path_join(here, place) : abl_strdup(place);

	free(here);
	return path;
}

static int add_command(const struct abl_run *run, const char *store, size_t i, struct abl_str *out,
		       struct abl_err *err)
{
	const struct abl_plan_stage *stage = &run->plan->stages[i];
	char *folder = abl_store_path(store, "work/%s/" ABL_ATTEMPT_OUT, stage->key);
	char *before[ABL_KIND_INPUTS] = {NULL};
	const struct abl_order_place place = {
		.out = folder, .folders = (const char *const *)before, .threads = run->threads};
	struct abl_stage_order order;
	struct abl_argv argv = {0};
	int rc;

	for (size_t k = 0; k < stage->input_count; k++)
		before[k] = abl_store_path(store, "artifacts/%s",
					   run->plan->stages[stage->inputs[k].stage].key);
	abl_stage_order_init(&order, run->plan, stage, &place);
	rc = abl_words_fill(&argv, &order.order, &(struct abl_words_now){0}, err);
	if (!rc) {
		abl_str_printf(out, "# %s: ", abl_plan_stage_name(run->plan->study, stage));
		abl_progress_name(run->plan, i, out);
		abl_str_puts(out, "\n");
		abl_words_shell(&order.order, &argv, out);
		abl_str_puts(out, "\n");
	}
	abl_argv_finish(&argv);
	abl_stage_order_finish(&order);
	for (size_t k = 0; k < stage->input_count; k++)
		free(before[k]);
	free(folder);
	return rc;
}

int abl_plan_commands(const struct abl_run *run, struct abl_str *out, struct abl_err *err)
{
	char *store;
	int rc = 0;

	if (!run->plan->program)
		return abl_err_set(
			err, ABL_EINPUT,
			"study '%s' has no 'command:': the built-in engine does its work",
			run->plan->study->name);
	store = store_folder(run);
	for (size_t i = 0; i < run->plan->stage_count && !rc; i++)
		rc = add_command(run, store, i, out, err);
	free(store);
	return rc;
}
