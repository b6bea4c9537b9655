/* SPDX-License-Identifier: Apache-2.0 */
#include "curves.h"

#include "last_plan.h"
#include "sql.h"
#include "store.h"

/* A program's points come from any of its steps. */
#define ABL_SQL_CURVES "(l.role = ?2 OR (?2 = 'evaluate' AND l.role GLOB 'step *')) "

static int open_for(struct abl_query **q, struct abl_store *store,
		    const struct abl_curve_request *r, const char *sql, struct abl_err *err)
{
	int rc = abl_query_open(q, abl_store_sql(store), sql, err);

	if (rc)
		return rc;
	abl_query_set_int(*q, 1, r->study);
	abl_query_set_text(*q, 2, r->role);
	abl_query_set_text(*q, 3, r->task);
	return 0;
}

int abl_read_curve_names(struct abl_store *store, const struct abl_curve_request *r,
			 void (*hear)(void *data, const char *name), void *data,
			 struct abl_err *err)
{
	struct abl_query *q;
	int rc = open_for(&q, store, r,
			  "SELECT DISTINCT m.name FROM " ABL_SQL_TRIALS
			  "JOIN trial_stage l ON l.trial_id = t.id AND " ABL_SQL_CURVES
			  "JOIN metric m ON m.stage_id = l.stage_id "
			  "WHERE ?3 IS NULL OR t.task = ?3 ORDER BY m.name",
			  err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0));
	abl_query_close(q);
	return rc;
}

int abl_read_curve(struct abl_store *store, const struct abl_curve_request *r, const char *name,
		   void (*hear)(void *data, const struct abl_curve_point *point), void *data,
		   struct abl_err *err)
{
	struct abl_query *q;
	int rc = open_for(&q, store, r,
			  /* of an attempt that is done before any other: it has told all points;
			     earlier programs' attempts told only their own */
			  "SELECT u.variant_id, u.seed, m.step, m.value, "
			  "s.state = 'failed' AND s.cause IS 'diverged', "
			  "max((a.state IS 'done') * 1000000000 + m.attempt) FROM "
			  "(SELECT t.variant_id, t.seed, l.stage_id, "
			  "min((v.kind <> 'baseline') * 1000000 + v.position) "
			  "FROM " ABL_SQL_TRIALS "JOIN variant v ON v.id = t.variant_id "
			  "JOIN trial_stage l ON l.trial_id = t.id AND " ABL_SQL_CURVES
			  "WHERE ?3 IS NULL OR t.task = ?3 GROUP BY l.stage_id) u "
			  "JOIN stage s ON s.id = u.stage_id "
			  "JOIN metric m ON m.stage_id = u.stage_id AND m.name = ?4 "
			  "LEFT JOIN attempt a ON a.stage_id = m.stage_id AND a.number = m.attempt "
			  "GROUP BY u.variant_id, u.stage_id, m.step ORDER BY u.variant_id",
			  err);

	if (rc)
		return rc;
	abl_query_set_text(q, 4, name);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_curve_point){.variant = abl_query_int(q, 0),
						     .seed = abl_query_int(q, 1),
						     .step = abl_query_int(q, 2),
						     .value = abl_query_real(q, 3),
						     .diverged = abl_query_int(q, 4)});
	abl_query_close(q);
	return rc;
}
