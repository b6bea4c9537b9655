/* SPDX-License-Identifier: Apache-2.0 */
#include "listings.h"

#include "counted_sql.h"
#include "last_plan.h"
#include "sql.h"
#include "store.h"
#include "str.h"

#include <unistd.h>

#define COUNTS                                                             \
	"sum(state = 'done') AS done, sum(state = 'running') AS running, " \
	"sum(state = 'waiting') AS waiting, "                              \
	"sum(state IN ('failed', 'timed out', 'stopped')) AS failed "

static const char *const listings[ABL_LISTINGS] = {
	[ABL_LISTING_STUDIES] = "SELECT study, count(*) AS trials, " COUNTS
				"FROM trial_states GROUP BY study_id ORDER BY study_id",
	[ABL_LISTING_VARIANTS] = "SELECT variant, task, count(*) AS trials, " COUNTS
				 "FROM trial_states WHERE study_id = ?1 "
				 "GROUP BY variant_id, task ORDER BY position, task",
	[ABL_LISTING_STAGES] = "WITH RECURSIVE " ABL_SQL_ITS_STAGES
			       "SELECT kind AS stage, count(*) AS stages, " COUNTS
			       "FROM stage WHERE id IN (SELECT stage_id FROM its) GROUP BY kind "
			       "ORDER BY min(id)",
	[ABL_LISTING_SCORES] = "WITH " ABL_SQL_COUNTED(
		"'evaluate'") ", spread AS (SELECT *, value - avg(value) "
			      "OVER (PARTITION BY variant_id, task) AS deviation FROM counted) "
			      "SELECT task, variant, metric, count(value) AS n, avg(value) AS "
			      "mean, "
			      "sqrt(sum(deviation * deviation) / (count(value) - 1)) AS sd, "
			      "min(value) AS min, "
			      "max(value) AS max FROM spread GROUP BY variant_id, task HAVING "
			      "count(value) "
			      "ORDER BY task_position, position, variant_id",
	[ABL_LISTING_FAILURES] =
		"SELECT f.variant, f.task, f.seed, f.stage, f.state, f.cause, f.reason, f.log "
		"FROM failures f JOIN study y ON y.name = f.study AND y.id = ?1 LIMIT 500",
	[ABL_LISTING_CHANGES] =
		"SELECT v.label AS variant, v.kind, "
		"coalesce(group_concat(p.name || ' = ' || p.canonical, ', '), '') AS differs_in "
		"FROM " ABL_SQL_VARIANTS
		"LEFT JOIN variant_option p ON p.variant_id = v.id AND p.task = '' AND NOT EXISTS "
		"(SELECT 1 FROM variant b JOIN variant_option q ON q.variant_id = b.id "
		"AND q.task = '' "
		"WHERE b.study_id = v.study_id AND b.plan = v.plan AND b.kind = 'baseline' "
		"AND q.name = p.name AND q.canonical = p.canonical) "
		"GROUP BY v.id ORDER BY v.kind <> 'baseline', v.position, v.id",
	[ABL_LISTING_BASELINE] =
		"SELECT p.name || CASE p.task WHEN '' THEN '' ELSE ' (' || p.task || ')' END "
		"AS option, p.canonical AS value FROM " ABL_SQL_VARIANTS
		"JOIN variant_option p ON p.variant_id = v.id WHERE v.kind = 'baseline' "
		"ORDER BY p.name, p.task",
	[ABL_LISTING_STARTS] =
		"SELECT datetime(started, 'unixepoch') AS started, "
		"datetime(ended, 'unixepoch') AS ended, "
		"CASE WHEN ended IS NULL THEN iif(pid = ?2, 'wrote this page', iif(?3 AND "
		/* one at a time holds the store */
		"id = (SELECT max(id) FROM run), 'still going', 'did not end')) "
		"WHEN exit_code = 0 THEN 'done' WHEN exit_code = 3 THEN 'interrupted' "
		"ELSE 'exit code ' || exit_code END AS outcome, argv AS command, "
		"engine AS ablate, compiler, cpu, cores, kernels, host "
		"FROM run WHERE study_id = ?1 ORDER BY run.id DESC LIMIT 50",
	[ABL_LISTING_WORKERS] =
		"SELECT w.name AS worker, datetime(w.joined, 'unixepoch') AS joined, "
		"w.host, w.job, w.array_index, w.node, w.cpu, w.kernels, w.cores, w.cards, "
		"iif(w.state IN ('lost', 'refused'), w.state || ': ' || w.reason, w.state) AS "
		"outcome, "
		"count(a.id) AS stages, sum(a.state IS 'done') AS done "
		"FROM worker w LEFT JOIN attempt a ON a.worker = w.id "
		"WHERE w.run_id IN (SELECT id FROM run WHERE study_id = ?1) "
		"GROUP BY w.id ORDER BY w.id DESC LIMIT 200",
	[ABL_LISTING_DATA] =
		"SELECT role, path, bytes, hash FROM data_file WHERE study_id = ?1 ORDER BY role",
	[ABL_LISTING_CODE] =
		"SELECT datetime(r.started, 'unixepoch') AS started, s.key AS step, "
		"json_extract(s.value, '$.program') AS program, "
		"(SELECT group_concat(DISTINCT 'code/' || g.code) FROM attempt a "
		"JOIN stage g ON g.id = a.stage_id "
		"WHERE a.run_id = r.id AND g.kind = s.key) AS code, "
		"substr(json_extract(r.environment, '$.git.commit'), 1, 12) || "
		"iif(json_extract(r.environment, '$.git.dirty'), ', changed', '') AS git_commit, "
		"nullif(json_extract(s.value, '$.summary'), '') AS environment "
		"FROM run r JOIN json_each(r.environment, '$.steps') s "
		"WHERE r.study_id = ?1 AND json_valid(r.environment) AND code IS NOT NULL "
		"ORDER BY r.id DESC, s.id LIMIT 100",
};

