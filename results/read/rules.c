/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "last_plan.h"
#include "sql.h"
#include "store.h"

int abl_read_rules(struct abl_store *store, int64_t study,
		   void (*hear)(void *data, const char *name, const char *subject,
				const char *value),
		   void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT name, subject, value FROM study_rule WHERE study_id = ?1 "
				"ORDER BY name, subject, value",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_text(q, 1), abl_query_text(q, 2));
	abl_query_close(q);
	return rc;
}

int abl_read_changes(struct abl_store *store, int64_t study,
		     void (*hear)(void *data, int64_t variant, const char *label, const char *name,
				  const char *canonical),
		     void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT v.id, v.label, c.name, c.canonical FROM " ABL_SQL_VARIANTS
				"JOIN variant_change c ON c.variant_id = v.id "
				"ORDER BY v.position, v.id, c.name",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_int(q, 0), abl_query_text(q, 1), abl_query_text(q, 2),
		     abl_query_text(q, 3));
	abl_query_close(q);
	return rc;
}
