/* SPDX-License-Identifier: Apache-2.0 */
#include "past.h"

#include "sql.h"
#include "store.h"

int abl_read_speed(struct abl_store *store,
		   void (*hear)(void *data, const char *kind, double seconds_per_cost), void *data,
		   struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT kind, sum(seconds) / sum(cost) FROM stage "
				"WHERE state = 'done' AND cost > 0 GROUP BY kind",
				err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_real(q, 1));
	abl_query_close(q);
	return rc;
}

int abl_read_step_seconds(struct abl_store *store, const char *study,
			  void (*hear)(void *data, const char *step, double seconds), void *data,
			  struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT kind, avg(seconds) FROM (SELECT DISTINCT s.id, s.kind, "
				"s.seconds FROM study y JOIN trial t ON t.study_id = y.id "
				"JOIN trial_stage l ON l.trial_id = t.id "
				"JOIN stage s ON s.id = l.stage_id AND s.state = 'done' "
				"WHERE y.name = ?1) GROUP BY kind",
				err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_real(q, 1));
	abl_query_close(q);
	return rc;
}

int abl_read_past_spread(struct abl_store *store, const char *study, const char *task,
			 const char *metric, double *sd, struct abl_str *from, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT study, sqrt(avg(sd * sd)) FROM effects WHERE task = ?1 AND metric = ?2 "
		"AND n > 1 GROUP BY study ORDER BY study = ?3 DESC, sum(n) DESC LIMIT 1",
		err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, task);
	abl_query_set_text(q, 2, metric);
	abl_query_set_text(q, 3, study);
	rc = abl_query_step(q, err);
	if (rc == 1) {
		*sd = abl_query_real(q, 1);
		abl_str_clear(from);
		abl_str_puts(from, abl_query_text(q, 0));
	}
	abl_query_close(q);
	return rc;
}

int abl_read_sharing(struct abl_store *store, const char *study, const char *const *keys,
		     size_t count, void (*hear)(void *data, size_t key, const char *name),
		     void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT DISTINCT y.name FROM stage s JOIN trial_stage l ON l.stage_id = s.id "
		"JOIN trial t ON t.id = l.trial_id "
		"JOIN study y ON y.id = t.study_id AND y.plan = t.plan "
		"WHERE s.key = ?1 AND y.name <> ?2",
		err);

	if (rc)
		return rc;
	for (size_t i = 0; i < count && rc >= 0; i++) {
		abl_query_rewind(q);
		abl_query_set_text(q, 1, keys[i]);
		abl_query_set_text(q, 2, study);
		while ((rc = abl_query_step(q, err)) == 1)
			hear(data, i, abl_query_text(q, 0));
	}
	abl_query_close(q);
	return rc;
}

int abl_read_stored_trials(struct abl_store *store, const char *study,
			   void (*hear)(void *data, const struct abl_stored_trial *trial),
			   void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT v.label, t.task, t.seed, (SELECT s.key FROM trial_stage l "
		"JOIN stage s ON s.id = l.stage_id AND (s.state = 'done' OR s.lost IS NOT NULL) "
		"WHERE l.trial_id = t.id AND l.role = 'evaluate') FROM study y "
		"JOIN variant v ON v.study_id = y.id AND v.plan = y.plan "
		"JOIN trial t ON t.variant_id = v.id AND t.plan = y.plan "
		"WHERE y.name = ?1 ORDER BY v.position, v.id, t.task, t.seed",
		err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_stored_trial){.variant = abl_query_text(q, 0),
						      .task = abl_query_text(q, 1),
						      .seed = abl_query_int(q, 2),
						      .scored = abl_query_text(q, 3)});
	abl_query_close(q);
	return rc;
}
