/* SPDX-License-Identifier: Apache-2.0 */
/* store_stage.c - execution: attempts begin, report and end; the attempt's number is the fence. */
#include "store_db.h"

#include "str.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As in schema.sql. */
static const char *const state_names[] = {
	[ABL_WAITING] = "waiting", [ABL_RUNNING] = "running",     [ABL_DONE] = "done",
	[ABL_FAILED] = "failed",   [ABL_TIMED_OUT] = "timed out", [ABL_STOPPED] = "stopped",
};

const char *abl_state_name(enum abl_state state)
{
	assert(state < ABL_STATES);
	return state_names[state];
}

int abl_state_find(const char *name)
{
	for (int i = 0; i < ABL_STATES; i++)
		if (!strcmp(name, state_names[i]))
			return i;
	return -1;
}

/* The last attempt of a running stage, if a worker was given it. */
#define WITH_WORKER                                                                     \
	"worker IS NOT NULL AND ended IS NULL AND EXISTS (SELECT 1 FROM stage s WHERE " \
	"s.id = stage_id AND s.attempt = number AND s.state = 'running')"

int abl_store_recover(struct abl_store *s, bool workers, struct abl_err *err)
{
	int64_t changed = 0;
	int rc = abl_sql_enter(s->sql, err);

	if (rc)
		return rc;
	/* what an interrupted attempt had made is lost with its work folder, and its time with it
	 */
	changed = abl_sql_exec(
		s->sql, err,
		"UPDATE attempt SET ended = " ABL_SQL_NOW_OR(
			"started") ", state = 'waiting', "
				   "reason = 'interrupted: the program ended while it ran', "
				   "cause = 'killed' WHERE ended IS NULL AND (? OR NOT "
				   "(" WITH_WORKER "))",
		"i", (int64_t)workers);
	if (changed >= 0)
		changed = abl_sql_exec(
			s->sql, err,
			"UPDATE stage SET state = 'waiting', seconds = 0, cpu_seconds = 0, "
			"peak_memory = 0 WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM "
			"attempt a WHERE a.stage_id = stage.id AND a.number = stage.attempt AND "
			"a.ended IS NULL)",
			"");
	if (changed >= 0)
		changed = abl_sql_exec(
			s->sql, err,
			"UPDATE worker SET state = 'lost', left_at = " ABL_SQL_NOW_OR(
				"joined") ", reason = 'the program that it had joined ended' "
					  "WHERE state = 'joined'",
			"");
	return abl_sql_leave(s->sql, changed < 0 ? (int)changed : 0, err);
}

static char *copy(const struct abl_query *q, int column)
{
	const char *text = abl_query_text(q, column);

	return text ? abl_strdup(text) : NULL;
}

int abl_store_stage(struct abl_store *s, const char *key, struct abl_stage_info *out,
		    struct abl_err *err)
{
	struct abl_query *q;
	int rc;

	*out = (struct abl_stage_info){0};
	rc = abl_query_open(&q, s->sql,
			    "SELECT s.state, s.attempt, s.seconds, s.artifact, s.reason, a.log, "
			    "a.id, s.cause, s.seal, s.lost, s.dropped, a.worker FROM stage s "
			    "LEFT JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt "
			    "WHERE s.key = ?1",
			    err);
	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	rc = abl_query_step(q, err);
	if (rc == 1)
		*out = (struct abl_stage_info){
			.state = (enum abl_state)abl_state_find(abl_query_text(q, 0)),
			.attempt = abl_query_int(q, 1),
			.seconds = abl_query_real(q, 2),
			.artifact = copy(q, 3),
			.reason = copy(q, 4),
			.cause = abl_cause_find(abl_query_text(q, 7)),
			.log = copy(q, 5),
			.log_id = abl_query_int(q, 6),
			.seal = copy(q, 8),
			.lost = copy(q, 9),
			.dropped = copy(q, 10),
			.worker = abl_query_int(q, 11),
		};
	abl_query_close(q);
	return rc;
}

int abl_store_stage_wanted(struct abl_store *s, const char *key, bool *wanted, struct abl_err *err)
{
	int64_t is = 0;
	int rc = abl_sql_get(s->sql, &is, err,
			     "SELECT EXISTS (SELECT 1 FROM stage s WHERE s.key = ? AND s.state <> "
			     "'done' AND (EXISTS (SELECT 1 FROM trial_stage l JOIN trial t ON "
			     "t.id = l.trial_id JOIN study y ON y.id = t.study_id AND y.plan = "
			     "t.plan WHERE l.stage_id = s.id) OR EXISTS (SELECT 1 FROM "
			     "tuning_stage u JOIN study y ON y.id = u.study_id AND y.plan = "
			     "u.plan WHERE u.stage_id = s.id)))",
			     "t", key);

	*wanted = is;
	return rc < 0 ? rc : 0;
}

