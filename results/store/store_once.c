/* SPDX-License-Identifier: Apache-2.0 */
/* store_once.c - a reader's own table of how the trials of one study stand. Most listings ask for
 * that several times, and each time it is made from all of the trials' stages. */
#include "store_db.h"

#include "str.h"

#include <string.h>

static const char begin[] = "CREATE VIEW ";

/* Views look for names among themselves only, so each is made again beside the table. */
static int copy_views(struct abl_store *s, struct abl_err *err)
{
	struct abl_str sql = {0};
	struct abl_query *q;
	int rc = abl_query_open(&q, s->sql,
				"SELECT sql FROM main.sqlite_schema WHERE type = 'view' AND "
				"name <> 'trial_states'",
				err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) > 0) {
		const char *text = abl_query_text(q, 0);

		if (text && !strncmp(text, begin, strlen(begin)))
			abl_str_printf(&sql, "CREATE TEMP VIEW %s;\n", text + strlen(begin));
	}
	abl_query_close(q);
	rc = rc || !sql.length ? rc : abl_sql_script(s->sql, sql.text, err);
	abl_str_finish(&sql);
	return rc;
}

int abl_store_trials_once(struct abl_store *s, int64_t study, struct abl_err *err)
{
	struct abl_str sql = {0};
	int rc;

	abl_str_printf(&sql,
		       "PRAGMA query_only = OFF; PRAGMA temp_store = MEMORY;\n"
		       "CREATE TEMP TABLE trial_states AS "
		       "SELECT * FROM main.trial_states WHERE study_id = %lld;\n"
		       "CREATE UNIQUE INDEX temp.trial_states_by_id ON trial_states (trial_id);\n"
		       "CREATE INDEX temp.trial_states_by_variant ON trial_states "
		       "(variant_id, task, seed)",
		       (long long)study);
	rc = abl_sql_script(s->sql, sql.text, err);
	abl_str_finish(&sql);
	rc = rc ? rc : copy_views(s, err);
	return rc ? rc : abl_sql_script(s->sql, "PRAGMA query_only = ON", err);
}
