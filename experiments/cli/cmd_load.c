/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_load.c - numbers that any program made, as a study: what reads the store serves them, too. */
#include "advice.h"
#include "command.h"
#include "compute.h"
#include "load.h"
#include "shell.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct abl_command_option options[] = {
	{.name = "study",
	 .type = ABL_ARG_TEXT,
	 .value = "NAME",
	 .help = "the study's name; needed"},
	{.name = "baseline",
	 .type = ABL_ARG_TEXT,
	 .value = "LABEL",
	 .help = "the variant that the others are compared with (default: baseline)"},
	{.name = "metric",
	 .type = ABL_ARG_TEXT,
	 .value = "NAME",
	 .help = "the column that decides (default: the first column of numbers)"},
	{.name = "lower-is-better",
	 .type = ABL_ARG_FLAG,
	 .help = "the main metric is a loss, an error, a perplexity"},
	{.name = "options",
	 .type = ABL_ARG_TEXT,
	 .value = "A,B",
	 .help = "columns of numbers that are options of the variants, not metrics"},
	{.name = "replace",
	 .type = ABL_ARG_FLAG,
	 .help = "forget what was loaded into the study before"},
	ABL_OPTION_STORE,
	{0},
};

/* The command line is where the numbers are from. */
static int record_start(struct abl_store *store, int64_t study, const struct abl_args *args,
			struct abl_err *err)
{
	struct abl_provenance p;
	const char *words[2 + ABL_ARGS_MAX] = {"ablate", "load", args->word[0]};
	struct abl_str flag[sizeof options / sizeof *options] = {{0}};
	int n = 3, rc;
	int64_t run = 0;

	for (int i = 0; options[i].name; i++) {
		if (!args->option[i] || !strcmp(options[i].name, "store"))
			continue;
		abl_str_printf(&flag[i], "--%s", options[i].name);
		words[n++] = flag[i].text;
		if (options[i].type != ABL_ARG_FLAG)
			words[n++] = args->option[i];
	}
	abl_provenance_gather(&p);
	snprintf(p.engine, sizeof p.engine, "%s", ABL_VERSION);
	abl_compute_kernel_sets("fp32", p.kernels, sizeof p.kernels);
	rc = abl_store_run_begin(store, study, &p, n, (char *const *)(uintptr_t)words, &run, err);
	rc = rc ? rc : abl_store_run_end(store, run, ABL_EXIT_OK, err);
	for (int i = 0; options[i].name; i++)
		abl_str_finish(&flag[i]);
	return rc;
}

/* ---- what was done ---- */

