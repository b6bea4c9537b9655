/* SPDX-License-Identifier: Apache-2.0 */
#include "counts.h"

#include "sql.h"
#include "store.h"
#include "study_query.h"

int abl_read_counts(struct abl_store *store, int64_t study,
		    void (*hear)(void *data, const struct abl_count *count), void *data,
		    struct abl_err *err)
{
	static const char sql[] =
		"SELECT t.study_id, t.study, y.path, t.state, CASE WHEN t.state IN ('failed', "
		"'timed out', 'stopped') THEN (SELECT s.cause FROM trial_stage l "
		"JOIN stage s ON s.id = l.stage_id AND s.state = t.state "
		"WHERE l.trial_id = t.trial_id LIMIT 1) END AS cause, count(*) "
		"FROM trial_states t JOIN study y ON y.id = t.study_id "
		"WHERE ?1 IN (0, t.study_id) GROUP BY t.study_id, t.state, cause "
		"ORDER BY t.study_id, t.state, cause";
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_count){.study_id = abl_query_int(q, 0),
					       .study = abl_query_text(q, 1),
					       .path = abl_query_text(q, 2),
					       .state = abl_query_text(q, 3),
					       .cause = abl_query_text(q, 4),
					       .trials = abl_query_int(q, 5)});
	abl_query_close(q);
	return rc;
}

/* Its loss, or what it told first; not what is told of the whole. */
#define CURVE                                                                                  \
	"WITH s AS (SELECT id, attempt FROM stage WHERE key = ?1), c AS (SELECT m.name "       \
	"FROM metric m JOIN s ON s.id = m.stage_id AND s.attempt = m.attempt GROUP BY m.name " \
	"ORDER BY m.name = 'loss' DESC, m.name LIKE '%loss%' DESC, min(m.step), m.name LIMIT 1) "
#define POINTS                                                                                    \
	"FROM metric m JOIN s ON s.id = m.stage_id AND m.attempt = s.attempt JOIN c ON c.name = " \
	"m.name "

static int hear_points(struct abl_query *q,
		       void (*hear)(void *data, const char *metric, double value), void *data,
		       struct abl_err *err)
{
	int rc, heard = 0;

	while ((rc = abl_query_step(q, err)) == 1) {
		hear(data, abl_query_text(q, 0), abl_query_real(q, 1));
		heard = 1;
	}
	abl_query_close(q);
	return rc ? rc : heard;
}

int abl_read_spark(struct abl_store *store, const char *key, int64_t points,
		   void (*hear)(void *data, const char *metric, double value), void *data,
		   struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				CURVE ", e AS (SELECT max(m.step) AS most " POINTS
				      ") SELECT max(m.name), avg(m.value) " POINTS
				      ", e GROUP BY (m.step * ?2 - 1) / max(e.most, 1) ORDER BY "
				      "min(m.step)",
				err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	abl_query_set_int(q, 2, points);
	rc = hear_points(q, hear, data, err);
	return rc < 0 ? rc : 0;
}

int abl_read_last_point(struct abl_store *store, const char *key,
			void (*hear)(void *data, const char *metric, double value), void *data,
			struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		CURVE "SELECT m.name, m.value " POINTS "ORDER BY m.step DESC LIMIT 1", err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	return hear_points(q, hear, data, err);
}
