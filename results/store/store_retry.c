/* SPDX-License-Identifier: Apache-2.0 */
#include "store_retry.h"

#include "store_db.h"
#include "str.h"

#include <string.h>

int abl_store_stage_failures(struct abl_store *s, const char *key, int64_t counts[ABL_CAUSES],
			     struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, s->sql,
				"SELECT a.cause, count(*) FROM attempt a JOIN stage s ON s.id = "
				"a.stage_id WHERE s.key = ?1 AND a.number > s.forgiven AND a.state "
				"IN ('failed', 'timed out') GROUP BY a.cause",
				err);

	memset(counts, 0, ABL_CAUSES * sizeof *counts);
	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	while ((rc = abl_query_step(q, err)) == 1)
		counts[abl_cause_find(abl_query_text(q, 0))] += abl_query_int(q, 1);
	abl_query_close(q);
	return rc;
}

int abl_store_stage_forgive(struct abl_store *s, const char *key, struct abl_err *err)
{
	const int64_t n =
		abl_sql_exec(s->sql, err,
			     "UPDATE stage SET forgiven = attempt, state = 'waiting', reason = "
			     "NULL, cause = NULL, finished = NULL WHERE key = ? AND state IN "
			     "('failed', 'timed out', 'waiting')",
			     "t", key);

	return n < 0 ? (int)n : 0;
}

int abl_store_pause(struct abl_store *s, int64_t study, const char *stage, const char *reason,
		    struct abl_err *err)
{
	const int64_t n =
		stage ? abl_sql_exec(s->sql, err,
				     "INSERT OR REPLACE INTO study_pause (study_id, since, stage, "
				     "reason) VALUES (?, " ABL_SQL_NOW ", ?, ?)",
				     "itt", study, stage, reason)
		      : abl_sql_exec(s->sql, err, "DELETE FROM study_pause WHERE study_id = ?", "i",
				     study);

	return n < 0 ? (int)n : 0;
}

int abl_store_paused(struct abl_store *s, int64_t study, struct abl_str *stage,
		     struct abl_str *reason, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, s->sql,
				"SELECT stage, reason FROM study_pause WHERE study_id = ?1", err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	rc = abl_query_step(q, err);
	if (rc == 1 && stage)
		abl_str_puts(stage, abl_query_text(q, 0));
	if (rc == 1 && reason)
		abl_str_puts(reason, abl_query_text(q, 1));
	abl_query_close(q);
	return rc;
}
