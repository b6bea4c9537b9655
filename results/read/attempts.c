/* SPDX-License-Identifier: Apache-2.0 */
#include "attempts.h"

#include "sql.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS(role)                                                                            \
	"SELECT s.key, s.kind, " role ", s.state, coalesce(a.number, 0), s.attempt, a.started, " \
	"a.ended, a.seconds, a.state, a.cause, a.reason, a.log "

static int read(struct abl_query *q, abl_hear_attempt *hear, void *data, struct abl_err *err)
{
	int rc;

	while ((rc = abl_query_step(q, err)) == 1)
		hear(data,
		     &(struct abl_trial_attempt){
			     .key = abl_query_text(q, 0),
			     .stage = abl_query_text(q, 1),
			     .role = abl_query_text(q, 2),
			     .stage_state = (enum abl_state)abl_state_find(abl_query_text(q, 3)),
			     .number = abl_query_int(q, 4),
			     .of = abl_query_int(q, 5),
			     .started = abl_query_real(q, 6),
			     .ended = abl_query_real(q, 7),
			     .seconds = abl_query_real(q, 8),
			     .state = abl_query_text(q, 9),
			     .cause = abl_query_text(q, 10),
			     .reason = abl_query_text(q, 11),
			     .log = abl_query_text(q, 12),
		     });
	abl_query_close(q);
	return rc;
}

int abl_read_attempts(struct abl_store *store, int64_t trial, abl_hear_attempt *hear, void *data,
		      struct abl_err *err)
{
	struct abl_query *q;
	/* what a stage reads was put before it */
	int rc = abl_query_open(&q, abl_store_sql(store),
				COLUMNS("l.role") "FROM trial_stage l "
						  "JOIN stage s ON s.id = l.stage_id "
						  "LEFT JOIN attempt a ON a.stage_id = s.id "
						  "WHERE l.trial_id = ?1 ORDER BY s.id, a.number",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, trial);
	return read(q, hear, data, err);
}

int abl_read_stage_attempts(struct abl_store *store, const char *key, abl_hear_attempt *hear,
			    void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				COLUMNS("s.kind") "FROM stage s "
						  "LEFT JOIN attempt a ON a.stage_id = s.id "
						  "WHERE s.key = ?1 ORDER BY a.number",
				err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, key);
	return read(q, hear, data, err);
}

enum { SHORTEST = 8 }; /* digits of a key */

int abl_read_stage_key(struct abl_store *store, const char *text, char key[ABL_HASH_TEXT],
		       struct abl_err *err)
{
	const size_t n = strspn(text, "0123456789abcdef");
	struct abl_query *q;
	int rc, found = 0;

	if (n < SHORTEST || text[n] || n >= ABL_HASH_TEXT)
		return 0;
	rc = abl_query_open(&q, abl_store_sql(store),
			    "SELECT key FROM stage WHERE key >= ?1 AND key < ?1 || 'g' LIMIT 2",
			    err);
	if (rc)
		return rc;
	abl_query_set_text(q, 1, text);
	while ((rc = abl_query_step(q, err)) == 1 && !found++)
		snprintf(key, ABL_HASH_TEXT, "%s", abl_query_text(q, 0));
	abl_query_close(q);
	if (rc == 1)
		return abl_err_set(err, ABL_EINPUT,
				   "several stages have keys that begin with '%s': give more of it",
				   text);
	return rc ? rc : found;
}
