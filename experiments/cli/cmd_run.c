/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_run.c - runs a study, or what is missing of it, and ends with its results. */
#include "advice.h"
#include "args_study.h"
#include "command.h"
#include "compare_examples.h"
#include "engine.h"
#include "figure.h"
#include "machine.h"
#include "plan_summary.h"
#include "progress.h"
#include "print.h"
#include "print_comparison.h"
#include "report.h"
#include "run_notify.h"
#include "run_choice.h"
#include "run_failed.h"
#include "run_files.h"
#include "run_signals.h"
#include "run_slurm.h"
#include "run_stages.h"
#include "run_workers.h"
#include "shell.h"
#include "trials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct abl_command_option options[] = {
	ABL_OPTION_STORE,
	ABL_OPTION_DATA,
	ABL_OPTION_WORKERS,
	ABL_OPTION_ON,
	ABL_OPTION_HERE,
	ABL_OPTION_BY,
	{.name = "only",
	 .type = ABL_ARG_TEXT,
	 .value = "NAMES",
	 .help = "run the trials of these variants or tasks alone: 'baseline,no segments,rte'"},
	{.name = "seed",
	 .type = ABL_ARG_TEXT,
	 .value = "N",
	 .help = "run the trials of this seed alone, or of several: 1,3-5"},
	{.name = "wait",
	 .type = ABL_ARG_FLAG,
	 .help = "where another run uses the store, wait until it has ended"},
	{.name = "retry",
	 .type = ABL_ARG_TEXT,
	 .value = "WHAT",
	 .help = "try again what failed, however often it did: failed, timed-out, all, or a cause"},
	{.name = "restore",
	 .type = ABL_ARG_FLAG,
	 .help = "make again, and keep, what 'keep:' or 'ablate gc' has removed"},
	ABL_OPTION_CODE,
	ABL_OPTION_QUIET,
	{0},
};

/* The primary rows, and where the rest is. */
static int print_effects(const struct abl_study_run *r, struct abl_err *err)
{
	const struct abl_compare_request request = {0};
	struct abl_analysis *a = NULL;
	char **tasks = NULL;
	int rc = abl_read_tasks(&tasks, r->store, r->record.study, err);

	if (!rc && tasks[0])
		rc = abl_analyse(&a, r->store, r->record.study, &request, err);
	if (a && !rc)
		rc = abl_compare_examples(a, r->store, r->record.study, &request, false, err);
	if (a) {
		printf("\n");
		abl_print_analysis(a, false);
	}
	abl_analysis_destroy(a);
	abl_names_destroy(tasks);
	return rc;
}

/* Draws what the study asks for. A picture that cannot be drawn is told and ends nothing: the
 * numbers are there. */
static void draw(const struct abl_study_run *r)
{
	char *folder = abl_figure_folder(abl_store_folder(r->store), r->study->name);
	struct abl_str report = {0};
	struct abl_err err = {0};

	printf("\n");
	for (size_t i = 0; r->study->plots[i] && !abl_run_asked(); i++) {
		const struct abl_figure_request request = {.study = r->study->name,
							   .folder = folder};
		const struct abl_figure *figure;
		struct abl_str absent = {0}, remark = {0};

		err = (struct abl_err){0};
		if (!abl_figure_find(&figure, r->study->plots[i], &err) &&
		    !abl_figure_draw(r->store, figure, &request, &absent, &remark, &err)) {
			char *path = abl_figure_path(figure, &request, "png");

			if (absent.length)
				printf("figure   %s: none, %s\n", figure->name, absent.text);
			else
				printf("figure   %s\n", path);
			if (remark.length)
				printf("         %s\n", remark.text);
			free(path);
		} else {
			printf("figure   %s: not drawn: %s\n", r->study->plots[i], err.text);
		}
		abl_str_finish(&absent), abl_str_finish(&remark);
	}
	err = (struct abl_err){0};
	if (abl_run_asked())
		printf("report   not written: stopped\n");
	else if (abl_report_write(r->store, r->study->name, NULL, abl_advice_complete, &report,
				  &err))
		printf("report   not written: %s\n", err.text);
	else
		printf("report   %s\n", report.text);
	abl_str_finish(&report);
	free(folder);
}

/* Are the trials scored? Are there files to test them on? */
static bool has_scores(const struct abl_study *s)
{
	for (size_t t = 0; t < s->task_count; t++)
		if (abl_plan_split(s, t))
			return true;
	return false;
}

