/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_results.c - the numbers of a study. */
#include "args.h"
#include "command.h"
#include "pretraining_table.h"
#include "query_table.h"
#include "study_arg.h"
#include "training_table.h"
#include "sql.h"
#include "store.h"

#include <math.h>
#include <stdio.h>

static const struct abl_command_option options[] = {
	{.name = "trials",
	 .type = ABL_ARG_FLAG,
	 .help = "a row per trial also in a table (csv and json have it so)"},
	{.name = "training",
	 .type = ABL_ARG_FLAG,
	 .help = "what training reached: the gap to its own examples, noise scale, sharpness"},
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

#define OF_STUDY "FROM trials WHERE study = (SELECT name FROM study WHERE id = ?1)"
#define ALWAYS 6 /* columns of `trials` that are shown even when they are empty */

/* A row per task and variant: the main metric over seeds. */
static const char summary[] =
	"SELECT t.task, t.variant, k.metric, count(*), sum(t.state = 'done'), sum(t.state IN "
	"('failed', "
	"'timed out', 'stopped')), m.n, m.mean, m.sd, m.min, m.max FROM trial_states t "
	"JOIN task k ON k.study_id = t.study_id AND k.name = t.task "
	"LEFT JOIN variants m ON m.study = t.study AND m.variant = t.variant AND m.task = t.task "
	"AND m.metric = k.metric WHERE t.study_id = ?1 GROUP BY t.variant_id, t.task "
	"ORDER BY k.position, t.position, t.variant_id";

/* Its columns. */
enum { TASK, VARIANT, METRIC, TRIALS, DONE, FAILED, N, MEAN, SD, MIN, MAX };

static void add_name(struct abl_str *out, const char *name) /* quoted as SQL has it */
{
	abl_str_puts(out, "\"");
	for (; *name; name++)
		abl_str_add(out, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
	abl_str_puts(out, "\"");
}

/* The columns of `trials` that say something in this study: the view has those of all studies. */
static int select_trials(struct abl_store *store, int64_t study, struct abl_str *out,
			 struct abl_err *err)
{
	struct abl_query *all = NULL, *counts = NULL;
	struct abl_str sql = {0};
	int code = abl_query_open(&all, abl_store_sql(store), "SELECT * " OF_STUDY, err);

	for (int i = 0; !code && i < abl_query_columns(all); i++) {
		abl_str_puts(&sql, i ? ", count(" : "SELECT count(");
		add_name(&sql, abl_query_name(all, i));
		abl_str_puts(&sql, ")");
	}
	abl_str_puts(&sql, " " OF_STUDY);
	code = code ? code : abl_query_open(&counts, abl_store_sql(store), sql.text, err);
	if (!code) {
		abl_query_set_int(counts, 1, study);
		code = abl_query_step(counts, err) < 0 ? err->code : 0;
	}
	for (int i = 0; !code && i < abl_query_columns(all); i++) {
		if (i >= ALWAYS && !abl_query_int(counts, i))
			continue;
		abl_str_puts(out, i ? ", " : "SELECT ");
		add_name(out, abl_query_name(all, i));
	}
	abl_str_puts(out, " " OF_STUDY);
	abl_query_close(all);
	abl_query_close(counts);
	abl_str_finish(&sql);
	return code;
}

static int print_summary(struct abl_query *q, enum abl_table_format format, struct abl_err *err)
{
	static const char *const names[] = {"task",   "variant", "metric", "trials", "done",
					    "failed", "mean",    "sd",     "min",    "max"};
	struct abl_table *t = abl_table_create();
	char text[32];
	int code;

	for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
		abl_table_column(t, names[i], i > METRIC);
	while ((code = abl_query_step(q, err)) == 1) {
		for (int i = TASK; i <= METRIC; i++)
			abl_table_text(t, abl_query_text(q, i));
		for (int i = TRIALS; i <= FAILED; i++)
			abl_table_int(t, abl_query_int(q, i));
		for (int i = MEAN; i <= MAX; i++)
			abl_table_real(t, abl_query_real(q, i),
				       abl_format_score(abl_query_real(q, i), text));
	}
	if (code)
		abl_table_destroy(t);
	else
		abl_table_put(t, format);
	return code;
}

/* What to look at next. */
static void print_hints(const char *word)
{
	printf("mean, sd, min and max are over the seeds that are done\n"
	       "differences, with tests: ablate compare %s; a row per trial: --trials\n",
	       word);
}

static int print_scores(const struct abl_args *args, struct abl_store *store, int64_t study,
			enum abl_table_format format, struct abl_err *err)
{
	bool each = abl_args_flag(args, "trials") || abl_table_is_for_machines(format);
	struct abl_str sql = {0};
	struct abl_query *q;
	int code = each ? select_trials(store, study, &sql, err) : 0;

	code = code ? code
		    : abl_query_open(&q, abl_store_sql(store), each ? sql.text : summary, err);
	if (!code) {
		abl_query_set_int(q, 1, study);
		code = each ? abl_query_print(q, format, err) : print_summary(q, format, err);
		abl_query_close(q);
	}
	if (!code && !each && format == ABL_TABLE_PLAIN)
		code = abl_pretraining_print(store, study, err);
	if (!code && !each && format == ABL_TABLE_PLAIN)
		print_hints(args->word[0]);
	abl_str_finish(&sql);
	return code;
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	struct abl_store *store;
	int64_t study;
	int code;

	if (abl_study_arg_open(args, args->word[0], &store, &study, err))
		return ABL_EXIT_USAGE;
	code = abl_args_flag(args, "training") ? abl_training_print(store, study, format, err)
					       : print_scores(args, store, study, format, err);
	abl_store_close(store);
	return code ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_results = {
	.name = "results",
	.usage = "STUDY [--trials|--training] [--store DIR] [--format FORMAT]",
	.summary = "print a study's numbers: means over seeds, or a row per trial",
	.details = "STUDY is the study's name or its file. csv and json have one row per trial: "
		   "every option\n"
		   "that varies, and every final metric.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
