/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_rerun.c - a trial again, from what the store has of it, and compared. */
#include "advice.h"
#include "args_study.h"
#include "args_trial.h"
#include "command.h"
#include "machine.h"
#include "print.h"
#include "rerun.h"
#include "run_signals.h"
#include "run_stages.h"
#include "store_carry.h"
#include "str.h"
#include "trial_name.h"

#include <stdio.h>

static const struct abl_command_option options[] = {
	{.name = "keep", .type = ABL_ARG_FLAG, .help = "keep the folder that it is run in"},
	ABL_OPTION_STORE,
	ABL_OPTION_QUIET,
	{0},
};

/* Why it failed this time; 0: it did not. */
static int check_end(const struct abl_rerun *r, struct abl_err *err)
{
	const struct abl_run *run = &r->run.supervisor.run;

	for (size_t i = 0; i < run->node_count && run->failed; i++)
		if (abl_node_failed(&run->nodes[i]))
			return abl_err_set(err, ABL_EFAIL,
					   "trial %lld is done in the store, and fails when it is "
					   "run again: %s; '--keep' keeps its log",
					   (long long)r->trial,
					   run->nodes[i].reason ? run->nodes[i].reason : "");
	return run->done ? 0
			 : abl_err_set(err, ABL_EFAIL, "trial %lld was not run to its end",
				       (long long)r->trial);
}

static void print_lines(const char *head, const struct abl_str *lines)
{
	struct abl_str out = {0};
	const char *p = lines->text ? lines->text : "";

	for (; *p; p += *p == '\n') {
		abl_str_printf(&out, "%-9s", head);
		for (; *p && *p != '\n'; p++)
			abl_str_add(&out, p, 1);
		abl_str_puts(&out, "\n");
		head = "";
	}
	abl_print_text(&out);
	abl_str_finish(&out);
}

static const char *plural(size_t n)
{
	return abl_plural((int64_t)n);
}

static void print_found(const struct abl_rerun *r, const struct abl_rerun_found *f, double seconds)
{
	const struct abl_trial_name name = {
		.study = r->study, .variant = r->variant, .task = r->task, .seed = r->seed};
	struct abl_str text = {0};
	char took[32];

	abl_trial_name_text(&name, &text);
	printf("trial    %lld: %s, %zu stage%s in %s\n", (long long)r->trial, text.text,
	       r->stages.count, plural(r->stages.count), abl_format_duration(seconds, took));
	abl_str_finish(&text);
	if (f->exact)
		printf("equal    to the bit: %zu result%s, %zu point%s of curves, %zu file%s\n",
		       f->results, plural(f->results), f->points, plural(f->points), f->files,
		       plural(f->files));
	else if (f->equal)
		printf("equal    within the tolerance\n");
	print_lines(f->exact ? "note" : "differs", &f->differs);
	print_lines("machine", &f->machine);
}

/* Beside the trial; the numbers of the store stay. */
static void put(const struct abl_rerun *r, const struct abl_rerun_found *f, const char *folder)
{
	const struct abl_provenance *by = &r->run.supervisor.run.made_by;
	const struct abl_rerun_row row = {.trial = r->trial,
					  .host = by->host,
					  .cpu = by->cpu,
					  .engine = by->engine,
					  .equal = f->equal,
					  .differs = f->differs.length ? f->differs.text : NULL};
	struct abl_store *store = NULL;
	struct abl_err why = {0};
	int rc = abl_store_open(&store, folder, ABL_STORE_WRITE, &why);

	rc = rc ? rc : abl_store_put_rerun(store, &row, &why);
	abl_store_close(store);
	if (rc)
		fprintf(stderr, "ablate: not recorded in the store: %s\n", why.text);
}

static int run(struct abl_rerun *r, const struct abl_args *args, struct abl_err *err)
{
	struct abl_rerun_found found = {0};
	struct abl_err stop = {0};
	const double began = abl_clock_now();
	bool equal;
	int rc = abl_run_start(&r->run, r->run.record.study, "rerun", args->word[0], NULL, err);

	if (rc)
		return ABL_EXIT_FAILED;
	rc = abl_run_stages(&r->run, NULL, abl_args_flag(args, "quiet"), &stop);
	if (rc) {
		abl_err_set(err, (enum abl_code)stop.code, "%s%s", stop.text,
			    rc == ABL_ESTOP ? "; nothing was compared" : "");
		return rc == ABL_ESTOP ? ABL_EXIT_STOPPED : ABL_EXIT_FAILED;
	}
	rc = check_end(r, err);
	rc = rc ? rc : abl_rerun_compare(r, &found, err);
	equal = found.equal;
	if (!rc) {
		print_found(r, &found, abl_clock_now() - began);
		put(r, &found, abl_args_store(args));
	}
	abl_rerun_found_finish(&found);
	return rc || !equal ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const bool keep = abl_args_flag(args, "keep");
	struct abl_rerun r = {0};
	struct abl_str kept = {0};
	struct abl_trial_arg arg;
	struct abl_store *store = NULL;
	int code = ABL_EXIT_FAILED, rc;

	abl_run_take_signals();
	rc = abl_trial_arg_open(args, args->word[0], &store, &arg, err);
	if (!rc && !arg.trial)
		rc = abl_err_set(err, ABL_EINPUT,
				 "'%s' is a stage that no trial has: give a trial's number, or "
				 "STUDY/VARIANT/TASK/SEED",
				 args->word[0]);
	rc = rc ? rc : abl_rerun_prepare(&r, store, arg.trial, err);
	if (!rc)
		code = run(&r, args, err);
	abl_rerun_finish(&r, keep ? &kept : NULL);
	if (kept.length)
		printf("kept     %s\n", kept.text);
	abl_str_finish(&kept);
	abl_store_close(store);
	abl_run_forgive_reader();
	return code;
}

const struct abl_command abl_cmd_rerun = {
	.name = "rerun",
	.usage = "TRIAL [--keep] [--store DIR] [--quiet]",
	.summary = "run a trial again from its record, and compare",
	.details =
		"TRIAL is its number (column 'trial' of 'ablate results STUDY --trials') or "
		"STUDY/VARIANT/TASK/SEED.\n"
		"All its stages run once more, in a folder of their own, with the recorded study "
		"file, seed and\n"
		"threads and the store's copies of a program's code. On the machine type of then "
		"(CPU, kernels,\n"
		"engine) everything must be the same to the bit; on another the main metric "
		"within one standard\n"
		"deviation over seeds. The exit code is 1 if it differs. 'ablate show TRIAL' "
		"has the outcome.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