static int read_rows(struct abl_store *store, const char *sql, int64_t study,
		     const struct abl_listener *to, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store), sql, err);

	if (rc)
		return rc;
	if (study)
		abl_query_set_int(q, 1, study);
	if (sql == listings[ABL_LISTING_STARTS]) {
		abl_query_set_int(q, 2, getpid());
		abl_query_set_int(q, 3, abl_store_is_alive(store));
	}
	return abl_answer_rows(q, to, err);
}

int abl_read_listing(struct abl_store *store, enum abl_listing what, int64_t study,
		     const struct abl_listener *to, struct abl_err *err)
{
	return read_rows(store, listings[what], what == ABL_LISTING_STUDIES ? 0 : study, to, err);
}

/* ---- trials ---- */

#define OF_STUDY "FROM trials WHERE study = (SELECT name FROM study WHERE id = ?1)"

/* Where its last stage ran, if that was with a worker. */
#define ITS_WORKER(column)                                                             \
	"(SELECT w." column " FROM trial_stage l JOIN stage s ON s.id = l.stage_id "   \
	"JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt JOIN worker w "  \
	"ON w.id = a.worker WHERE l.trial_id = trials.trial ORDER BY a.id DESC LIMIT " \
	"1) AS worker_" column
static const char with_workers[] = "FROM (SELECT *, " ITS_WORKER("host") ", " ITS_WORKER(
	"job") ", " ITS_WORKER("array_index") " " OF_STUDY ")";

