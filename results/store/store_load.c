/* SPDX-License-Identifier: Apache-2.0 */
#include "store_load.h"

#include "store_db.h"

/* After an upsert with RETURNING: one row, or our own mistake. */
static int one_row(int got, struct abl_err *err)
{
	return got == 1  ? 0
	       : got < 0 ? got
			 : abl_err_set(err, ABL_EFAIL, "results database: row not found");
}

int abl_store_find_loaded(struct abl_store *s, const char *name, int64_t *id, struct abl_err *err)
{
	int64_t own = 0;
	int rc = abl_sql_get(s->sql, id, err, "SELECT id FROM study WHERE name = ?", "t", name);

	if (rc <= 0)
		return rc;
	rc = abl_sql_get(s->sql, &own, err,
			 "SELECT text IS NOT NULL OR path IS NOT NULL FROM study WHERE id = ?", "i",
			 *id);
	if (rc > 0 && own)
		return abl_err_set(err, ABL_EINPUT,
				   "study '%s' of the store '%s' has a study file and runs of its "
				   "own, which loaded numbers must not join: give another --study",
				   name, abl_store_folder(s));
	return rc;
}

int abl_store_put_loaded(struct abl_store *s, const char *name, const char *about, bool anew,
			 int64_t *id, struct abl_err *err)
{
	const struct abl_study_row row = {.name = name, .about = about};
	int rc = abl_store_find_loaded(s, name, id, err);

	if (rc < 0)
		return rc;
	return rc && !anew ? 0 : abl_store_put_study(s, &row, id, err);
}

int abl_store_put_loaded_variant(struct abl_store *s, int64_t study,
				 const struct abl_variant_row *row, int64_t *id,
				 struct abl_err *err)
{
	return one_row(
		abl_sql_get(s->sql, id, err,
			    "INSERT INTO variant (study_id, label, kind, subject, position, plan) "
			    "SELECT id, ?, ?, ?, ?, plan FROM study WHERE id = ? "
			    "ON CONFLICT (study_id, label) DO UPDATE SET kind = excluded.kind, "
			    "subject = excluded.subject, position = excluded.position, plan = "
			    "excluded.plan RETURNING id",
			    "tttii", row->label, abl_variant_kind_name(row->kind), row->subject,
			    (int64_t)row->position, study),
		err);
}

static int put_stage(struct abl_store *s, const struct abl_loaded_trial *t, int64_t *id,
		     struct abl_err *err)
{
	const bool over = t->state != ABL_WAITING;

	return one_row(abl_sql_get(s->sql, id, err,
				   "INSERT INTO stage (key, kind, seed, canonical, state, reason, "
				   "cause, seconds, finished) "
				   "VALUES (?, '" ABL_STAGE_LOADED "', ?, ?, ?, ?, ?, ?, "
				   "iif(?, " ABL_SQL_NOW ", NULL)) "
				   "ON CONFLICT (key) DO UPDATE SET state = excluded.state, reason "
				   "= excluded.reason, cause = excluded.cause, seconds = "
				   "excluded.seconds, finished = excluded.finished RETURNING id",
				   "titttt"
				   "ri",
				   t->key, t->seed, t->canonical, abl_state_name(t->state),
				   t->reason, abl_cause_name(t->cause), t->seconds, (int64_t)over),
		       err);
}

int abl_store_put_loaded_trial(struct abl_store *s, const struct abl_loaded_trial *t, bool anew,
			       struct abl_err *err)
{
	int64_t trial, stage, n = 0;
	int rc = one_row(abl_sql_get(s->sql, &trial, err,
				     "INSERT INTO trial (study_id, variant_id, task, seed, plan) "
				     "SELECT study_id, id, ?, ?, plan FROM variant WHERE id = ? "
				     "ON CONFLICT (variant_id, task, seed) DO UPDATE SET plan = "
				     "excluded.plan RETURNING id",
				     "tii", t->task, t->seed, t->variant),
			 err);

	rc = rc ? rc : put_stage(s, t, &stage, err);
	if (rc)
		return rc;
	if (anew || t->state != ABL_DONE)
		n = abl_sql_exec(s->sql, err, "DELETE FROM result WHERE stage_id = ?", "i", stage);
	for (size_t i = 0; i < t->result_count && n >= 0; i++)
		n = abl_sql_exec(s->sql, err,
				 "INSERT OR REPLACE INTO result (stage_id, name, value) "
				 "VALUES (?, ?, ?)",
				 "itr", stage, t->results[i].name, t->results[i].value);
	if (n >= 0)
		n = abl_store_sum_put(s, stage, err);
	if (n >= 0)
		n = abl_sql_exec(s->sql, err,
				 "INSERT OR IGNORE INTO trial_stage (trial_id, stage_id, role) "
				 "VALUES (?, ?, 'evaluate')",
				 "ii", trial, stage);
	return n < 0 ? (int)n : 0;
}