void abl_stage_info_finish(struct abl_stage_info *i)
{
	if (!i)
		return;
	free(i->artifact), free(i->seal), free(i->lost), free(i->dropped);
	free(i->reason);
	free(i->log);
	*i = (struct abl_stage_info){0};
}

/* Is what an earlier attempt has made part of the stage's work? */
#define GOES_ON "state = 'waiting' AND lost IS NULL AND attempt > 0"

static double measured(double x)
{
	return x > 0 ? x : NAN;
}

static int begin(struct abl_store *s, const char *key, const struct abl_attempt_row *row,
		 int64_t *attempt, int64_t *id, struct abl_err *err)
{
	const struct abl_provenance *p = row->made_by;
	int64_t stage;
	int rc = abl_sql_get(s->sql, &stage, err,
			     "UPDATE stage SET state = 'running', attempt = attempt + 1, "
			     "reason = NULL, cause = NULL, finished = NULL, "
			     "seconds = iif(state = 'waiting' AND lost IS NULL, seconds, 0), "
			     "cpu_seconds = iif(" GOES_ON ", cpu_seconds, 0), "
			     "peak_memory = iif(" GOES_ON ", peak_memory, 0), "
			     "code = ? WHERE key = ? AND state <> 'done' RETURNING id",
			     "tt", row->code, key);

	if (!rc)
		rc = abl_err_set(err, ABL_EFAIL, "stage '%s' is done already, or not planned", key);
	if (rc > 0)
		rc = abl_sql_get(s->sql, attempt, err, "SELECT attempt FROM stage WHERE id = ?",
				 "i", stage);
	if (rc > 0)
		rc = abl_sql_get(
			s->sql, id, err,
			"INSERT INTO attempt (stage_id, number, run_id, started, log, host, "
			"engine, compiler, "
			"cpu, kernels, threads, expected_seconds, expected_cpu, expected_memory, "
			"worker) "
			"VALUES (?, ?, nullif(?, 0), " ABL_SQL_NOW
			", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0)) "
			"RETURNING id",
			"iiittttttirrri", stage, *attempt, row->run, row->log, p ? p->host : NULL,
			p ? p->engine : NULL, p ? p->compiler : NULL, p ? p->cpu : NULL,
			p ? p->kernels : NULL, (int64_t)row->threads,
			measured(row->expected_seconds), measured(row->expected_cpu),
			measured(row->expected_memory), row->worker);
	return rc > 0 ? 0 : rc;
}

int abl_store_stage_begin(struct abl_store *s, const char *key, const struct abl_attempt_row *row,
			  int64_t *attempt, int64_t *id, struct abl_err *err)
{
	int rc = abl_sql_enter(s->sql, err);

	return rc ? rc : abl_sql_leave(s->sql, begin(s, key, row, attempt, id, err), err);
}

int abl_store_stage_lost(struct abl_store *s, const char *key, const char *why, struct abl_err *err)
{
	int64_t changed =
		abl_sql_exec(s->sql, err,
			     "UPDATE stage SET state = 'waiting', lost = ?, artifact = "
			     "NULL, seal = NULL, bytes = NULL WHERE key = ? AND state = 'done'",
			     "tt", why, key);

	return changed < 0 ? (int)changed : 0;
}

int abl_store_stage_pid(struct abl_store *s, const char *key, int64_t attempt, int pid,
			struct abl_err *err)
{
	int64_t changed = abl_sql_exec(s->sql, err,
				       "UPDATE attempt SET pid = ? WHERE number = ? AND "
				       "stage_id = (SELECT id FROM stage WHERE key = ?)",
				       "iit", (int64_t)pid, attempt, key);

	return changed < 0 ? (int)changed : 0;
}

static int put_metrics(struct abl_store *s, int64_t stage, int64_t attempt,
		       const struct abl_metric *metrics, size_t count, struct abl_err *err)
{
	int64_t rc = 0;

	for (size_t i = 0; rc >= 0 && i < count; i++)
		rc = abl_sql_exec(
			s->sql, err,
			"INSERT OR REPLACE INTO metric (stage_id, attempt, name, step, value) "
			"VALUES (?, ?, ?, ?, ?)",
			"iitir", stage, attempt, metrics[i].name, metrics[i].step,
			metrics[i].value);
	return rc < 0 ? (int)rc : 0;
}

int abl_store_stage_metrics(struct abl_store *s, const char *key, int64_t attempt,
			    const struct abl_metric *metrics, size_t count, struct abl_err *err)
{
	int64_t stage;
	int rc = abl_sql_enter(s->sql, err);

	if (rc)
		return rc;
	rc = abl_sql_get(s->sql, &stage, err, "SELECT id FROM stage WHERE key = ?", "t", key);
	if (rc > 0)
		rc = put_metrics(s, stage, attempt, metrics, count, err);
	return abl_sql_leave(s->sql, rc, err);
}

/* Results of a stage. *fresh: one has a name that no column of the views has yet. Repetitions have
 * none. */
