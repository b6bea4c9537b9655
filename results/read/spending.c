/* SPDX-License-Identifier: Apache-2.0 */
#include "spending.h"

#include "last_plan.h"
#include "sql.h"
#include "study_query.h"
#include "store.h"

/* Of a stage, as its first attempt began; of one that waits, and of an earlier program's, by the
 * rate of the machine or the cost. */
#define EXPECTED                                                                                  \
	"coalesce((SELECT a.expected_cpu FROM attempt a WHERE a.stage_id = s.id ORDER BY number " \
	"LIMIT 1), s.rated, s.cost)"

int abl_read_spending(struct abl_store *store, int64_t study,
		      void (*hear)(void *data, const struct abl_spending *row), void *data,
		      struct abl_err *err)
{
	static const char sql[] =
		"WITH mine AS (SELECT s.*, " EXPECTED " AS expected, "
		"coalesce(s.cpu_seconds, s.seconds) AS cpu, s.state = 'done' AND NOT EXISTS "
		"(SELECT 1 FROM attempt "
		"a JOIN run r ON r.id = a.run_id WHERE a.stage_id = s.id AND r.study_id = ?1) "
		"AND EXISTS (SELECT 1 FROM attempt a WHERE a.stage_id = s.id AND a.run_id "
		"IS NOT NULL) AS earlier FROM stage s WHERE s.id IN (SELECT l.stage_id "
		"FROM " ABL_SQL_TRIALS "JOIN trial_stage l ON l.trial_id = t.id)) "
		"SELECT kind, count(*), sum(state = 'done'), sum(earlier), "
		"sum(iif(state = 'done' AND NOT earlier AND expected > 0, expected, NULL)), "
		"sum(iif(state = 'done' AND NOT earlier AND expected > 0, cpu, NULL)), "
		"(SELECT sum(coalesce(a.cpu_seconds, a.seconds)) FROM attempt a JOIN mine m ON "
		"m.id = a.stage_id "
		"WHERE m.kind = g.kind AND a.state IN ('failed', 'timed out', 'stopped')), "
		"sum(iif(state IN ('waiting', 'running') AND expected > 0, expected, NULL)), "
		"sum(iif(state = 'done' AND NOT earlier, cpu, NULL)) "
		"FROM mine g GROUP BY kind ORDER BY min(id)";
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_spending){.stage = abl_query_text(q, 0),
						  .stages = abl_query_int(q, 1),
						  .done = abl_query_int(q, 2),
						  .earlier = abl_query_int(q, 3),
						  .expected = abl_query_real(q, 4),
						  .expected_took = abl_query_real(q, 5),
						  .lost = abl_query_real(q, 6),
						  .left = abl_query_real(q, 7),
						  .taken = abl_query_real(q, 8)});
	abl_query_close(q);
	return rc;
}

int abl_read_clock(struct abl_store *store, int64_t study, double *seconds, int64_t *starts,
		   struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT sum(ended - started), count(*) FROM run "
				"WHERE study_id = ?1 AND ended IS NOT NULL",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	if ((rc = abl_query_step(q, err)) == 1) {
		*seconds = abl_query_real(q, 0);
		*starts = abl_query_int(q, 1);
	}
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}
