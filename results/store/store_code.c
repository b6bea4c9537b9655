/* SPDX-License-Identifier: Apache-2.0 */
/* store_code.c - what a study of a user's program has beside the others: the environment that it
 * ran in, and results that are kept though the code is another. */
#include "store_db.h"

#include <math.h>

int abl_store_run_environment(struct abl_store *s, int64_t run, const char *json, const char *hash,
			      struct abl_err *err)
{
	const int64_t n = abl_sql_exec(
		s->sql, err, "UPDATE run SET environment = ?, environment_hash = ? WHERE id = ?",
		"tti", json, hash, run);

	return n < 0 ? (int)n : 0;
}

static double known(double x)
{
	return x > 0 ? x : NAN;
}

int abl_store_run_expects(struct abl_store *s, int64_t run, const struct abl_run_expects *e,
			  struct abl_err *err)
{
	const int64_t n = abl_sql_exec(s->sql, err,
				       "UPDATE run SET workers = ?, threads = ?, expected_seconds "
				       "= ?, expected_cpu = ? WHERE id = ?",
				       "iirri", (int64_t)e->workers, (int64_t)e->threads,
				       known(e->seconds), known(e->cpu_seconds), run);

	return n < 0 ? (int)n : 0;
}

int abl_store_run_took(struct abl_store *s, int64_t run, double seconds, struct abl_err *err)
{
	const int64_t n = abl_sql_exec(s->sql, err,
				       "UPDATE run SET seconds = ?, cpu_seconds = (SELECT "
				       "sum(cpu_seconds) FROM attempt WHERE run_id = run.id) "
				       "WHERE id = ?",
				       "ri", seconds, run);

	return n < 0 ? (int)n : 0;
}

/* The rows of a stage that make up its work. Those of the new one are there before only if it was
 * tried, and failed. */
static const char *const copies[] = {
	"DELETE FROM metric WHERE stage_id = ?2 AND ?1",
	"DELETE FROM result WHERE stage_id = ?2 AND ?1",
	"DELETE FROM prediction WHERE stage_id = ?2 AND ?1",
	"INSERT INTO metric (stage_id, attempt, name, step, value) "
	"SELECT ?2, attempt, name, step, value FROM metric WHERE stage_id = ?1",
	"INSERT INTO result (stage_id, name, value) "
	"SELECT ?2, name, value FROM result WHERE stage_id = ?1",
	"INSERT INTO prediction (stage_id, file) "
	"SELECT ?2, file FROM prediction WHERE stage_id = ?1",
	"INSERT OR IGNORE INTO attempt (stage_id, number, run_id, pid, started, ended, seconds, "
	"state, exit_code, signal, reason, bad_lines, log, host, engine, compiler, cpu, kernels, "
	"threads, cause, cpu_seconds, peak_memory) "
	"SELECT ?2, number, run_id, pid, started, ended, seconds, state, "
	"exit_code, signal, reason, bad_lines, log, host, engine, compiler, cpu, kernels, threads, "
	"cause, cpu_seconds, peak_memory FROM attempt WHERE stage_id = ?1",
};

static int take_over(struct abl_store *s, const char *from, const char *to, struct abl_err *err)
{
	int64_t old, new, n = 0;
	int rc = abl_sql_get(s->sql, &old, err,
			     "SELECT id FROM stage WHERE key = ? AND state = 'done'", "t", from);

	if (rc > 0)
		rc = abl_sql_get(s->sql, &new, err,
				 "SELECT id FROM stage WHERE key = ? AND state <> 'done'", "t", to);
	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < sizeof copies / sizeof *copies && n >= 0; i++)
		n = abl_sql_exec(s->sql, err, copies[i], "ii", old, new);
	if (n >= 0)
		n = abl_sql_exec(
			s->sql, err,
			"UPDATE stage SET (state, attempt, artifact, seconds, cpu_seconds, "
			"peak_memory, finished, seal, bytes, dropped, sum, curve_sum, same_as, "
			"code, reason, cause) = "
			"(SELECT state, attempt, artifact, seconds, cpu_seconds, peak_memory, "
			"finished, seal, bytes, dropped, sum, curve_sum, key, code, NULL, NULL "
			"FROM stage WHERE id "
			"= ?1) "
			"WHERE id = ?2",
			"ii", old, new);
	return n < 0 ? (int)n : 1;
}

int abl_store_stage_same(struct abl_store *s, const char *from, const char *to, struct abl_err *err)
{
	int rc = abl_sql_enter(s->sql, err), made = 0;

	if (rc)
		return rc;
	made = take_over(s, from, to, err);
	rc = abl_sql_leave(s->sql, made < 0 ? made : 0, err);
	return rc ? rc : made;
}