static int put_results(struct abl_store *s, int64_t stage, const struct abl_stage_end *end,
		       bool *fresh, struct abl_err *err)
{
	int64_t known = 0, shown = 0;
	int64_t rc =
		abl_sql_get(s->sql, &shown, err,
			    "SELECT count(*) FROM (SELECT 1 FROM trial_stage WHERE stage_id = ? "
			    "AND role NOT GLOB 'repeat*' LIMIT 1)",
			    "i", stage);

	for (size_t i = 0; rc >= 0 && i < end->result_count; i++) {
		const struct abl_result *r = &end->results[i];

		rc = abl_sql_get(s->sql, &known, err,
				 "SELECT count(*) FROM (SELECT 1 FROM result r JOIN trial_stage l "
				 "ON l.stage_id = r.stage_id WHERE r.name = ? "
				 "AND l.role NOT GLOB 'repeat*' LIMIT 1)",
				 "t", r->name);
		*fresh |= shown && !known;
		if (rc >= 0)
			rc = abl_sql_exec(s->sql, err,
					  "INSERT OR REPLACE INTO result (stage_id, name, value) "
					  "VALUES (?, ?, ?)",
					  "itr", stage, r->name, r->value);
	}
	if (rc >= 0 && end->predictions)
		rc = abl_sql_exec(
			s->sql, err,
			"INSERT OR REPLACE INTO prediction (stage_id, file) VALUES (?, ?)", "it",
			stage, end->predictions);
	return rc < 0 ? (int)rc : 0;
}

/* 1 = written, 0 = the fence has moved on. */
static int end_attempt(struct abl_store *s, const char *key, int64_t attempt,
		       const struct abl_stage_end *end, bool *fresh, struct abl_err *err)
{
	const char *state = abl_state_name(end->state), *cause = abl_cause_name(end->cause);
	const bool is_done = end->state == ABL_DONE,
		   pending = end->state == ABL_WAITING || end->again;
	const bool anew = end->again && !end->goes_on;
	int64_t stage, changed;
	int rc = abl_sql_get(s->sql, &stage, err,
			     "UPDATE stage SET state = ?, reason = ?, cause = ?, artifact = ?, "
			     "seal = ?, bytes = nullif(?, 0), lost = iif(?7, NULL, lost), "
			     "dropped = iif(?7, NULL, dropped), "
			     "seconds = iif(?8, 0, seconds + ?), "
			     "cpu_seconds = iif(?8, 0, cpu_seconds + ?), "
			     "peak_memory = iif(?8, 0, max(peak_memory, ?)), "
			     "finished = iif(?, NULL, " ABL_SQL_NOW ") "
			     "WHERE key = ? AND attempt = ? AND state = iif(?, 'waiting', "
			     "'running') RETURNING id",
			     "tttttiiirrritii", pending ? "waiting" : state,
			     is_done || pending ? NULL : end->reason,
			     is_done || pending ? NULL : cause, is_done ? end->artifact : NULL,
			     is_done ? end->seal : NULL, is_done ? end->bytes : 0, (int64_t)is_done,
			     (int64_t)anew, end->seconds, measured(end->cpu_seconds),
			     measured(end->peak_memory), (int64_t)pending, key, attempt,
			     (int64_t)end->late);

	if (rc <= 0)
		return rc;
	changed = abl_sql_exec(
		s->sql, err,
		"UPDATE attempt SET ended = " ABL_SQL_NOW_OR(
			"started") ", state = ?, reason = ?, cause = ?, seconds = ?, "
				   "cpu_seconds = ?, peak_memory = ?, "
				   "exit_code = nullif(?, -1), signal = nullif(?, 0), bad_lines = "
				   "? "
				   "WHERE stage_id = ? AND number = ?",
		"tttrrriiiii", state, end->reason, cause, end->seconds, measured(end->cpu_seconds),
		measured(end->peak_memory), (int64_t)end->exit_code, (int64_t)end->signal,
		end->bad_lines, stage, attempt);
	if (changed < 0)
		return (int)changed;
	rc = put_metrics(s, stage, attempt, end->metrics, end->metric_count, err);
	if (!rc && is_done)
		rc = put_results(s, stage, end, fresh, err);
	if (!rc && is_done)
		rc = abl_store_sum_put(s, stage, err);
	return rc < 0 ? rc : 1;
}

int abl_store_stage_end(struct abl_store *s, const char *key, int64_t attempt,
			const struct abl_stage_end *end, struct abl_err *err)
{
	bool fresh = false;
	int written, rc;

	assert(end->state != ABL_RUNNING);
	rc = abl_sql_enter(s->sql, err);
	if (rc)
		return rc;
	written = end_attempt(s, key, attempt, end, &fresh, err);
	rc = written < 0 ? written : fresh ? abl_store_refresh_views(s, err) : 0;
	rc = abl_sql_leave(s->sql, rc, err);
	return rc ? rc : !written;
}