static bool has_tests(const struct abl_study *s)
{
	for (size_t t = 0; t < s->task_count; t++)
		if (s->tasks[t].spec.test)
			return true;
	return false;
}

static void print_end(const struct abl_study_run *r, const char *file, size_t failed)
{
	const struct abl_run *s = &r->supervisor.run;
	const size_t left = abl_run_total(s) - s->done - s->failed;
	const char *again = abl_retry_word(s);
	struct abl_str took = {0};

	if (left)
		abl_advice_print(stdout, "left     %zu trial%s: 'ablate run %s' goes on\n", left,
				 left == 1 ? "" : "s", abl_shell_quoted(file));
	if (!left)
		abl_run_took_text(r, &took);
	abl_print_text(&took);
	printf("store    %s\n", abl_store_folder(r->store));
	if (failed && again)
		abl_advice_print(stdout,
				 "next     'ablate status %s' lists what failed,\n"
				 "         'ablate run %s --retry %s' tries it again\n",
				 abl_shell_quoted(r->study->name), abl_shell_quoted(file), again);
	else if (failed)
		abl_advice_print(stdout, "next     'ablate status %s' lists what failed\n",
				 abl_shell_quoted(r->study->name));
	else if (!has_scores(r->study))
		abl_advice_print(stdout, "next     'ablate test %s%s' scores what was trained\n",
				 abl_shell_quoted(r->study->name),
				 has_tests(r->study) ? "" : " --file FILE");
	else
		abl_advice_print(stdout,
				 "next     'ablate compare %s', or\n"
				 "         'ablate query \"select * from trials\"'\n",
				 abl_shell_quoted(r->study->name));
}

