/* SPDX-License-Identifier: Apache-2.0 */
/* store_weights.c - what one store has not kept and another one has. */
#include "store_carry.h"
#include "store_db.h"

#include <string.h>

/* 1 = ours has lost what theirs has, of the same results; it is noted that it has it again. */
static int take(struct abl_store *to, const struct abl_query *q, struct abl_err *err)
{
	int64_t stage;

	return abl_sql_get(to->sql, &stage, err,
			   "UPDATE stage SET dropped = NULL, artifact = ?, seal = ?, bytes = "
			   "nullif(?, 0) WHERE key = ? AND state = 'done' AND lost IS NULL AND "
			   "dropped IS NOT NULL AND sum = ? RETURNING id",
			   "ttitt", abl_query_text(q, 1), abl_query_text(q, 2), abl_query_int(q, 3),
			   abl_query_text(q, 0), abl_query_text(q, 4));
}

int abl_store_take_weights(struct abl_store *to, struct abl_store *from, const char *study,
			   void (*hear)(void *data, const char *artifact), void *data,
			   struct abl_err *err)
{
	struct abl_query *q = NULL;
	int rc = abl_query_open(
		&q, from->sql,
		"SELECT s.key, s.artifact, s.seal, coalesce(s.bytes, 0), s.sum FROM stage s "
		"WHERE s.state = 'done' AND s.dropped IS NULL AND s.lost IS NULL "
		"AND s.artifact = 'artifacts/' || s.key AND s.seal IS NOT NULL AND s.sum IS NOT "
		"NULL AND s.id IN (SELECT l.stage_id FROM trial_stage l JOIN trial t ON t.id = "
		"l.trial_id JOIN study y ON y.id = t.study_id WHERE y.name = ?1)",
		err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, study);
	while (!rc && (rc = abl_query_step(q, err)) > 0) {
		rc = strchr(abl_query_text(q, 0), '/') ? 0 : take(to, q, err);
		if (rc > 0)
			hear(data, abl_query_text(q, 1));
		rc = rc < 0 ? rc : 0;
	}
	abl_query_close(q);
	return rc;
}
