/* SPDX-License-Identifier: Apache-2.0 */
#include "sameness.h"

#include "sql.h"
#include "study_query.h"
#include "store.h"

#include <math.h>

/* What the trials of the task have told, once: the view is asked twice. */
#define TOLD                                                                                    \
	"WITH m AS MATERIALIZED (SELECT m.variant_id, m.variant, m.is_baseline, m.seed, "       \
	"m.metric, m.value, v.kind FROM trial_metrics m JOIN variant v ON v.id = m.variant_id " \
	"WHERE m.study_id = ?1 AND m.task = ?2 AND m.metric NOT GLOB 'test_*') "

static int hear_all(struct abl_store *store, int64_t study, const char *task, const char *sql,
		    void (*hear)(void *data, const char *variant, int64_t seeds), void *data,
		    struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_int(q, 1));
	abl_query_close(q);
	return rc;
}

int abl_read_same_over_seeds(struct abl_store *store, int64_t study, const char *task,
			     void (*hear)(void *data, const char *variant, int64_t seeds),
			     void *data, struct abl_err *err)
{
	static const char sql[] = TOLD "SELECT variant, min(n) FROM (SELECT variant_id, variant, "
				       "count(*) AS n, count(DISTINCT value) AS d FROM m "
				       "GROUP BY variant_id, metric) GROUP BY variant_id "
				       "HAVING max(d) = 1 AND min(n) > 1";

	return hear_all(store, study, task, sql, hear, data, err);
}

int abl_read_same_as_baseline(struct abl_store *store, int64_t study, const char *task,
			      void (*hear)(void *data, const char *variant, int64_t seeds),
			      void *data, struct abl_err *err)
{
	static const char sql[] = TOLD
		"SELECT a.variant, count(DISTINCT a.seed) FROM m a JOIN m b ON b.is_baseline "
		"AND b.seed = a.seed AND b.metric = a.metric WHERE NOT a.is_baseline "
		"AND a.kind NOT IN ('placebo', 'baseline arm') AND a.variant_id NOT IN "
		/* what stops a trial does something */
		"(SELECT f.variant_id FROM trial_states f JOIN trial_states o ON o.is_baseline "
		"AND o.study_id = ?1 AND o.task = ?2 AND o.seed = f.seed AND o.state = 'done' "
		"WHERE f.study_id = ?1 AND f.task = ?2 AND f.state = 'failed') GROUP BY "
		"a.variant_id "
		"HAVING sum(a.value IS NOT b.value) = 0 AND count(a.value) > 0";

	return hear_all(store, study, task, sql, hear, data, err);
}

int abl_read_repeat(struct abl_store *store, int64_t study, const char *task, const char *metric,
		    double *difference, struct abl_err *err)
{
	static const char sql[] =
		"SELECT abs(a.value - b.value) FROM trial_states t "
		"JOIN trial_stage l ON l.trial_id = t.trial_id AND l.role = 'evaluate' "
		"JOIN trial_stage k ON k.trial_id = t.trial_id AND k.role = 'repeat' "
		"JOIN result a ON a.stage_id = l.stage_id AND a.name = ?3 "
		"JOIN result b ON b.stage_id = k.stage_id AND b.name = ?3 "
		"WHERE t.study_id = ?1 AND t.task = ?2 LIMIT 1";
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	abl_query_set_text(q, 3, metric);
	rc = abl_query_step(q, err);
	*difference = rc == 1 ? abl_query_real(q, 0) : NAN;
	abl_query_close(q);
	return rc;
}
