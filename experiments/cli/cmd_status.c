/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_status.c - how far a study is, from another terminal: trials and stages by state, what runs
 * now, what failed and where its log is. Reads only. */
#include "advice.h"
#include "command.h"
#include "going.h"
#include "listings.h"
#include "planned.h"
#include "print.h"
#include "running_file.h"
#include "status_json.h"
#include "status_left.h"
#include "status_watch.h"
#include "status_workers.h"
#include "study_name.h"
#include "answer_json.h"
#include "seeds_look.h"
#include "standing.h"
#include "shell.h"
#include "store.h"
#include "store_retry.h"
#include "str.h"
#include "table.h"
#include "args_study.h"

#include <stdio.h>
#include <time.h>

static const struct abl_command_option options[] = {
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{.name = "watch",
	 .letter = 'w',
	 .type = ABL_ARG_FLAG,
	 .help = "a page of the whole screen, drawn anew every second; q leaves"},
	{.name = "json", .type = ABL_ARG_FLAG, .help = "everything as one JSON object"},
	{0},
};

static int show(struct abl_store *store, enum abl_listing what, int64_t study,
		enum abl_table_format format, struct abl_err *err)
{
	struct abl_printed out = {.format = format};
	const struct abl_listener rows = abl_print_rows(&out);

	return abl_print_end(&out, abl_read_listing(store, what, study, &rows, err));
}

static const char *known(const char *text)
{
	return text ? text : "?";
}

/* The command that shows the log, on a line of its own. */
static void show_log(int indent, const struct abl_standing_stage *s)
{
	struct abl_str words = {0}, line = {0};

	abl_standing_logs(s->trial, s->key, &words);
	abl_str_printf(&line, "%*slog: ", indent, "");
	abl_advice_command(&line, words.text);
	abl_str_puts(&line, "\n");
	abl_print_text(&line);
	abl_str_finish(&words);
}

static void show_running(void *data, const struct abl_standing_stage *s)
{
	const double seconds = (double)time(NULL) - s->started;
	struct abl_str name = {0};
	char took[32];

	(void)data;
	abl_standing_name(s, &name);
	printf("running: %s: %s", name.text, known(s->stage));
	if (s->step >= 0)
		printf(", step %lld", (long long)s->step);
	printf(", for %s", abl_format_duration(seconds > 0 ? seconds : 0, took));
	printf("%s%s\n", s->worker ? ", on " : "", s->worker ? s->worker : "");
	show_log(9, s);
	abl_str_finish(&name);
}

static void show_failure(void *data, const struct abl_standing_stage *s)
{
	struct abl_str line = {0};

	(void)data;
	abl_str_puts(&line, "failed: ");
	abl_standing_name(s, &line);
	abl_str_printf(&line, ": %s %s", known(s->stage), known(s->state));
	abl_cause_words(s->cause, s->state, &line);
	printf("%s: %s\n", line.text, known(s->reason));
	abl_str_finish(&line);
	if (s->log)
		show_log(8, s);
	if (s->trials > 1)
		printf("        %lld trials depend on it\n", (long long)s->trials);
}

static void show_paused(void *data, const struct abl_standing_stage *s)
{
	struct abl_str name = {0};

	(void)data;
	abl_standing_name(s, &name);
	printf("%s: %s: %s", known(s->state), name.text, known(s->stage));
	if (s->step >= 0)
		printf(", step %lld", (long long)s->step);
	printf("\n");
	abl_str_finish(&name);
}

static void add_cause(void *data, const char *cause, int64_t trials)
{
	struct abl_str *out = data;

	abl_str_printf(out, "%s%lld %s", out->length ? ", " : "", (long long)trials,
		       cause ? cause : "for a reason that is not known");
}

/* How many failed of what, and what a paused study waits for. */
static int show_causes(struct abl_store *store, int64_t study, struct abl_err *err)
{
	struct abl_str causes = {0}, paused = {0};
	int rc = abl_read_causes(store, study, add_cause, &causes, err);

	rc = rc < 0 ? rc : abl_store_paused(store, study, NULL, &paused, err);
	if (rc > 0)
		abl_advice_print(stdout, "paused: %s\n", paused.text);
	if (rc >= 0 && causes.length)
		printf("failures: %s\n", causes.text);
	abl_str_finish(&causes);
	abl_str_finish(&paused);
	return rc < 0 ? rc : 0;
}

static void take_study(void *data, const struct abl_going *g)
{
	*(int64_t *)data = g->study_id;
}

static int find_left(struct abl_store *store, int64_t study, double *left, struct abl_err *err)
{
	int64_t going = 0;
	int rc = abl_read_going(store, take_study, &going, err);
	json_t *file = going == study ? abl_running_file_read(abl_store_folder(store)) : NULL;

	rc = rc < 0 ? rc : abl_status_left(store, study, file, left, err);
	json_decref(file);
	return rc;
}

