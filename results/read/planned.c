/* SPDX-License-Identifier: Apache-2.0 */
#include "planned.h"

#include "sql.h"
#include "store.h"

int abl_read_planned(struct abl_store *store, int64_t study, struct abl_planned *out,
		     struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT count(DISTINCT seed), "
				"sum(state IN ('waiting', 'running')), "
				"sum(state = 'done') FROM trial_states WHERE study_id = ?1",
				err);

	*out = (struct abl_planned){0};
	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	rc = abl_query_step(q, err);
	if (rc == 1)
		*out = (struct abl_planned){abl_query_int(q, 0), abl_query_int(q, 1),
					    abl_query_int(q, 2)};
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}
