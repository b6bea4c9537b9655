/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_confirm.c - runs what a study has found once more, with seeds that it was not found by. */
#include "advice.h"
#include "args_study.h"
#include "command.h"
#include "compare.h"
#include "confirm.h"
#include "plan_summary.h"
#include "print.h"
#include "print_comparison.h"
#include "run_notify.h"
#include "run_signals.h"
#include "run_stages.h"
#include "shell.h"
#include "study_name.h"
#include "table.h"
#include "trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct abl_command_option options[] = {
	{.name = "seeds",
	 .type = ABL_ARG_INT,
	 .value = "N",
	 .help = "fresh seeds of each (default: as many as the study has)"},
	{.name = "variant",
	 .type = ABL_ARG_TEXT,
	 .value = "LABEL",
	 .help = "confirm this one (default: the one with the best mean)"},
	ABL_OPTION_STORE,
	ABL_OPTION_WORKERS,
	ABL_OPTION_CODE,
	ABL_OPTION_QUIET,
	{0},
};

/* The study that confirms the one of the command line. */
static int make(struct abl_confirm *out, const struct abl_args *args, struct abl_err *err)
{
	const char *label = abl_args_text(args, "variant");
	const int64_t seeds = abl_args_int(args, "seeds", 0);
	struct abl_confirm_request request = {.seeds = seeds};
	struct abl_str name = {0};
	struct abl_store *store;
	int64_t study;
	int rc;

	if (abl_args_text(args, "seeds") && (seeds < 1 || seeds > 1000))
		return abl_err_set(err, ABL_EINPUT,
				   "--seeds is out of range: %lld; it must be from 1 to 1000",
				   (long long)seeds);
	rc = abl_study_arg_named(args, args->word[0], &store, &study, &name, err);
	if (!rc) {
		request.of = name.text;
		request.variant = label ? abl_nfc(label) : NULL;
		rc = abl_confirm_make(out, store, study, &request, err);
		abl_store_close(store);
	}
	abl_str_finish(&name);
	return rc;
}

/* What is confirmed, and by what. */
static void print_what(const struct abl_confirm *c, const struct abl_study *s)
{
	char effect[32];

	printf("confirms '%s' of study '%s'", c->variant, c->of);
	if (c->chosen && c->among > 1)
		printf(", the best of %zu by its mean (%s there: the best of several is helped "
		       "by chance)",
		       c->among,
		       abl_format_signed(c->effect, abl_digits_for(c->effect, NAN), effect));
	printf("\nseeds    %lld to %lld, which it has not used; ", (long long)s->seeds_after + 1,
	       (long long)(s->seeds_after + s->pretrain_seeds));
	if (s->program)
		printf("what the program scores\n");
	else if (c->tested)
		printf("test file%s of %zu of %zu task%s\n", c->tested == 1 ? "" : "s", c->tested,
		       s->task_count, s->task_count == 1 ? "" : "s");
	else
		printf("same dev set: the study has no test file\n");
	if (c->from_record)
		printf("note     from the record of what was run: '%s' is gone, or says something "
		       "else now\n",
		       s->path);
}

static int print_rows(const struct abl_study_run *r, bool tests, struct abl_err *err)
{
	const struct abl_compare_request request = {.tests = tests};
	struct abl_analysis *a = NULL;
	int rc = abl_analyse(&a, r->store, r->record.study, &request, err);

	if (a) {
		printf("\n");
		abl_print_analysis(a, false);
	}
	abl_analysis_destroy(a);
	return rc;
}

static size_t count(char *const *names)
{
	size_t n = 0;

	while (names && names[n])
		n++;
	return n;
}

/* On the test files; on the dev set where a task has none. */
static int print_effects(const struct abl_study_run *r, struct abl_err *err)
{
	char **tested = NULL, **tasks = NULL;
	int rc = abl_read_tested_tasks(&tested, r->store, r->record.study, err);
	bool dev;

	rc = rc ? rc : abl_read_tasks(&tasks, r->store, r->record.study, err);
	dev = count(tested) < count(tasks);
	if (!rc && count(tested))
		rc = print_rows(r, true, err);
	if (!rc && dev && count(tasks)) {
		rc = print_rows(r, false, err);
		if (!rc)
			printf("same dev set as in study '%s'%s\n", r->study->confirms,
			       count(tested) ? ": not every task has a test file" : "");
	}
	abl_names_destroy(tested);
	abl_names_destroy(tasks);
	return rc;
}