/* How long it will be, and what makes it go on where nobody is at it. */
static int show_left(struct abl_store *store, int64_t study, struct abl_err *err)
{
	struct abl_confirmation its = {0};
	struct abl_file_record file = {0};
	double left = 0;
	char text[32];
	int rc = abl_read_file_record(store, study, &file, err);

	rc = rc ? rc : find_left(store, study, &left, err);
	rc = rc ? rc : abl_read_confirmation(store, study, &its, err);
	if (!rc && left > 0) {
		printf("left: about %s\n", abl_format_duration(left, text));
		if (!abl_store_is_alive(store) && its.of.length)
			abl_advice_print(stdout,
					 "no ablate run is alive; 'ablate confirm %s' goes on\n",
					 abl_shell_quoted(its.of.text));
		else if (!abl_store_is_alive(store))
			abl_advice_print(stdout,
					 "no ablate run is alive; 'ablate run %s' goes on\n",
					 file.path ? abl_shell_quoted(file.path) : "FILE");
	}
	abl_str_finish(&its.of);
	abl_file_record_finish(&file);
	return rc;
}

/* Where seeds are added until the intervals are narrow enough. */
static int show_seeds(struct abl_store *store, int64_t study, struct abl_err *err)
{
	struct abl_seeds_look look;
	struct abl_str text = {0};
	int rc = abl_seeds_look(store, study, &look, err);

	if (!rc && look.grows) {
		abl_seeds_text(&look, &text);
		printf("seeds: %s\n", text.text);
	}
	abl_str_finish(&text);
	return rc;
}

static int show_study(struct abl_store *store, int64_t study, enum abl_table_format format,
		      struct abl_err *err)
{
	int rc = show(store, ABL_LISTING_VARIANTS, study, format, err);

	if (!rc && format == ABL_TABLE_PLAIN) {
		printf("\n");
		rc = show(store, ABL_LISTING_STAGES, study, format, err);
		rc = rc ? rc : abl_status_workers_print(store, study, err);
		rc = rc ? rc : abl_read_running(store, study, show_running, NULL, err);
		rc = rc ? rc : abl_read_paused(store, study, show_paused, NULL, err);
		rc = rc ? rc : show_seeds(store, study, err);
		rc = rc ? rc : show_left(store, study, err);
		rc = rc ? rc : show_causes(store, study, err);
		rc = rc ? rc : abl_read_failures(store, study, show_failure, NULL, err);
	}
	return rc;
}

static int print_json(const struct abl_args *args, const char *name, struct abl_err *err)
{
	struct abl_json j = {.root = abl_status_json(args, name, err)};
	struct abl_str out = {0};
	int rc = j.root ? abl_json_end(&j, JSON_INDENT(2), "the status", &out, err) : ABL_EFAIL;

	if (!rc)
		printf("%s\n", out.text);
	abl_str_finish(&out);
	return rc;
}

/* --json and --watch */
static int show_whole(const struct abl_args *args, struct abl_err *err)
{
	struct abl_str name = {0}, text = {0};
	int rc = args->words ? abl_study_name(args->word[0], &name, &text, err) : 0;

	if (!rc)
		rc = abl_args_flag(args, "json") ? print_json(args, name.text, err)
						 : abl_status_watch(args, name.text, err);
	abl_str_finish(&name), abl_str_finish(&text);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

static int exec_status(const struct abl_args *args, struct abl_err *err)
{
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	struct abl_store *store;
	int64_t study;
	int rc;

	if (abl_args_flag(args, "json") || abl_args_flag(args, "watch"))
		return show_whole(args, err);
	if (args->words) {
		if (abl_study_arg_open(args, args->word[0], &store, &study, err))
			return ABL_EXIT_FAILED;
		rc = show_study(store, study, format, err);
	} else {
		if (abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err))
			return ABL_EXIT_FAILED;
		rc = show(store, ABL_LISTING_STUDIES, 0, format, err);
		if (!rc && format == ABL_TABLE_PLAIN)
			abl_advice_print(stdout, "%s'ablate status STUDY' shows more\n",
					 abl_store_is_alive(store) ? ""
								   : "no ablate run is alive; ");
	}
	abl_store_close(store);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_status = {
	.name = "status",
	.usage = "[STUDY] [--watch] [--json] [--store DIR]",
	.summary = "show the progress of studies, and what failed",
	.details = "Without STUDY: one row per study. With it: its trials and stages by state, "
		   "what is running\n"
		   "now and with which workers, what has been paused, how long the rest will take, "
		   "and each failure with "
		   "its reason and log.",
	.max_words = 1,
	.options = options,
	.exec = exec_status,
};
