/* SPDX-License-Identifier: Apache-2.0 */
#include "differences.h"

#include "last_plan.h"
#include "sql.h"
#include "study_query.h"
#include "store.h"

int abl_read_differences(struct abl_store *store, int64_t study,
			 void (*hear)(void *data, const struct abl_difference *row), void *data,
			 struct abl_err *err)
{
	/* an option that only the variant has, one that only the baseline has, one that both have
	 */
	static const char sql[] =
		"WITH mine AS (SELECT v.id, v.label, v.kind, v.position FROM " ABL_SQL_VARIANTS
		"), "
		"base AS (SELECT p.name, p.canonical FROM mine b JOIN variant_option p "
		"ON p.variant_id = b.id AND p.task = '' WHERE b.kind = 'baseline'), "
		"names AS (SELECT DISTINCT p.name FROM mine v JOIN variant_option p "
		"ON p.variant_id = v.id AND p.task = '') "
		"SELECT v.label, v.kind, n.name, p.canonical, b.canonical, "
		"c.name IS NOT NULL AS given FROM mine v LEFT JOIN names n ON "
		"(SELECT canonical FROM variant_option WHERE variant_id = v.id AND name = n.name "
		"AND task = '') IS NOT (SELECT canonical FROM base WHERE name = n.name) "
		"LEFT JOIN variant_option p ON p.variant_id = v.id AND p.name = n.name AND "
		"p.task = '' LEFT JOIN base b ON b.name = n.name "
		"LEFT JOIN variant_change c ON c.variant_id = v.id AND c.name = n.name "
		"WHERE v.kind <> 'baseline' "
		"ORDER BY v.position, v.id, given DESC, n.name";
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_difference){.variant = abl_query_text(q, 0),
						    .kind = abl_query_text(q, 1),
						    .option = abl_query_text(q, 2),
						    .here = abl_query_text(q, 3),
						    .baseline = abl_query_text(q, 4),
						    .set = abl_query_int(q, 5) != 0});
	abl_query_close(q);
	return rc;
}
