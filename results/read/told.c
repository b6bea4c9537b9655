/* SPDX-License-Identifier: Apache-2.0 */
#include "told.h"

#include "last_plan.h"
#include "sql.h"
#include "study_query.h"
#include "store.h"

#define STAGES                                                                              \
	ABL_SQL_TRIALS "JOIN task k ON k.study_id = t.study_id AND k.name = t.task "        \
		       "JOIN trial_stage l ON l.trial_id = t.id AND l.role <> 'test' "      \
		       "JOIN stage s ON s.id = l.stage_id AND (s.state = 'done' OR s.lost " \
		       "IS NOT NULL) "

/* What stages took. */
#define TOOK(name, column)                                                       \
	"UNION ALL SELECT t.variant_id, l.role, max(nullif(k.type, '')), '" name \
	"', avg(s." column ") FROM " STAGES                                      \
	"WHERE ?2 IS NULL OR t.task = ?2 GROUP BY t.variant_id, l.role "

int abl_read_told(struct abl_store *store, int64_t study, const char *task,
		  void (*hear)(void *data, const struct abl_told *told), void *data,
		  struct abl_err *err)
{
	static const char sql[] =
		"SELECT t.variant_id, l.role, max(nullif(k.type, '')), r.name, avg(r.value) "
		"FROM " STAGES "JOIN result r ON r.stage_id = s.id "
		"WHERE r.name NOT IN ('seconds', 'cpu') AND (?2 IS NULL OR t.task = ?2) "
		"GROUP BY t.variant_id, l.role, r.name " TOOK("seconds", "seconds")
			TOOK("cpu", "cpu_seconds");
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_told){.variant = abl_query_int(q, 0),
					      .role = abl_query_text(q, 1),
					      .type = abl_query_text(q, 2),
					      .name = abl_query_text(q, 3),
					      .value = abl_query_real(q, 4)});
	abl_query_close(q);
	return rc;
}
