/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_status.c - how far a study is, from another terminal: trials and stages by state, what runs
 * now, what failed and where its log is. Reads only. */
#include "command.h"
#include "query_table.h"
#include "study_arg.h"
#include "sql.h"
#include "store.h"

#include <stdio.h>
#include <time.h>

static const struct abl_command_option options[] = {
	ABL_OPTION_STORE,
	ABL_OPTION_FORMAT,
	{0},
};

#define COUNTS(of)                                                                               \
	"count(*) AS trials, sum(" of " = 'done') AS done, sum(" of " = 'running') AS running, " \
	"sum(" of " = 'waiting') AS waiting, sum(" of                                            \
	" IN ('failed', 'timed out', 'stopped')) AS failed "

static const char by_study[] =
	"SELECT study, " COUNTS("state") "FROM trial_states GROUP BY study_id ORDER BY study_id";
static const char by_stage[] = "SELECT kind AS stage, count(*) AS stages, sum(state = 'done') AS "
			       "done, sum(state = 'running') AS running, "
			       "sum(state = 'waiting') AS waiting, sum(state IN ('failed', 'timed "
			       "out', 'stopped')) AS failed "
			       "FROM stage WHERE id IN (SELECT l.stage_id FROM trial_states t JOIN "
			       "trial_stage l ON l.trial_id = t.trial_id "
			       "WHERE t.study_id = ?1) GROUP BY kind ORDER BY min(id)";
static const char by_variant[] = "SELECT variant, task, " COUNTS(
	"state") "FROM trial_states WHERE study_id = ?1 "
		 "GROUP BY variant_id, task ORDER BY position, task";
static const char running[] =
	"SELECT t.task, t.variant, t.seed, s.kind, max(m.step), a.started, a.log FROM stage s "
	"JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt "
	"JOIN trial_stage l ON l.stage_id = s.id JOIN trial_states t ON t.trial_id = l.trial_id "
	"LEFT JOIN metric m ON m.stage_id = s.id AND m.attempt = a.number "
	"WHERE t.study_id = ?1 AND s.state = 'running' GROUP BY s.id ORDER BY a.started";
static const char failures[] =
	"SELECT f.task, f.variant, min(f.seed), f.stage, f.state, f.reason, f.log, count(*) FROM "
	"failures f "
	"JOIN study y ON y.name = f.study WHERE y.id = ?1 GROUP BY f.attempt ORDER BY f.attempt";

static int show(struct abl_store *store, const char *sql, int64_t study,
		enum abl_table_format format, struct abl_err *err)
{
	struct abl_query *q;
	int rc;

	if (abl_query_open(&q, abl_store_sql(store), sql, err))
		return err->code;
	if (study)
		abl_query_set_int(q, 1, study);
	rc = abl_query_print(q, format, err);
	abl_query_close(q);
	return rc;
}

static const char *text(const struct abl_query *q, int column)
{
	const char *value = abl_query_text(q, column);

	return value ? value : "?";
}

static void show_running(const struct abl_query *q, const char *folder)
{
	const double seconds = (double)time(NULL) - abl_query_real(q, 5);
	char took[32];

	printf("running: %s, %s, seed %s: %s", text(q, 0), text(q, 1), text(q, 2), text(q, 3));
	if (abl_query_type(q, 4) == ABL_COLUMN_INT)
		printf(", step %s", text(q, 4));
	printf(", for %s\n         log: %s/%s\n",
	       abl_format_duration(seconds > 0 ? seconds : 0, took), folder, text(q, 6));
}

static void show_failure(const struct abl_query *q, const char *folder)
{
	const int64_t trials = abl_query_int(q, 7);

	printf("failed: %s, %s, seed %s: %s %s: %s\n        log: %s/%s\n", text(q, 0), text(q, 1),
	       text(q, 2), text(q, 3), text(q, 4), text(q, 5), folder, text(q, 6));
	if (trials > 1)
		printf("        %lld trials needed it\n", (long long)trials);
}

static int each(struct abl_store *store, const char *sql, int64_t study,
		void (*row)(const struct abl_query *, const char *folder), struct abl_err *err)
{
	struct abl_query *q;
	int got;

	if (abl_query_open(&q, abl_store_sql(store), sql, err))
		return err->code;
	abl_query_set_int(q, 1, study);
	while ((got = abl_query_step(q, err)) == 1)
		row(q, abl_store_folder(store));
	abl_query_close(q);
	return got;
}

static int show_study(struct abl_store *store, int64_t study, enum abl_table_format format,
		      struct abl_err *err)
{
	int rc = show(store, by_variant, study, format, err);

	if (rc || format != ABL_TABLE_PLAIN)
		return rc;
	printf("\n");
	rc = show(store, by_stage, study, format, err);
	rc = rc ? rc : each(store, running, study, show_running, err);
	return rc ? rc : each(store, failures, study, show_failure, err);
}

static int exec_status(const struct abl_args *args, struct abl_err *err)
{
	const enum abl_table_format format = abl_table_format(abl_args_text(args, "format"));
	struct abl_store *store;
	int64_t study;
	int rc;

	if (args->words) {
		if (abl_study_arg_open(args, args->word[0], &store, &study, err))
			return ABL_EXIT_FAILED;
		rc = show_study(store, study, format, err);
	} else {
		if (abl_store_open(&store, abl_args_store(args), ABL_STORE_READ, err))
			return ABL_EXIT_FAILED;
		rc = show(store, by_study, 0, format, err);
		if (!rc && format == ABL_TABLE_PLAIN)
			printf("'ablate status STUDY' says more\n");
	}
	abl_store_close(store);
	return rc ? ABL_EXIT_FAILED : ABL_EXIT_OK;
}

const struct abl_command abl_cmd_status = {
	.name = "status",
	.usage = "[STUDY] [--store DIR]",
	.summary = "show how far the studies of a store are, and what failed",
	.details = "Without STUDY: one row for each study. With it: its trials and stages by "
		   "state, what is running\n"
		   "now, and each failure with its reason and log.",
	.max_words = 1,
	.options = options,
	.exec = exec_status,
};
