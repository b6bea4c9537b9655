/* SPDX-License-Identifier: Apache-2.0 */
#include "loaded.h"

#include "last_plan.h"
#include "sql.h"

int abl_read_loaded(struct abl_store *store, int64_t study,
		    void (*hear)(void *data, const struct abl_loaded_number *number), void *data,
		    struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT v.label, t.task, t.seed, s.state, r.name, r.value "
				"FROM " ABL_SQL_TRIALS "JOIN variant v ON v.id = t.variant_id "
				"JOIN trial_stage l ON l.trial_id = t.id "
				"JOIN stage s ON s.id = l.stage_id "
				"LEFT JOIN result r ON r.stage_id = s.id",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_loaded_number){
				   .variant = abl_query_text(q, 0),
				   .task = abl_query_text(q, 1),
				   .seed = abl_query_int(q, 2),
				   .state = (enum abl_state)abl_state_find(abl_query_text(q, 3)),
				   .metric = abl_query_text(q, 4),
				   .value = abl_query_real(q, 5),
			   });
	abl_query_close(q);
	return rc;
}

int abl_read_loaded_variants(struct abl_store *store, int64_t study,
			     void (*hear)(void *data, const struct abl_loaded_variant *variant),
			     void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT v.label, v.subject, v.kind, v.position "
				"FROM " ABL_SQL_VARIANTS "ORDER BY v.position, v.id",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1) {
		const int kind = abl_variant_kind_find(abl_query_text(q, 2));

		hear(data,
		     &(struct abl_loaded_variant){
			     .label = abl_query_text(q, 0),
			     .subject = abl_query_text(q, 1),
			     .kind = kind < 0 ? ABL_VARIANT_LIST : (enum abl_variant_kind)kind,
			     .position = abl_query_int(q, 3),
		     });
	}
	abl_query_close(q);
	return rc;
}

int abl_read_loaded_tasks(struct abl_store *store, int64_t study,
			  void (*hear)(void *data, const struct abl_loaded_task *task), void *data,
			  struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT name, metric, lower_is_better FROM task "
				"WHERE study_id = ?1 ORDER BY position",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_loaded_task){abl_query_text(q, 0), abl_query_text(q, 1),
						     abl_query_int(q, 2) != 0});
	abl_query_close(q);
	return rc;
}

int abl_read_is_loaded(struct abl_store *store, const char *study, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT 1 FROM study y WHERE y.name = ?1 AND y.text IS NULL AND "
				"y.path IS NULL AND EXISTS (SELECT 1 FROM trial t JOIN trial_stage "
				"l ON l.trial_id = t.id JOIN stage s ON s.id = l.stage_id AND "
				"s.kind = 'loaded' WHERE t.study_id = y.id)",
				err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, study);
	rc = abl_query_step(q, err);
	abl_query_close(q);
	return rc;
}
