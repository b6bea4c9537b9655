/* SPDX-License-Identifier: Apache-2.0 */
#include "going.h"

#include "sql.h"
#include "store.h"

int abl_read_going(struct abl_store *store, void (*hear)(void *data, const struct abl_going *going),
		   void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc;

	if (!abl_store_is_alive(store))
		return 0;
	rc = abl_query_open(&q, abl_store_sql(store),
			    "SELECT r.id, y.id, r.pid, y.name, r.host, r.started FROM run r "
			    "JOIN study y ON y.id = r.study_id "
			    "WHERE r.id = (SELECT max(id) FROM run) AND r.ended IS NULL",
			    err);
	if (rc)
		return rc;
	rc = abl_query_step(q, err);
	if (rc == 1)
		hear(data, &(struct abl_going){.run = abl_query_int(q, 0),
					       .study_id = abl_query_int(q, 1),
					       .pid = abl_query_int(q, 2),
					       .study = abl_query_text(q, 3),
					       .host = abl_query_text(q, 4),
					       .started = abl_query_real(q, 5)});
	abl_query_close(q);
	return rc;
}
