/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_compare.c - what each variant gains or loses against the baseline, and how sure that is. */
#include "advice.h"
#include "args.h"
#include "command.h"
#include "compare.h"
#include "study_name.h"
#include "print.h"
#include "print_comparison.h"
#include "args_study.h"
#include "trials.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct abl_command_option options[] = {
	{.name = "task",
	 .type = ABL_ARG_TEXT,
	 .value = "TASK",
	 .help = "only this task (default: all, one table each)"},
	{.name = "margin",
	 .type = ABL_ARG_REAL,
	 .value = "M",
	 .help = "call a difference equivalent if it surely lies within ±M"},
	ABL_OPTION_SPLIT,
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

static void print_for_people(const struct abl_comparison *c, enum abl_table_format format)
{
	if (format == ABL_TABLE_PLAIN)
		abl_print_comparison(c);
	else
		abl_print_table(abl_compare_paper_table(c), format);
}

static int compare_tasks(struct abl_store *store, int64_t study, char **tasks,
			 enum abl_table_format format, struct abl_compare_request *request,
			 struct abl_err *err)
{
	bool machines = abl_table_is_for_machines(format);
	struct abl_table *wide = machines ? abl_compare_wide_table() : NULL;
	struct abl_comparison *c;
	int rc = 0;

	for (size_t i = 0; tasks[i]; i++) {
		request->task = tasks[i];
		rc = abl_compare(&c, store, study, request, err);
		if (rc)
			break;
		if (machines) {
			abl_compare_add_rows(c, wide);
			if (c->guards.length)
				abl_advice_print(stderr, "%s: %s", tasks[i], c->guards.text);
		} else {
			fputs(i ? "\n" : "", stdout);
			print_for_people(c, format);
		}
		abl_comparison_destroy(c);
	}
	if (machines && !rc)
		abl_print_table(wide, format);
	else
		abl_table_destroy(wide);
	return rc;
}

/* Those that have been tested; where none has, all, to be told so. */
static int read_tasks(char ***tasks, struct abl_store *store, int64_t study, bool tests,
		      struct abl_err *err)
{
	int rc = tests ? abl_read_tested_tasks(tasks, store, study, err) : 0;

	if (rc || (tests && (*tasks)[0]))
		return rc;
	if (tests)
		abl_names_destroy(*tasks);
	*tasks = NULL;
	return abl_read_tasks(tasks, store, study, err);
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	struct abl_compare_request request = {.margin = abl_args_real(args, "margin", 0),
					      .tests = abl_study_arg_tests(args)};
	const char *task = abl_args_text(args, "task");
	char *one[] = {NULL, NULL}, **tasks = one;
	struct abl_store *store;
	int64_t study;
	int rc = 0;

	if (!(request.margin >= 0) || isinf(request.margin))
		return abl_err_set(err, ABL_EINPUT,
				   "--margin must be 0 or more, in the metric's unit") != 0;
	if (args->words > 1)
		request.variant = abl_nfc(args->word[1]);
	if (args->words > 2)
		request.base = abl_nfc(args->word[2]);
	if (abl_study_arg_open(args, args->word[0], &store, &study, err))
		return ABL_EXIT_USAGE;
	if (task)
		one[0] = abl_strdup(task);
	else
		rc = read_tasks(&tasks, store, study, request.tests, err);
	if (!rc && !tasks[0])
		rc = abl_err_set(err, ABL_EINPUT,
				 "no task of the study has a score: nothing was held back, and "
				 "there is no dev file; 'ablate test' scores test files");
	if (!rc)
		rc = compare_tasks(store, study, tasks, format, &request, err);
	if (task)
		free(one[0]);
	else
		abl_names_destroy(tasks);
	abl_store_close(store);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_compare = {
	.name = "compare",
	.usage = "STUDY [A [B]] [--task TASK] [--split test] [--margin M] [--store DIR] [--format "
		 "FORMAT]",
	.summary = "show each variant's effect, with intervals, tests and verdicts",
	.details =
		"STUDY is a study's name or file. A and B are labels of variants: only A is "
		"compared,\n"
		"with B (default: the baseline). effect = A - B on the task's main metric, paired "
		"by seed;\n"
		"95 % interval and p from the paired t test; p is Holm-corrected over the table's "
		"comparisons\n"
		"(placebos excluded); verdicts need 5 pairs or more:\n"
		"  removal hurts, swap helps, ...      corrected p below .05\n"
		"  equivalent within ±M                the 90 % interval lies within the --margin\n"
		"  not resolved, could see X           neither; an effect of X would be found 8 "
		"times in 10\n"
		"  too few seeds, though all agree     the same difference in every pair: there is "
		"no "
		"t, and the\n"
		"                                      sign-flip test needs 6 pairs or more\n"
		"A diverged run counts as the majority predictor; csv and json also give the "
		"effect without it.",
	.min_words = 1,
	.max_words = 3,
	.options = options,
	.exec = exec,
};