/* The source of rows: with more columns where stages of the study ran with workers. */
static int source_of(struct abl_store *store, int64_t study, const char **out, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT 1 FROM worker w JOIN run r ON r.id = w.run_id "
				"WHERE r.study_id = ?1 LIMIT 1",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	rc = abl_query_step(q, err);
	*out = rc == 1 ? with_workers : OF_STUDY;
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

/* Columns of `trials` that are shown even when they are empty. */
static const char always[] = "study|variant|task|seed|state|seconds|trial";

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
	const char *source = OF_STUDY;
	int rc = source_of(store, study, &source, err);

	abl_str_printf(&sql, "SELECT * %s", source);
	rc = rc ? rc : abl_query_open(&all, abl_store_sql(store), sql.text, err);
	abl_str_clear(&sql);

	for (int i = 0; !rc && i < abl_query_columns(all); i++) {
		abl_str_puts(&sql, i ? ", count(" : "SELECT count(");
		add_name(&sql, abl_query_name(all, i));
		abl_str_puts(&sql, ")");
	}
	abl_str_printf(&sql, " %s", source);
	rc = rc ? rc : abl_query_open(&counts, abl_store_sql(store), sql.text, err);
	if (!rc) {
		abl_query_set_int(counts, 1, study);
		rc = abl_query_step(counts, err);
		rc = rc < 0 ? rc : 0;
	}
	for (int i = 0; !rc && i < abl_query_columns(all); i++) {
		if (!abl_is_one_of(always, abl_query_name(all, i)) && !abl_query_int(counts, i))
			continue;
		abl_str_puts(out, i ? ", " : "SELECT ");
		add_name(out, abl_query_name(all, i));
	}
	abl_str_printf(out, " %s", source);
	abl_query_close(all);
	abl_query_close(counts);
	abl_str_finish(&sql);
	return rc;
}

int abl_read_trials(struct abl_store *store, int64_t study, const struct abl_listener *to,
		    struct abl_err *err)
{
	struct abl_str sql = {0};
	int rc = select_trials(store, study, &sql, err);

	rc = rc ? rc : read_rows(store, sql.text, study, to, err);
	abl_str_finish(&sql);
	return rc;
}

/* ---- training ---- */

/* Columns: means over the trials of a result that their stage in some role gave, or of its seconds;
 * a pre-training that is what its trial is measured by counts as one all the same.
 * A stage that several trials share counts for each. */
static const struct {
	const char *heading, *role, *result; /* SQL for its name; NULL: seconds */
} columns[] = {
	{"train", "evaluate", "'train_' || k.metric"},
	{"gap", "evaluate", "'gap_' || k.metric"},
	{"loss_gap", "evaluate", "'gap_loss'"},
	{"noise", "finetune", "'gradient_noise_scale'"},
	{"pretrain_noise", "pretrain", "'gradient_noise_scale'"},
	{"sharpness", "evaluate", "'sharpness'"},
	{"relative", "evaluate", "'sharpness_relative'"},
	{"seconds", "finetune", NULL},
	{"pretrain_seconds", "pretrain", NULL},
};

/* The time of both parts of a pre-training. */
#define WITHOUT_FIRST "replace(l.role, 'pretrain_first', 'pretrain')"

static void add_column(struct abl_str *sql, size_t i)
{
	abl_str_printf(sql, ", avg((SELECT %s FROM trial_stage l JOIN stage s ON s.id = l.stage_id",
		       columns[i].result ? "r.value" : "sum(s.seconds)");
	if (columns[i].result)
		abl_str_printf(sql, " JOIN result r ON r.stage_id = s.id AND r.name = %s",
			       columns[i].result);
	abl_str_printf(sql,
		       " WHERE l.trial_id = t.trial_id AND iif(l.role = 'evaluate' AND "
		       "s.kind = 'pretrain', s.kind, %s) = '%s')) AS %s",
		       columns[i].result ? "l.role" : WITHOUT_FIRST, columns[i].role,
		       columns[i].heading);
}

int abl_read_training(struct abl_store *store, int64_t study, const struct abl_listener *to,
		      struct abl_err *err)
{
	struct abl_str sql = {0};
	int rc;

	abl_str_puts(&sql, "SELECT t.task, t.variant, k.metric, count(*) AS n");
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		add_column(&sql, i);
	abl_str_puts(&sql, " FROM trial_states t "
			   "JOIN task k ON k.study_id = t.study_id AND k.name = t.task "
			   "WHERE t.study_id = ?1 AND t.state = 'done' "
			   "GROUP BY t.variant_id, t.task "
			   "ORDER BY k.position, t.position, t.variant_id");
	rc = read_rows(store, sql.text, study, to, err);
	abl_str_finish(&sql);
	return rc;
}
