/* SPDX-License-Identifier: Apache-2.0 */
#include "kept.h"

#include "sql.h"
#include "store.h"

int abl_read_done_stages(struct abl_store *store, const char *study,
			 void (*hear)(void *data, const char *key, const char *canonical,
				      const char *code),
			 void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT DISTINCT s.key, s.canonical, s.code FROM study y "
		"JOIN trial t ON t.study_id = y.id AND t.plan = y.plan "
		"JOIN trial_stage l ON l.trial_id = t.id JOIN stage s ON s.id = l.stage_id "
		"WHERE y.name = ?1 AND s.state = 'done' AND s.canonical IS NOT NULL "
		"UNION SELECT s.key, s.canonical, s.code FROM study y "
		"JOIN tuning_stage l ON l.study_id = y.id AND l.plan = y.plan "
		"JOIN stage s ON s.id = l.stage_id "
		"WHERE y.name = ?1 AND s.state = 'done' AND s.canonical IS NOT NULL",
		err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_text(q, 1), abl_query_text(q, 2));
	abl_query_close(q);
	return rc;
}

static int open_for(struct abl_query **q, struct abl_store *store, int64_t study, const char *task,
		    const char *sql, struct abl_err *err)
{
	int rc = abl_query_open(q, abl_store_sql(store), sql, err);

	if (rc)
		return rc;
	abl_query_set_int(*q, 1, study);
	abl_query_set_text(*q, 2, task);
	return 0;
}

int abl_read_other_code(struct abl_store *store, int64_t study, const char *task, int64_t *other,
			int64_t *all, struct abl_err *err)
{
	struct abl_query *q;
	int rc = open_for(&q, store, study, task,
			  "SELECT count(DISTINCT t.trial_id) FILTER (WHERE s.same_as IS NOT NULL), "
			  "count(DISTINCT t.trial_id) FROM trial_states t "
			  "JOIN trial_stage l ON l.trial_id = t.trial_id "
			  "JOIN stage s ON s.id = l.stage_id "
			  "WHERE t.study_id = ?1 AND t.task = ?2 AND t.state = 'done'",
			  err);

	if (rc)
		return rc;
	rc = abl_query_step(q, err);
	*other = rc == 1 ? abl_query_int(q, 0) : 0;
	*all = rc == 1 ? abl_query_int(q, 1) : 0;
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

int abl_read_environments(struct abl_store *store, int64_t study, const char *task, int64_t *count,
			  struct abl_err *err)
{
	struct abl_query *q;
	int rc = open_for(&q, store, study, task,
			  "SELECT count(DISTINCT r.environment_hash) FROM trial_states t "
			  "JOIN trial_stage l ON l.trial_id = t.trial_id "
			  "JOIN stage s ON s.id = l.stage_id AND s.state = 'done' "
			  "JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt "
			  "JOIN run r ON r.id = a.run_id "
			  "WHERE t.study_id = ?1 AND t.task = ?2",
			  err);

	if (rc)
		return rc;
	rc = abl_query_step(q, err);
	*count = rc == 1 ? abl_query_int(q, 0) : 0;
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}
