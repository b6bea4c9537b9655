/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_plan.c - what a study will do and cost, before it does it. Creates no store. */
#include "advice.h"
#include "args_study.h"
#include "command.h"
#include "plan_commands.h"
#include "plan_summary.h"
#include "print.h"
#include "run_workers.h"
#include "shell.h"

#include <stdio.h>

static const struct abl_command_option options[] = {
	ABL_OPTION_STORE,
	ABL_OPTION_DATA,
	ABL_OPTION_WORKERS,
	ABL_OPTION_ON,
	ABL_OPTION_BY,
	ABL_OPTION_FORMAT,
	{.name = "verbose",
	 .letter = 'v',
	 .type = ABL_ARG_FLAG,
	 .help = "also list the variants and the stages"},
	{.name = "commands",
	 .type = ABL_ARG_FLAG,
	 .help = "print the command lines of a study with 'command:', as they will be executed"},
	{0},
};

static void show_more(const struct abl_study_run *r, const struct abl_args *args)
{
	if (!abl_args_flag(args, "verbose")) {
		abl_advice_print(stdout,
				 "'ablate plan %s --verbose' lists the variants and the stages\n",
				 abl_shell_quoted(args->word[0]));
		return;
	}
	printf("\n");
	abl_print_table(abl_plan_variants(r->study), ABL_TABLE_PLAIN);
	printf("\n");
	abl_print_table(abl_plan_stages(&r->supervisor.run, false), ABL_TABLE_PLAIN);
}

static int exec_plan(const struct abl_args *args, struct abl_err *err)
{
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	struct abl_study_run r = {0};
	struct abl_places places = {0};
	struct abl_str out = {0};
	int rc = abl_run_places(args, &places, err);

	rc = rc ? rc : abl_study_arg_plan(args, &r, err);
	rc = rc ? rc : abl_run_places_tell(&places, &r, err);
	rc = rc ? rc : abl_study_run_open(&r, abl_args_store(args), false, err);
	if (!rc && abl_args_flag(args, "commands")) {
		rc = abl_plan_commands(&r.supervisor.run, &out, err);
		if (!rc)
			abl_print_exact(&out);
		abl_str_finish(&out);
	} else if (!rc && format != ABL_TABLE_PLAIN) { /* rows only: the stages */
		if (r.leaving.length)
			fputs(r.leaving.text, stderr);
		abl_print_table(abl_plan_stages(&r.supervisor.run, true), format);
	} else if (!rc) {
		abl_plan_summary(&r.supervisor.run, &out);
		abl_print_text(&out);
		show_more(&r, args);
	}
	abl_study_run_finish(&r);
	abl_places_finish(&places);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_plan = {
	.name = "plan",
	.usage = "STUDY.yaml [--store DIR] [--data DIR] [--on WHERE] [--by TIME] [--verbose] "
		 "[--commands]",
	.summary = "show what a study will run and cost, without running it",
	.details = "Expands the study into variants, trials and stages; shows what is dropped, "
		   "implied, shared and\n"
		   "already done, and how long the rest will take. Trains nothing and creates no "
		   "store. With\n"
		   "--format csv, json or md: one row per stage.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec_plan,
};