static int conclude(const struct abl_study_run *r, struct abl_err *err)
{
	const struct abl_run *s = &r->supervisor.run;
	const int rc = s->done ? print_effects(r, err) : 0;
	const char *name = abl_shell_quoted(r->study->name);

	if (s->failed)
		abl_advice_print(stdout, "\nfailed   %zu trial%s: 'ablate status %s' lists them\n",
				 s->failed, s->failed == 1 ? "" : "s", name);
	printf("\nstore    %s, study '%s'\n", abl_store_folder(s->store), r->study->name);
	abl_advice_print(stdout, "next     'ablate report %s'\n", name);
	return rc || s->failed || s->done < abl_run_total(s) ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

static int run(struct abl_study_run *r, const struct abl_args *args, struct abl_err *err)
{
	const char *more[5] = {NULL};
	struct abl_err stop = {0};
	size_t n = 0;
	int rc, code;

	for (int i = 0; i < 2; i++) /* --seeds, --variant */
		if (args->option[i]) {
			more[n++] = i ? "--variant" : "--seeds";
			more[n++] = args->option[i];
		}
	rc = abl_run_start(r, r->record.study, "confirm", r->study->confirms, more, err);
	if (rc)
		return ABL_EXIT_FAILED;
	rc = abl_run_stages(r, NULL, abl_args_flag(args, "quiet"), &stop);
	if (!rc) {
		code = conclude(r, err);
	} else {
		abl_err_set(err, (enum abl_code)stop.code, "%s%s", stop.text,
			    rc == ABL_ESTOP ? "; the same command goes on from here" : "");
		code = rc == ABL_ESTOP ? ABL_EXIT_STOPPED : ABL_EXIT_FAILED;
	}
	if (abl_store_run_end(r->store, r->supervisor.run.row, code, err) ||
	    abl_store_check(r->store, err))
		code = ABL_EXIT_FAILED;
	abl_run_notify_end(r, code, err, true);
	return code;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const char *choice = abl_args_text(args, "code");
	const bool quiet = abl_args_flag(args, "quiet");
	struct abl_study_run r = {.folder = abl_args_store(args)};
	struct abl_confirm c = {0};
	struct abl_str summary = {0};
	int code = ABL_EXIT_FAILED, rc;

	abl_run_take_signals();
	rc = make(&c, args, err);
	r.study = c.study;
	r.choice = !choice ? ABL_CODE_ASK : !strcmp(choice, "new") ? ABL_CODE_NEW : ABL_CODE_SAME;
	rc = rc ? rc : abl_study_run_plan_loaded(&r, abl_args_int(args, "workers", 0), err);
	r.supervisor.retry = ABL_RETRY_ALL;
	rc = rc ? rc : abl_study_run_open(&r, r.folder, true, err);
	if (r.difference.length && r.choice == ABL_CODE_ASK)
		fputs(r.difference.text, stderr);
	if (!rc) {
		print_what(&c, r.study);
		if (!quiet) {
			abl_plan_summary(&r.supervisor.run, &summary);
			abl_print_text(&summary);
		}
		fflush(stdout);
		code = run(&r, args, err);
	}
	abl_study_run_finish(&r);
	abl_confirm_finish(&c);
	abl_run_forgive_reader();
	return code;
}

const struct abl_command abl_cmd_confirm = {
	.name = "confirm",
	.usage = "STUDY [--seeds N] [--variant LABEL] [--store DIR] [--workers N] [--code "
		 "new|same] [--quiet]",
	.summary = "run a study's best variant again, with fresh seeds",
	.details =
		"STUDY is a study's name or file, whose trials are all over. Its best variant by "
		"the mean over\n"
		"tasks, or LABEL, and the baseline are run with seeds that the study has not used, "
		"and scored on\n"
		"the test file of each task that has one; else on the same dev set. The best of "
		"many is helped by\n"
		"chance: what these seeds say alone is not. They are a study of their own, "
		"STUDY-confirm, which\n"
		"the same command continues after an interruption.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
