/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_commands.h"

#include "attempt_folder.h"
#include "files.h"
#include "json.h"
#include "placeholder.h"
#include "program_order.h"
#include "progress.h"
#include "shell.h"
#include "trial_name.h"
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

#define PORT 29500 /* a run takes one that is free; this is what launchers take by themselves */

/* What a stage before has left: in a store where it is done, its results, else what its own line
 * here leaves. */
static char *folder_before(const struct abl_run *run, const char *store, const char *key)
{
	struct abl_stage_info info = {0};
	char *done = NULL;

	/* not always under its key: it may be of other code ('run --code same') */
	if (run->store && abl_store_stage(run->store, key, &info, NULL) == 1 &&
	    info.state == ABL_DONE && info.artifact)
		done = abl_path_join(store, info.artifact);
	abl_stage_info_finish(&info);
	if (done && abl_is_dir(done))
		return done;
	free(done);
	return abl_store_path(store, "work/%s/" ABL_ATTEMPT_OUT, key);
}

static bool is_told(const struct abl_argv *a, const char *path)
{
	bool told = false;

	for (size_t i = 0; i < a->count && !told; i++)
		told = strstr(a->word[i], path) != NULL;
	for (size_t i = 0; i < a->environment_count && !told; i++)
		told = strstr(a->environment[i], path) != NULL;
	return told;
}

/* What no word says the program may take from its environment. */
static int set_untold(const struct abl_order *o, const char *options, struct abl_argv *a,
		      struct abl_err *err)
{
	char seed[24];
	int rc = 0;

	snprintf(seed, sizeof seed, "%lld", (long long)o->seed);
	if (!is_told(a, o->out))
		rc = abl_argv_set(a, "ABLATE_OUT", o->out, err);
	if (!rc && !strcmp(o->flags, "json") && !is_told(a, options))
		rc = abl_argv_set(a, "ABLATE_OPTIONS", options, err);
	if (!rc && o->seed && !o->seed_flag && !o->seed_variable &&
	    !abl_placeholder_used(o, "seed"))
		rc = abl_argv_set(a, "ABLATE_SEED", seed, err);
	return rc;
}

/* A run has made them before the program starts: its folder, and the file with the options. */
static int add_files(const struct abl_order *o, const char *options, const struct abl_argv *a,
		     struct abl_str *out, struct abl_err *err)
{
	struct abl_json j = {0};
	struct abl_str text = {0};
	int rc;

	abl_str_puts(out, "mkdir -p ");
	abl_shell_word(out, o->out);
	abl_str_puts(out, " && ");
	if (!is_told(a, options))
		return 0;
	j.root = abl_words_options(o);
	rc = j.root ? abl_json_end(&j, JSON_ENSURE_ASCII, "the options", &text, err)
		    : abl_err_set(err, ABL_EINPUT, "a value of an option is not UTF-8");
	if (rc)
		return rc;
	abl_str_puts(out, "printf '%s\\n' ");
	abl_shell_word(out, text.text);
	abl_str_puts(out, " >");
	abl_shell_word(out, options);
	abl_str_puts(out, " && ");
	abl_str_finish(&text);
	return 0;
}

static int add_command(const struct abl_run *run, const char *store, size_t i, struct abl_str *out,
		       struct abl_err *err)
{
	const struct abl_plan_stage *stage = &run->plan->stages[i];
	char *folder = abl_store_path(store, "work/%s/" ABL_ATTEMPT_OUT, stage->key);
	char *options = abl_store_path(store, "work/%s/options.json", stage->key);
	char *before[ABL_KIND_INPUTS] = {NULL};
	const struct abl_order_place place = {
		.out = folder, .folders = (const char *const *)before, .threads = run->threads};
	struct abl_stage_order order;
	struct abl_argv argv = {0};
	int rc;

	for (size_t k = 0; k < stage->input_count; k++)
		before[k] =
			folder_before(run, store, run->plan->stages[stage->inputs[k].stage].key);
	abl_stage_order_init(&order, run->plan, stage, &place);
	rc = abl_words_fill(&argv, &order.order,
			    &(struct abl_words_now){.options_file = options, .port = PORT}, err);
	rc = rc ? rc : set_untold(&order.order, options, &argv, err);
	if (!rc) {
		abl_str_printf(out, "# %s: ", abl_plan_stage_name(run->plan->study, stage));
		abl_progress_name(run->plan, i, out);
		abl_str_puts(out, "\n");
		rc = add_files(&order.order, options, &argv, out, err);
		abl_words_shell(&order.order, &argv, out);
		abl_str_puts(out, "\n");
	}
	abl_argv_finish(&argv);
	abl_stage_order_finish(&order);
	for (size_t k = 0; k < stage->input_count; k++)
		free(before[k]);
	free(folder);
	free(options);
	return rc;
}

static int need_program(const struct abl_run *run, struct abl_err *err)
{
	return run->plan->program
		       ? 0
		       : abl_err_set(
				 err, ABL_EINPUT,
				 "study '%s' has no 'command:': the built-in engine does its work",
				 run->plan->study->name);
}

/* ABL_NONE: there is none. */
static size_t find_trial(const struct abl_plan *plan, const struct abl_trial_name *name)
{
	for (size_t i = 0; i < plan->trial_count; i++) {
		const struct abl_plan_trial *t = &plan->trials[i];

		if (t->seed == name->seed &&
		    !strcmp(plan->study->variants[t->variant].label, name->variant) &&
		    !strcmp(plan->study->tasks[t->task].spec.name, name->task))
			return i;
	}
	return ABL_NONE;
}

int abl_plan_commands_of(const struct abl_run *run, const struct abl_trial_name *trial,
			 struct abl_str *out, struct abl_err *err)
{
	const size_t at = find_trial(run->plan, trial);
	int rc = need_program(run, err);
	char *store;

	if (!rc && at == ABL_NONE)
		rc = abl_err_set(err, ABL_EINPUT, "the study's plan has no such trial now");
	if (rc)
		return rc;
	store = store_folder(run);
	for (size_t i = 0; i < run->plan->trials[at].role_count && !rc; i++)
		rc = add_command(run, store, run->plan->trials[at].roles[i].stage, out, err);
	free(store);
	return rc;
}

int abl_plan_commands(const struct abl_run *run, struct abl_str *out, struct abl_err *err)
{
	char *store;
	int rc = need_program(run, err);

	if (rc)
		return rc;
	store = store_folder(run);
	for (size_t i = 0; i < run->plan->stage_count && !rc; i++)
		rc = add_command(run, store, i, out, err);
	free(store);
	return rc;
}
