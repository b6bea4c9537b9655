/* SPDX-License-Identifier: Apache-2.0 */
#include "scores.h"

#include "counted_sql.h"
#include "last_plan.h"
#include "sql.h"
#include "study_query.h"
#include "store.h"
#include "str.h"

#include <math.h>

/* A query of variant, seed and value, about study ?1, ?2 and ?3; NULL where it asks for less. */
static int read(struct abl_store *store, const char *sql, int64_t study, const char *second,
		const char *third, abl_hear_score *hear, void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	if (second)
		abl_query_set_text(q, 2, second);
	if (third)
		abl_query_set_text(q, 3, third);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_score){abl_query_int(q, 0), abl_query_int(q, 1),
					       abl_query_real(q, 2)});
	abl_query_close(q);
	return rc;
}

int abl_read_scores(struct abl_store *store, int64_t study, const char *task, const char *metric,
		    abl_hear_score *hear, void *data, struct abl_err *err)
{
	return read(store,
		    "SELECT variant_id, seed, value FROM trial_metrics "
		    "WHERE study_id = ?1 AND task = ?2 AND metric = ?3",
		    study, task, metric, hear, data, err);
}

int abl_read_pretraining_scores(struct abl_store *store, int64_t study, const char *metric,
				abl_hear_score *hear, void *data, struct abl_err *err)
{
	return read(store,
		    "SELECT DISTINCT t.variant_id, t.seed, r.value FROM " ABL_SQL_TRIALS
		    "JOIN trial_stage l ON l.trial_id = t.id AND l.role = 'pretrain' "
		    "JOIN result r ON r.stage_id = l.stage_id AND r.name = ?2",
		    study, metric, NULL, hear, data, err);
}

int abl_read_parameters(struct abl_store *store, int64_t study, abl_hear_score *hear, void *data,
			struct abl_err *err)
{
	return read(store,
		    "SELECT t.variant_id, 0, avg(r.value) FROM " ABL_SQL_TRIALS
		    "JOIN trial_stage l ON l.trial_id = t.id JOIN stage s ON s.id = l.stage_id "
		    "AND (l.role = 'finetune' OR s.kind = 'loaded') "
		    "JOIN result r ON r.stage_id = s.id AND r.name = 'parameters' "
		    "GROUP BY t.variant_id",
		    study, NULL, NULL, hear, data, err);
}

int abl_read_objective(struct abl_store *store, int64_t study, char **metric, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT max(r.name) FROM " ABL_SQL_TRIALS
		"JOIN trial_stage l ON l.trial_id = t.id AND l.role = 'pretrain' "
		"JOIN result r ON r.stage_id = l.stage_id AND r.name IN ('mlm_loss', 'lm_loss')",
		err);

	*metric = NULL;
	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	rc = abl_query_step(q, err);
	if (rc == 1 && abl_query_text(q, 0))
		*metric = abl_strdup(abl_query_text(q, 0));
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

int abl_read_stage_score(struct abl_store *store, const char *key, const char *metric, double *out,
			 struct abl_err *err)
{
	struct abl_query *q;
	int rc =
		abl_query_open(&q, abl_store_sql(store),
			       "SELECT coalesce(r.value, (SELECT m.value FROM result m "
			       "WHERE m.stage_id = r.stage_id AND m.name = r.name || '_majority')) "
			       "FROM result r JOIN stage s ON s.id = r.stage_id "
			       "WHERE s.key = ?1 AND s.state = 'done' AND r.name = ?2",
			       err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	abl_query_set_text(q, 2, metric);
	rc = abl_query_step(q, err);
	if (rc == 1) {
		*out = abl_query_real(q, 0);
		rc = !isnan(*out);
	}
	abl_query_close(q);
	return rc;
}

/* A program's main metric may be of the test split itself. */
static const char summaries_sql[] = "WITH " ABL_SQL_COUNTED(
	"?2") ", spread AS (SELECT *, value - avg(value) OVER "
	      "(PARTITION BY variant_id, task) AS deviation FROM counted) "
	      "SELECT task, variant, iif(split IS NOT 'test' AND ?2 = 'test', 'test_', '') || "
	      "metric, "
	      "count(*), sum(state = 'done'), sum(state IN ('failed', 'timed out', 'stopped')), "
	      "avg(value), sqrt(sum(deviation * deviation) / (count(value) - 1)), min(value), "
	      "max(value), "
	      "sum(as_majority) FROM spread "
	      "GROUP BY variant_id, task ORDER BY task_position, position, variant_id";

int abl_read_summaries(struct abl_store *store, int64_t study, bool tests,
		       void (*hear)(void *data, const struct abl_score_summary *row), void *data,
		       struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, summaries_sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, tests ? "test" : "evaluate");
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_score_summary){
				   .task = abl_query_text(q, 0),
				   .variant = abl_query_text(q, 1),
				   .metric = abl_query_text(q, 2),
				   .trials = abl_query_int(q, 3),
				   .done = abl_query_int(q, 4),
				   .failed = abl_query_int(q, 5),
				   .mean = abl_query_real(q, 6),
				   .sd = abl_query_real(q, 7),
				   .min = abl_query_real(q, 8),
				   .max = abl_query_real(q, 9),
				   .as_majority = abl_query_int(q, 10),
			   });
	abl_query_close(q);
	return rc;
}

int abl_read_pretrainings(struct abl_store *store, int64_t study,
			  void (*hear)(void *data, const struct abl_pretraining_summary *row),
			  void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT p.variant, p.metric, p.n, p.mean FROM pretrainings p "
		"WHERE p.study = (SELECT name FROM study WHERE id = ?1) ORDER BY "
		"(SELECT v.position FROM variant v WHERE v.study_id = ?1 AND v.label = p.variant), "
		"p.variant, p.metric",
		err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_pretraining_summary){
				   .variant = abl_query_text(q, 0),
				   .metric = abl_query_text(q, 1),
				   .n = abl_query_int(q, 2),
				   .mean = abl_query_real(q, 3),
			   });
	abl_query_close(q);
	return rc;
}
