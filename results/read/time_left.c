/* SPDX-License-Identifier: Apache-2.0 */
#include "time_left.h"

#include "last_plan.h"
#include "sql.h"
#include "store.h"
#include "study_query.h"

#include <math.h>

#define TAKEN                                                                        \
	"max(" ABL_SQL_NOW " - (SELECT a.started FROM attempt a WHERE a.stage_id = " \
	"w.id AND a.number = w.attempt), 0)"

int abl_read_time_left(struct abl_store *store, int64_t study, double *left, struct abl_err *err)
{
	static const char sql[] =
		"WITH RECURSIVE " ABL_SQL_ITS_STAGES
		", pace (kind, ratio) AS (SELECT kind, sum(seconds) / sum(cost) FROM stage "
		"WHERE state = 'done' AND cost > 0 GROUP BY kind), "
		"tries (stage_id) AS (SELECT u.stage_id FROM study y JOIN tuning_stage u "
		"ON u.study_id = y.id AND u.plan = y.plan WHERE y.id = ?1), "
		"takes (id, state, attempt, seconds) AS (SELECT s.id, s.state, s.attempt, "
		"coalesce(s.cost * p.ratio, s.rated, s.cost, 0) FROM stage s "
		"LEFT JOIN pace p ON p.kind = s.kind WHERE s.id IN (SELECT stage_id FROM tries) "
		"OR (s.state IN ('waiting', 'running') AND s.id IN (SELECT stage_id FROM its))), "
		/* tries without what they read, which other trials read too */
		"waits (seconds) AS (SELECT (SELECT count(*) FROM " ABL_SQL_TRIALS
		"WHERE NOT EXISTS (SELECT 1 FROM trial_stage l WHERE l.trial_id = t.id)) * "
		"sum(w.seconds) / sum(NOT EXISTS (SELECT 1 FROM stage_input i JOIN tries r "
		"ON r.stage_id = i.stage_id WHERE i.input_id = w.id)) "
		"FROM takes w WHERE w.id IN (SELECT stage_id FROM tries)) "
		"SELECT (coalesce((SELECT sum(max(w.seconds - iif(w.state = 'running', " TAKEN
		", 0), 0)) FROM takes w WHERE w.state IN ('waiting', 'running')), 0) "
		"+ coalesce((SELECT seconds FROM waits), 0)) / "
		"coalesce((SELECT max(r.cores / a.threads, 1) FROM attempt a JOIN run r "
		"ON r.id = a.run_id WHERE r.study_id = ?1 ORDER BY a.id DESC LIMIT 1), 1)";
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	*left = 0;
	if (rc)
		return rc;
	rc = abl_query_step(q, err);
	if (rc == 1)
		*left = fmax(abl_query_real(q, 0), 0);
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}
