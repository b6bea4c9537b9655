/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_show.c - all that is known of one trial. */
#include "args_trial.h"
#include "command.h"
#include "json.h"
#include "print.h"
#include "show_trial.h"

#include <string.h>

static const struct abl_command_option options[] = {
	{.name = "format",
	 .type = ABL_ARG_TEXT,
	 .value = "FORMAT",
	 .choices = "text|json",
	 .help = "text or json (default text)"},
	ABL_OPTION_STORE,
	{0},
};

static int print(const json_t *trial, bool is_json, struct abl_err *err)
{
	struct abl_json j = {.root = json_incref((json_t *)(uintptr_t)trial)};
	struct abl_str out = {0};
	int rc = 0;

	if (is_json)
		rc = abl_json_end(&j, JSON_INDENT(2) | JSON_REAL_PRECISION(17), "the trial", &out,
				  err);
	else
		abl_show_trial_text(trial, &out);
	if (!rc && is_json)
		abl_str_puts(&out, "\n");
	abl_json_finish(&j);
	if (is_json)
		abl_print_exact(&out);
	else
		abl_print_text(&out);
	return rc;
}

static int exec_show(const struct abl_args *args, struct abl_err *err)
{
	const char *format = abl_args_text(args, "format");
	struct abl_store *store;
	struct abl_trial_arg what;
	json_t *trial = NULL;
	int rc = abl_trial_arg_open(args, args->word[0], &store, &what, err);

	if (rc)
		return ABL_EXIT_FAILED;
	if (!what.trial)
		rc = abl_err_set(
			err, ABL_EINPUT,
			"'%s' is a stage: a trial is a number, or STUDY/VARIANT/TASK/SEED; "
			"'ablate logs %s' shows the logs of a stage",
			args->word[0], args->word[0]);
	if (!rc) {
		trial = abl_show_trial(store, what.trial, err);
		rc = trial ? print(trial, format && !strcmp(format, "json"), err) : ABL_EFAIL;
	}
	json_decref(trial);
	abl_store_close(store);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_show = {
	.name = "show",
	.usage = "TRIAL [--format text|json] [--store DIR]",
	.summary = "show all that is known of a trial",
	.details =
		"Its whole configuration with where each value comes from, its stages with their "
		"attempts, what\n"
		"they took beside what was expected, hashes of data and code, and the command "
		"lines of a program.\n"
		"TRIAL is its number, or STUDY/VARIANT/TASK/SEED with parts left out.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec_show,
};
