/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_compare.c - what each variant gains or loses against the baseline, and how sure that is. */
#include "advice.h"
#include "args.h"
#include "command.h"
#include "compare_examples.h"
#include "compare_need.h"
#include "study_name.h"
#include "print.h"
#include "print_comparison.h"
#include "args_study.h"

#include <math.h>
#include <stdio.h>

static const struct abl_command_option options[] = {
	{.name = "task",
	 .type = ABL_ARG_TEXT,
	 .value = "TASK",
	 .help = "the rows of this task alone (default: means over tasks)"},
	{.name = "by",
	 .type = ABL_ARG_TEXT,
	 .value = "task",
	 .choices = "task",
	 .help = "task: the rows of every task, one table each"},
	{.name = "metric",
	 .type = ABL_ARG_TEXT,
	 .value = "NAME",
	 .help = "this metric instead of the main one; one of pre-training, too: mlm_perplexity"},
	{.name = "margin",
	 .type = ABL_ARG_REAL,
	 .value = "M",
	 .help = "call a difference equivalent if it surely lies within ±M; better in the study "
		 "file"},
	{.name = "need",
	 .type = ABL_ARG_REAL,
	 .value = "POINTS",
	 .help = "instead: how many seeds would see an effect of that many points"},
	{.name = "wide",
	 .type = ABL_ARG_FLAG,
	 .help = "with pairs, spread of the differences, correlation over seeds, effect in sd"},
	{.name = "examples",
	 .type = ABL_ARG_FLAG,
	 .help = "also what holds with another dev set and another seed, from stored predictions"},
	ABL_OPTION_SPLIT,
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

static void print_table(const struct abl_comparison *c, enum abl_table_format format, bool broad)
{
	if (format == ABL_TABLE_PLAIN)
		abl_print_comparison(c, broad);
	else
		abl_print_table(abl_compare_paper_table(c), format);
}

static void print_for_machines(const struct abl_analysis *a, const struct abl_comparison *only,
			       enum abl_table_format format)
{
	struct abl_table *wide = abl_compare_wide_table();

	if (only)
		abl_compare_add_rows(only, wide);
	else
		abl_compare_add_analysis(a, wide);
	abl_print_table(wide, format);
	if (a->all->guards.length)
		abl_advice_print(stderr, "%s: %s", a->study, a->all->guards.text);
}

static int print(const struct abl_analysis *a, const struct abl_args *args, struct abl_err *err)
{
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	const bool broad = abl_args_flag(args, "wide"), by_task = abl_args_text(args, "by");
	const char *task = abl_args_text(args, "task");
	const struct abl_comparison *only = NULL;

	if (task && !(only = abl_analysis_task(a, task, err)))
		return ABL_EINPUT;
	if (abl_table_is_for_machines(format)) {
		print_for_machines(a, only, format);
		return 0;
	}
	if (only && !a->all->by_task)
		only = NULL; /* its rows are the primary ones */
	if (only) {
		print_table(only, format, broad);
		if (format == ABL_TABLE_PLAIN)
			abl_print_interactions(a, only->task);
		return 0;
	}
	if (!by_task || !a->all->by_task) {
		if (format == ABL_TABLE_PLAIN)
			abl_print_analysis(a, broad);
		else
			print_table(a->all, format, broad);
		return 0;
	}
	for (size_t t = 0; t < a->tasks; t++) {
		fputs(t ? "\n" : "", stdout);
		print_table(a->task[t], format, broad);
		if (format == ABL_TABLE_PLAIN)
			abl_print_interactions(a, a->task[t]->task);
	}
	return 0;
}

/* --need */
static int print_need(const struct abl_analysis *a, const struct abl_args *args,
		      struct abl_err *err)
{
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	const double points = abl_args_real(args, "need", 0);
	struct abl_str above = {0}, below = {0};
	struct abl_need need;
	struct abl_table *t;

	if (!(points > 0) || isinf(points))
		return abl_err_set(err, ABL_EINPUT, "--need must be above 0, in points");
	t = abl_need_table(a, points, &need);
	abl_need_heading(a, points, &need, &above);
	abl_need_text(a, &need, &below);
	if (format == ABL_TABLE_PLAIN)
		abl_print_text(&above);
	abl_print_table(t, format);
	if (format == ABL_TABLE_PLAIN)
		abl_print_text(&below);
	abl_str_finish(&above), abl_str_finish(&below);
	return 0;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	struct abl_compare_request request = {.margin = abl_args_real(args, "margin", 0),
					      .metric = abl_args_text(args, "metric"),
					      .tests = abl_study_arg_tests(args)};
	const bool examples = abl_args_flag(args, "examples");
	struct abl_analysis *a = NULL;
	struct abl_store *store;
	int64_t study;
	int rc;

	if (!(request.margin >= 0) || isinf(request.margin))
		return abl_err_set(err, ABL_EINPUT,
				   "--margin must be 0 or more, in the metric's unit") != 0;
	if (args->words > 1)
		request.variant = abl_nfc(args->word[1]);
	if (args->words > 2)
		request.base = abl_nfc(args->word[2]);
	if (abl_study_arg_open(args, args->word[0], &store, &study, err))
		return ABL_EXIT_USAGE;
	rc = abl_analyse(&a, store, study, &request, err);
	rc = rc ? rc : abl_compare_examples(a, store, study, &request, examples, err);
	if (!rc)
		rc = abl_args_text(args, "need") ? print_need(a, args, err) : print(a, args, err);
	abl_analysis_destroy(a);
	abl_store_close(store);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_compare = {
	.name = "compare",
	.usage = "STUDY [A [B]] [--task TASK] [--by task] [--metric NAME] [--split test] [--margin "
		 "M] "
		 "[--need POINTS] [--wide] [--examples] [--store DIR] [--format FORMAT]",
	.summary = "show each variant's effect, with intervals, tests and verdicts",
	.details =
		"STUDY is a study's name or file. A and B are labels of variants: only A is "
		"compared,\n"
		"with B (default: the baseline). effect = A - B, paired by seed, or by "
		"pre-training "
		"where several\n"
		"seeds share one; the mean over tasks, or one task's. 95 % interval and p are the "
		"paired t test's;\n"
		"p is corrected: by Holm over the variants for means, and over all rows by task "
		"where they are\n"
		"at most 12, else by Benjamini and Hochberg, as for grids, zip and random. Words:\n"
		"  removal hurts, swap helps, ...    corrected p below .05\n"
		"  equivalent within ±M              two one-sided tests, corrected with the "
		"others\n"
		"  not resolved, could see X         neither; an effect of X is found with power "
		".8 "
		"in four\n"
		"                                    of five studies like this one\n"
		"  fails more often                  Fisher's exact test on failures and "
		"collapses\n"
		"  cannot say: REASON                no spread between seeds, no pairs\n"
		"  interim                           planned trials are missing\n"
		"--examples adds the interval for another dev set and another seed.\n"
		"Verdicts need 5 units ('verdict_from:' in the study file says otherwise). "
		"A diverged run counts\n"
		"as the majority predictor; csv and json give the effect without it, too, and "
		"every "
		"row.",
	.min_words = 1,
	.max_words = 3,
	.options = options,
	.exec = exec,
};