/* What comes after the training. Returns the exit code: 0 where nothing is left to do. */
static int conclude(const struct abl_study_run *r, const char *file, struct abl_err *err)
{
	const struct abl_run *s = &r->supervisor.run;
	int rc = print_effects(r, err);
	const size_t failed = abl_run_print_failures(r);

	abl_run_drawing(true);
	if (!rc)
		draw(r);
	abl_run_drawing(false);
	print_end(r, file, failed);
	if (abl_run_asked() && !rc)
		rc = abl_err_set(err, ABL_ESTOP,
				 "stopped while drawing; 'ablate run %s' draws what is missing",
				 abl_shell_quoted(file));
	if (rc)
		return rc == ABL_ESTOP ? ABL_EXIT_STOPPED : ABL_EXIT_FAILED;
	return failed || s->done < abl_run_total(s) ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

/* One of the rounds of a run: a study whose seeds grow has several. */
struct round {
	struct abl_study_run run;
	double began;             /* the first of them, by abl_clock_now() */
	int64_t seeds;            /* of the next round; 0: this is the last */
	struct abl_store *store;  /* kept for the next study, or waited for; NULL: not open */
	bool keep;                /* it is kept */
	bool more;                /* another study comes after this one */
	const char *const *after; /* [after_count] the files of those that come after it */
	int after_count;
	bool asked;               /* a signal has stopped it: nothing comes after it */
	struct abl_places places; /* where it runs */
};

/* Whether the intervals are narrow enough; says what follows where they are not. */
static int look_at_seeds(struct round *round, bool quiet, struct abl_err *err)
{
	struct abl_seeds_look look;
	struct abl_str text = {0};
	int rc = abl_study_run_look(&round->run, &look, err);

	if (rc || !look.grows || abl_run_asked())
		return rc;
	if (look.next > look.planned)
		round->seeds = look.next;
	if (!quiet) {
		abl_str_puts(&text, "\nseeds    ");
		abl_seeds_text(&look, &text);
		abl_str_puts(&text, "\n");
		abl_print_text(&text);
		fflush(stdout);
	}
	return 0;
}

/* In the morning somebody wants to read what there is. */
static void show_so_far(const struct abl_study_run *r)
{
	struct abl_err err = {0};

	if (!r->supervisor.run.done || abl_run_asked())
		return;
	if (!print_effects(r, &err)) {
		abl_run_drawing(true);
		draw(r);
		abl_run_drawing(false);
	}
	fflush(stdout);
}

/* What goes on with the run: a signal has stopped the studies after this one, too. */
static void files_left(const struct round *round, const char *file, struct abl_str *out)
{
	abl_str_puts(out, abl_shell_quoted(file));
	if (!round->run.supervisor.signalled && !abl_run_asked())
		return;
	for (int i = 0; i < round->after_count; i++)
		abl_str_printf(out, " %s", abl_shell_quoted(round->after[i]));
}

/* Trains, and ends with the results, or with more seeds to come. Returns the exit code. */
static int train_and_conclude(struct round *round, const char *file, bool quiet,
			      struct abl_err *err)
{
	struct abl_err stop = {0};
	struct abl_str files = {0};
	int rc = abl_run_stages(&round->run, &round->places, quiet, &stop);
	const bool paused = round->run.supervisor.breaker.state == ABL_BREAKER_OPEN,
		   goes_on = rc == ABL_ESTOP || (rc == ABL_EFAIL && paused);

	if (!rc) {
		rc = look_at_seeds(round, quiet, err);
		return rc             ? ABL_EXIT_FAILED
		       : round->seeds ? ABL_EXIT_OK
				      : conclude(&round->run, file, err);
	}
	if (rc == ABL_ESTOP && abl_deadline_was(&round->run.supervisor))
		show_so_far(&round->run);
	if (goes_on) {
		abl_str_puts(&files, "; 'ablate run ");
		files_left(round, file, &files);
		abl_str_puts(&files,
			     paused ? "' tries one of them first" : "' continues from here");
	}
	abl_err_set(err, (enum abl_code)stop.code, "%s%s", stop.text, goes_on ? files.text : "");
	abl_str_finish(&files);
	return rc == ABL_ESTOP ? ABL_EXIT_STOPPED : ABL_EXIT_FAILED;
}

/* What failed as often as it may is left alone: says so, and how it is tried again. */
static void tell_staying(const struct abl_study_run *r, const char *file, bool quiet)
{
	const size_t n = abl_retry_staying(&r->supervisor.run);

	if (!n)
		return;
	abl_advice_print(quiet ? stderr : stdout,
			 "%zu failed trial%s: 'ablate run %s --retry %s' tries %s again\n", n,
			 n == 1 ? " stays as it is" : "s stay as they are", abl_shell_quoted(file),
			 abl_retry_word(&r->supervisor.run), n == 1 ? "it" : "them");
	fflush(stdout);
}

static enum abl_code_choice code_choice(const struct abl_args *args)
{
	const char *text = abl_args_text(args, "code");

	return !text ? ABL_CODE_ASK : !strcmp(text, "new") ? ABL_CODE_NEW : ABL_CODE_SAME;
}

/* What is said before the training. */
static void print_plan(const struct abl_study_run *r, bool quiet)
{
	struct abl_str summary = {0};

	if (r->difference.length && r->choice == ABL_CODE_ASK)
		fputs(r->difference.text, stderr);
	if (quiet && r->leaving.length)
		fputs(r->leaving.text, stderr);
	if (quiet)
		return;
	abl_plan_summary(&r->supervisor.run, &summary);
	abl_print_text(&summary);
	fflush(stdout);
}

/* All of a run, or what it can do before more seeds are known to be needed. */
static int run_round(struct round *round, const struct abl_args *args, struct abl_err *err)
{
	const bool quiet = abl_args_flag(args, "quiet"), first = !round->seeds;
	struct abl_study_run *r = &round->run;
	const char *retry = first ? abl_args_text(args, "retry") : NULL;
	int code = ABL_EXIT_FAILED,
	    rc = retry ? abl_retry_parse(retry, &r->supervisor.retry, err) : 0;

	rc = rc ? rc : abl_study_arg_plan(args, r, err);
	rc = rc ? rc : abl_run_places_tell(&round->places, r, err);
	round->seeds = 0;
	rc = rc ? rc : abl_run_choose(r, args, err);
	r->choice = code_choice(args);
	r->supervisor.run.restore = abl_args_flag(args, "restore");
	r->supervisor.began = round->began;
	r->more = round->more;
	r->store = round->store;
	round->store = NULL;
	rc = rc ? rc : abl_study_run_open(r, abl_args_store(args), true, err);
	rc = rc ? rc : abl_run_start(r, r->record.study, "run", args->word[0], NULL, err);
	if (rc && r->difference.length && r->choice == ABL_CODE_ASK)
		fputs(r->difference.text, stderr);
	if (!rc) {
		print_plan(r, quiet || !first);
		if (first)
			tell_staying(r, args->word[0], quiet);
		code = train_and_conclude(round, args->word[0], quiet, err);
		if (abl_store_run_end(r->store, r->supervisor.run.row, code, err) ||
		    abl_store_check(r->store, err))
			code = ABL_EXIT_FAILED;
		round->asked = r->supervisor.signalled || abl_run_asked();
		if (code != ABL_EXIT_OK || !round->seeds)
			abl_run_notify_end(r, code, err, !round->more || round->asked);
	}
	abl_run_tell_busy(args, err);
	if (code != ABL_EXIT_OK)
		round->seeds = 0;
	if (round->keep && !round->seeds) {
		round->store = r->store;
		r->store = NULL;
	}
	abl_study_run_finish(r);
	return code;
}

/* All rounds of one study file. */
static int run_file(struct round *round, const struct abl_args *args, struct abl_err *err)
{
	int code;

	round->began = abl_clock_now();
	do
		code = run_round(round, args, err);
	while (round->seeds);
	return code;
}

/* One after another, with one lock where none of them has to read the store before it is planned.
 * What went wrong with one is told at once, and stops no other. The worst exit code is the end. */
static int run_files(struct round *round, const struct abl_args *args, const bool *grows)
{
	int worst = ABL_EXIT_OK;

	for (int i = 0; i < args->words && !round->asked; i++) {
		struct abl_args its = *args;
		struct abl_err err = {0};
		int code;

		its.word[0] = args->word[i];
		its.words = 1;
		round->more = i + 1 < args->words;
		round->after = &args->word[i + 1];
		round->after_count = args->words - i - 1;
		round->keep = round->more && !grows[i + 1];
		if (!abl_args_flag(args, "quiet"))
			printf("%s==> %s\n", i ? "\n" : "", args->word[i]);
		code = run_file(round, &its, &err);
		fflush(stdout);
		if (err.code)
			abl_advice_print(stderr, "%s%s\n",
					 strstr(err.text, "error: ") ? "" : "ablate: ", err.text);
		if (err.code == ABL_EINPUT)
			code = ABL_EXIT_USAGE;
		worst = code > worst ? code : worst;
	}
	return worst;
}

static int exec_run(const struct abl_args *args, struct abl_err *err)
{
	struct round round = {0};
	bool grows[ABL_ARGS_MAX + 1] = {false};
	const bool waits = abl_args_flag(args, "wait");
	int code = ABL_EXIT_FAILED, rc = 0;

	abl_run_take_signals();
	rc = abl_run_places(args, &round.places, err);
	if (rc || abl_run_is_elsewhere(args, &round.places, &code, err)) {
		abl_places_finish(&round.places);
		return rc ? ABL_EXIT_USAGE : code;
	}
	if (waits || args->words > 1)
		rc = abl_run_check_files(args, grows, err);
	if (!rc && waits)
		rc = abl_run_wait(&round.store, abl_args_store(args), err);
	if (!rc && waits && grows[0]) { /* its plan reads the store */
		abl_store_close(round.store);
		round.store = NULL;
	}
	if (!rc)
		code = args->words > 1 ? run_files(&round, args, grows)
				       : run_file(&round, args, err);
	abl_store_close(round.store);
	abl_places_finish(&round.places);
	abl_run_forgive_reader();
	return code;
}

const struct abl_command abl_cmd_run = {
	.name = "run",
	.usage = "STUDY.yaml... [--store DIR] [--data DIR] [--workers N] [--on WHERE]... [--here] "
		 "[--by TIME] [--only NAMES] [--seed N] [--wait] [--retry WHAT] [--restore] "
		 "[--code new|same] [--quiet]",
	.summary = "run a study, or continue it",
	.details = "Trains every variant on every task with every seed, several at a time, and "
		   "ends with the table\n"
		   "of effects, the figures and the report. Ctrl-C lets running trials save their "
		   "state; the same\n"
		   "command then continues. Finished work is never repeated. A failed trial does "
		   "not stop the others;\n"
		   "the exit code is then 1. What failed is tried again as often as the study's "
		   "'retry:' allows for\n"
		   "its cause; --retry tries it again though that is over. Where everything fails "
		   "within seconds, the\n"
		   "run pauses, also with exit code 1; the next one begins with one trial. Several "
		   "studies run one after\n"
		   "another; the exit code is the worst of theirs.",
	.min_words = 1,
	.max_words = ABL_ARGS_MAX,
	.options = options,
	.exec = exec_run,
};
