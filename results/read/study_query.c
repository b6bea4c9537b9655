/* SPDX-License-Identifier: Apache-2.0 */
#include "study_query.h"

#include "sql.h"
#include "store.h"

int abl_query_of_study(struct abl_query **out, struct abl_store *store, const char *sql,
		       int64_t study, struct abl_err *err)
{
	const int rc = abl_query_open(out, abl_store_sql(store), sql, err);

	if (!rc)
		abl_query_set_int(*out, 1, study);
	return rc;
}