static size_t seeds_of(const struct abl_load_runs *r)
{
	size_t most = 0, n = 0;

	for (size_t i = 0; i < r->count; i++) {
		n = i && r->run[i].variant == r->run[i - 1].variant &&
				    r->run[i].task == r->run[i - 1].task
			    ? n + 1
			    : 1;
		most = n > most ? n : most;
	}
	return most;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_columns(const struct abl_load *l)
{
	const char *main = l->table.column[l->runs.metric[0]];
	const char *gap = "; also ";

	printf("metric   %s, %s is better", main, l->request->lower_is_better ? "lower" : "higher");
	for (size_t t = 1; t < l->runs.task.count && t < 8; t++)
		if (l->runs.metric[t] != l->runs.metric[0])
			printf("; %s on %s", l->table.column[l->runs.metric[t]],
			       l->runs.task.name[t]);
	for (size_t c = 0; c < l->table.columns; c++)
		if (c != l->runs.metric[0] && abl_load_is_metric(&l->runs, c)) {
			printf("%s%s", gap, l->table.column[c]);
			gap = ", ";
		}
	gap = "\noptions  ";
	for (size_t c = 0; c < l->table.columns; c++)
		if (abl_load_is_option(&l->runs, c)) {
			printf("%s%s", gap, l->table.column[c]);
			gap = ", ";
		}
	printf("\n");
}

/* A sign that is wrong turns every verdict. */
static void warn_of_goal(const struct abl_load *l)
{
	static const char *const words[] = {"loss", "perplexity", "ppl", "error", "rmse",
					    "mse",  "mae",        "wer", "nll",   "bits"};
	const char *name = l->table.column[l->runs.metric[0]];

	for (size_t i = 0; !l->request->lower_is_better && i < sizeof words / sizeof *words; i++)
		if (strcasestr(name, words[i])) {
			printf("note     higher values of '%s' count as better: --lower-is-better "
			       "--replace where they are not\n",
			       name);
			return;
		}
}

static void print_done(const struct abl_load *l)
{
	const struct abl_load_runs *r = &l->runs;

	printf("loaded   %zu run%s of '%s' into study '%s': %zu new, %zu as before\n", r->count,
	       plural(r->count), l->table.path, l->request->study, r->count - l->known_count,
	       l->known_count);
	printf("         %zu variant%s, %zu task%s, up to %zu seed%s; baseline '%s'\n",
	       r->variant.count, plural(r->variant.count), r->task.count, plural(r->task.count),
	       seeds_of(r), plural(seeds_of(r)), l->baseline);
	print_columns(l);
	if (l->failed || l->waiting)
		printf("ends     %zu failed, %zu not over yet\n", l->failed, l->waiting);
	if (r->repeated)
		printf("note     %zu row%s said the same once more\n", r->repeated,
		       plural(r->repeated));
	if (l->left_out.length)
		printf("note     left out, since they differ between seeds of a variant: %s\n",
		       l->left_out.text);
	if (l->unpaired.length)
		printf("note     no seed in common with the baseline, so nothing to compare: %s\n",
		       l->unpaired.text);
	warn_of_goal(l);
	abl_advice_print(stdout, "next     'ablate compare %s', or\n         'ablate report %s'\n",
			 abl_shell_quoted(l->request->study), abl_shell_quoted(l->request->study));
}

static int exec(const struct abl_args *args, struct abl_err *err)
{
	const struct abl_load_request request = {
		.study = abl_args_text(args, "study"),
		.path = args->word[0],
		.baseline = abl_args_text(args, "baseline"),
		.metric = abl_args_text(args, "metric"),
		.options = abl_args_text(args, "options"),
		.lower_is_better = abl_args_flag(args, "lower-is-better"),
		.replace = abl_args_flag(args, "replace"),
	};
	struct abl_load l = {0};
	struct abl_store *store = NULL;
	int rc;

	if (!request.study)
		return abl_err_set(err, ABL_EINPUT,
				   "the study needs a name: 'ablate load %s --study NAME'",
				   abl_shell_quoted(args->word[0])) != 0;
	rc = abl_load_read(&l, &request, err);
	rc = rc ? rc : abl_store_open(&store, abl_args_store(args), ABL_STORE_WRITE, err);
	rc = rc ? rc : abl_load_put(&l, store, err);
	rc = rc ? rc : record_start(store, l.study, args, err);
	if (!rc)
		print_done(&l);
	abl_store_close(store);
	abl_load_finish(&l);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_load = {
	.name = "load",
	.usage = "FILE.csv --study NAME [--baseline LABEL] [--metric NAME] [--lower-is-better] "
		 "[--options A,B] [--replace] [--store DIR]",
	.summary = "put results of other programs into the store",
	.details =
		"FILE is a table (CSV, TSV or JSON lines, also .gz and .xz; - is standard input) "
		"with a row per run\n"
		"and the columns variant, task and seed. Further columns of numbers are metrics, "
		"others are options;\n"
		"'state' says how a run ended, 'reason' why, 'seconds' how long it took, "
		"'parameters' how large the\n"
		"model is. A variant called 'no X' is a removal, 'with X' an addition, 'placebo' "
		"a placebo.\n"
		"compare, plot, report, results and query then serve the study as one that was "
		"run here. Loading\n"
		"the same file again changes nothing; new runs join; another number for a run "
		"that is there is\n"
		"refused, unless --replace makes this file all there is.",
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.exec = exec,
};
