/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_results.c - the numbers of a study. */
#include "advice.h"
#include "args.h"
#include "command.h"
#include "kept.h"
#include "listings.h"
#include "pretraining_table.h"
#include "print.h"
#include "scores.h"
#include "shell.h"
#include "args_study.h"
#include "store.h"
#include "trials.h"
#include "task_answer.h"
#include "trial_columns.h"
#include "utf8.h"

#include <math.h>
#include <stdio.h>

static const struct abl_command_option options[] = {
	{.name = "trials",
	 .type = ABL_ARG_FLAG,
	 .help = "one row per trial (always so in csv and json)"},
	{.name = "training",
	 .type = ABL_ARG_FLAG,
	 .help = "scores on the training examples, generalisation gap, noise scale, sharpness"},
	{.name = "columns",
	 .type = ABL_ARG_TEXT,
	 .value = "A,B...",
	 .help = "one row per trial, with these columns of the view 'trials'"},
	ABL_OPTIONS_TASK_ANSWERS,
	{.name = "task",
	 .type = ABL_ARG_TEXT,
	 .value = "TASK",
	 .help = "only this task (default: all)"},
	ABL_OPTION_SORT,
	ABL_OPTION_TOP,
	ABL_OPTION_SPLIT,
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

struct summary {
	struct abl_table *table;
	int64_t as_majority; /* runs that count as the majority predictor */
};

/* What its means are over. */
static const char *over(const struct summary *s)
{
	return s->as_majority ? "seeds, diverged runs as the majority predictor" : "finished seeds";
}

static void add_summary(void *data, const struct abl_score_summary *row)
{
	struct summary *s = data;
	struct abl_table *t = s->table;
	const double numbers[] = {row->mean, row->sd, row->min, row->max};
	const struct abl_digits digits =
		abl_digits_for(fmax(fabs(row->min), fabs(row->max)), 4 * row->sd);
	char text[32];

	abl_table_text(t, row->task);
	abl_table_text(t, row->variant);
	abl_table_text(t, row->metric);
	abl_table_int(t, row->trials);
	abl_table_int(t, row->done);
	abl_table_int(t, row->failed);
	s->as_majority += row->as_majority;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		abl_table_real(t, numbers[i], abl_format_digits(numbers[i], digits, text));
}

/* What must be said beside the numbers of a task: "sst2: selected on dev". */
static void add_label(void *data, const struct abl_read_task *t)
{
	struct abl_str *out = data;

	if (t->label)
		abl_str_printf(out, "%s%s: %s", out->length ? "\n" : "", t->name, t->label);
}

static int add_task(struct abl_str *out, struct abl_store *store, int64_t study, const char *task,
		    struct abl_err *err)
{
	int64_t other = 0, all = 0;
	int rc = abl_read_task(store, study, task, add_label, out, err);

	rc = rc < 0 ? rc : abl_read_other_code(store, study, task, &other, &all, err);
	if (!rc && other)
		abl_str_printf(out, "%s%s: %lld of %lld trials are of other code",
			       out->length ? "\n" : "", task, (long long)other, (long long)all);
	return rc;
}

static int add_labels(struct abl_str *out, struct abl_store *store, int64_t study,
		      struct abl_err *err)
{
	char **tasks = NULL;
	int rc = abl_read_tasks(&tasks, store, study, err);

	for (size_t i = 0; rc >= 0 && tasks[i]; i++)
		rc = add_task(out, store, study, tasks[i], err);
	abl_names_destroy(tasks);
	return rc < 0 ? rc : 0;
}

/* Tables for machines and papers have them beside, on standard error. */
static int print_labels(struct abl_store *store, int64_t study, enum abl_table_format format,
			struct abl_err *err)
{
	struct abl_str text = {0}, shown = {0};
	int rc = add_labels(&text, store, study, err);

	if (!rc && text.length)
		abl_str_puts(&text, "\n");
	if (text.length) {
		abl_utf8_visible(&shown, text.text, text.length);
		fputs(shown.text, format == ABL_TABLE_PLAIN ? stdout : stderr);
	}
	abl_str_finish(&text), abl_str_finish(&shown);
	return rc;
}

/* A row per task and variant: the main metric over seeds. */
static int print_summary(struct summary *s, struct abl_store *store, int64_t study,
			 const char *name, bool tests, enum abl_table_format format,
			 const struct abl_row_order *order, struct abl_err *err)
{
	static const char *const names[] = {"task",   "variant", "metric", "trials", "done",
					    "failed", "mean",    "sd",     "min",    "max"};
	struct abl_table *t = abl_table_create();
	struct abl_str caption = {0}, labels = {0};
	int rc;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		abl_table_column(t, names[i], i > 2);
	s->table = t;
	rc = abl_read_summaries(store, study, tests, add_summary, s, err);
	abl_str_printf(&caption, "%s: each task's main metric; mean, sd, min and max over %s", name,
		       over(s));
	rc = rc ? rc : add_labels(&labels, store, study, err);
	for (char *p = labels.text; p && *p; p++)
		*p = *p == '\n' ? ';' : *p;
	if (labels.length)
		abl_str_printf(&caption, "; %s", labels.text);
	abl_table_caption(t, caption.text, NULL);
	abl_str_finish(&caption);
	abl_str_finish(&labels);
	rc = rc ? rc : abl_row_order_apply(order, t, err);
	if (rc)
		abl_table_destroy(t);
	else
		abl_print_table(t, format);
	return rc;
}

/* What to look at next. */
static void print_hints(const struct summary *s, const char *word, bool tests)
{
	abl_advice_print(stdout,
			 "mean, sd, min and max are over %s\n"
			 "effects with tests: 'ablate compare %s%s'; one row per trial: --trials\n",
			 over(s), abl_shell_quoted(word), tests ? " --split test" : "");
}

static int print_training(struct abl_store *store, int64_t study, enum abl_table_format format,
			  const struct abl_row_order *order, struct abl_err *err)
{
	struct abl_printed out = {.format = format};
	const struct abl_listener rows = abl_print_rows(&out);
	int rc = abl_read_training(store, study, &rows, err);

	rc = rc ? rc : abl_row_order_apply(order, out.table, err);
	return abl_print_end(&out, rc);
}

static int print_scores(const struct abl_args *args, struct abl_store *store, int64_t study,
			enum abl_table_format format, const struct abl_row_order *order,
			struct abl_err *err)
{
	struct summary summary = {0};
	struct abl_str out = {0};
	int rc;

	if (abl_args_flag(args, "trials") || abl_args_text(args, "columns") ||
	    abl_table_is_for_machines(format)) {
		rc = abl_print_trials(store, study, format, abl_args_text(args, "columns"), order,
				      abl_study_arg_tests(args), err);
		return rc ? rc : print_labels(store, study, format, err);
	}
	rc = print_summary(&summary, store, study, args->word[0], abl_study_arg_tests(args), format,
			   order, err);
	if (!rc && format == ABL_TABLE_PLAIN)
		rc = abl_pretraining_table(&out, store, study, err);
	abl_print_text(&out);
	if (!rc && format == ABL_TABLE_PLAIN)
		rc = print_labels(store, study, format, err);
	if (!rc && format == ABL_TABLE_PLAIN)
		print_hints(&summary, args->word[0], abl_study_arg_tests(args));
	return rc;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	const struct abl_task_answer *answer;
	struct abl_row_order order;
	struct abl_store *store;
	int64_t study;
	int rc;

	if (abl_task_answer_asked(&answer, args, err) ||
	    abl_study_arg_open(args, args->word[0], &store, &study, err))
		return ABL_EXIT_USAGE;
	rc = abl_row_order_given(&order, args, store, study, err);
	if (!rc && answer)
		rc = abl_task_answer_print(answer, store, study, format, &order, err);
	else if (!rc && abl_args_flag(args, "training"))
		rc = print_training(store, study, format, &order, err);
	else if (!rc)
		rc = print_scores(args, store, study, format, &order, err);
	abl_store_close(store);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_results = {
	.name = "results",
	.usage = "STUDY [--trials|--training|--by-option|--cost|--variance|--expected] [--task "
		 "TASK] [--columns A,B...] [--sort COLUMN] [--top N] [--store DIR] [--format "
		 "FORMAT]",
	.summary = "show a study's scores: means over seeds, or one row per trial",
	.details = "STUDY is a study's name or file. csv and json have one row per trial, with "
		   "every option\n"
		   "that varies and every final metric.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
