/* SPDX-License-Identifier: Apache-2.0 */
#include "levels.h"

#include "last_plan.h"
#include "sql.h"
#include "study_query.h"
#include "store.h"

static const char sql[] =
	"WITH last AS (SELECT v.id, v.label, v.position FROM " ABL_SQL_VARIANTS "), "
	"set_names AS (SELECT DISTINCT c.name FROM variant_change c JOIN last l ON l.id = "
	"c.variant_id), "
	"names AS (SELECT o.name FROM varying_options o WHERE o.study_id = ?1 AND "
	"iif(EXISTS (SELECT 1 FROM set_names), o.name IN (SELECT name FROM set_names), "
	"o.name NOT IN ('heads', 'ffn_size') OR NOT EXISTS "
	"(SELECT 1 FROM varying_options h WHERE h.study_id = ?1 AND h.name = 'hidden'))) "
	"SELECT l.label, n.name, coalesce(k.canonical, o.canonical), "
	"coalesce(k.real_value, k.int_value, o.real_value, o.int_value) "
	"FROM last l CROSS JOIN names n "
	"LEFT JOIN variant_option k ON k.variant_id = l.id AND k.name = n.name AND k.task = ?2 "
	"LEFT JOIN variant_option o ON o.variant_id = l.id AND o.name = n.name AND o.task = '' "
	"ORDER BY l.position, l.id, n.name";

int abl_read_levels(struct abl_store *store, int64_t study, const char *task,
		    void (*hear)(void *data, const struct abl_level *level), void *data,
		    struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_level){.variant = abl_query_text(q, 0),
					       .name = abl_query_text(q, 1),
					       .canonical = abl_query_text(q, 2),
					       .number = abl_query_real(q, 3)});
	abl_query_close(q);
	return rc;
}
