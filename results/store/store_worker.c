/* SPDX-License-Identifier: Apache-2.0 */
#include "store_worker.h"

#include "store_db.h"

#include <math.h>

int abl_store_worker_joined(struct abl_store *s, const struct abl_worker_row *row, int64_t *id,
			    struct abl_err *err)
{
	const struct abl_provenance *p = row->made_by;
	const double memory = isfinite(row->memory) && row->memory > 0 ? row->memory : NAN;
	const int rc = abl_sql_get(
		s->sql, id, err,
		"INSERT INTO worker (run_id, name, host, cpu, engine, compiler, kernels, cores, "
		"slots, memory, cards, job, array_index, node, joined, state) VALUES "
		"(nullif(?, 0), ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?, ?, " ABL_SQL_NOW
		", 'joined') RETURNING id",
		"ittttttiirtttt", row->run, row->name, p ? p->host : NULL, p ? p->cpu : NULL,
		p ? p->engine : NULL, p ? p->compiler : NULL, p ? p->kernels : NULL,
		(int64_t)(p ? p->cores : 0), row->slots, memory, row->cards, row->job, row->array,
		row->node);

	return rc < 0 ? rc : 0;
}

int abl_store_worker_left(struct abl_store *s, int64_t id, enum abl_worker_end how, const char *why,
			  struct abl_err *err)
{
	static const char *const names[] = {
		[ABL_WORKER_LEFT] = "left",
		[ABL_WORKER_LOST] = "lost",
		[ABL_WORKER_REFUSED] = "refused",
	};
	const int64_t n =
		abl_sql_exec(s->sql, err,
			     "UPDATE worker SET state = ?, reason = ?, left_at = " ABL_SQL_NOW_OR(
				     "joined") " WHERE id = ?",
			     "tti", names[how], why, id);

	return n < 0 ? (int)n : 0;
}

int abl_store_worker_refused(struct abl_store *s, const struct abl_worker_row *row, const char *why,
			     struct abl_err *err)
{
	int64_t id;
	int rc = abl_sql_enter(s->sql, err);

	if (rc)
		return rc;
	rc = abl_store_worker_joined(s, row, &id, err);
	rc = rc ? rc : abl_store_worker_left(s, id, ABL_WORKER_REFUSED, why, err);
	return abl_sql_leave(s->sql, rc, err);
}

/* The open attempts of running stages. */
#define OPEN                                                                 \
	" FROM attempt a JOIN stage s ON s.id = a.stage_id AND s.attempt = " \
	"a.number AND s.state = 'running' WHERE a.worker IS NOT NULL AND a.ended IS NULL "

int abl_store_left_attempts(struct abl_store *s, abl_each_left *each, void *data,
			    struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, s->sql, "SELECT s.key, a.number" OPEN "ORDER BY a.id", err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1) {
		rc = each(data, abl_query_text(q, 0), abl_query_int(q, 1), err);
		if (rc)
			break;
	}
	abl_query_close(q);
	return rc;
}

int abl_store_attempt_kept(struct abl_store *s, const char *key, int64_t attempt, int64_t worker,
			   struct abl_err *err)
{
	const int64_t n = abl_sql_exec(s->sql, err,
				       "UPDATE attempt SET worker = ? WHERE number = ? AND "
				       "stage_id = (SELECT id FROM stage WHERE key = ?)",
				       "iit", worker, attempt, key);

	return n < 0 ? (int)n : 0;
}

static int give_up(struct abl_store *s, const char *key, int64_t attempt, struct abl_err *err)
{
	int64_t id = 0, n;
	int rc = abl_sql_get(s->sql, &id, err, "SELECT a.id" OPEN "AND s.key = ? AND a.number = ?",
			     "ti", key, attempt);

	if (rc <= 0)
		return rc;
	n = abl_sql_exec(s->sql, err,
			 "UPDATE attempt SET ended = " ABL_SQL_NOW_OR(
				 "started") ", state = 'waiting', cause = 'lost', "
					    "reason = 'interrupted: the program that gave it to a "
					    "worker ended, and the worker was not heard of again' "
					    "WHERE id = ?",
			 "i", id);
	if (n >= 0)
		n = abl_sql_exec(
			s->sql, err,
			"UPDATE stage SET state = 'waiting', seconds = 0, cpu_seconds = 0, "
			"peak_memory = 0 WHERE key = ?",
			"t", key);
	return n < 0 ? (int)n : 0;
}

int abl_store_attempt_given_up(struct abl_store *s, const char *key, int64_t attempt,
			       struct abl_err *err)
{
	int rc = abl_sql_enter(s->sql, err);

	return rc ? rc : abl_sql_leave(s->sql, give_up(s, key, attempt, err), err);
}

int abl_store_attempt_worker(struct abl_store *s, const char *key, int64_t attempt, int64_t *worker,
			     struct abl_err *err)
{
	int rc;

	*worker = 0;
	rc = abl_sql_get(s->sql, worker, err,
			 "SELECT coalesce(a.worker, 0) FROM attempt a JOIN stage s ON s.id = "
			 "a.stage_id WHERE s.key = ? AND a.number = ?",
			 "ti", key, attempt);
	return rc < 0 ? rc : 0;
}
