/* SPDX-License-Identifier: Apache-2.0 */
/* store_rules.c - how a study is judged, and what its designs set. */
#include "store_db.h"

#include "str.h"

static int done(int64_t changed)
{
	return changed < 0 ? (int)changed : 0;
}

int abl_store_put_change(struct abl_store *s, int64_t variant, const char *name,
			 const struct abl_value *value, struct abl_err *err)
{
	struct abl_str text = {0};
	int rc;

	abl_value_text(value, &text);
	rc = done(abl_sql_exec(s->sql, err,
			       "INSERT OR REPLACE INTO variant_change (variant_id, name, "
			       "canonical) VALUES (?, ?, ?)",
			       "itt", variant, name, text.text));
	abl_str_finish(&text);
	return rc;
}

int abl_store_put_rule(struct abl_store *s, int64_t study, const struct abl_rule_row *row,
		       struct abl_err *err)
{
	return done(abl_sql_exec(s->sql, err,
				 "INSERT OR REPLACE INTO study_rule (study_id, name, subject, "
				 "value) VALUES (?, ?, ?, ?)",
				 "ittt", study, row->name, row->subject ? row->subject : "",
				 row->value ? row->value : ""));
}

int abl_store_forget_rules(struct abl_store *s, int64_t study, struct abl_err *err)
{
	return done(abl_sql_exec(s->sql, err,
				 "DELETE FROM study_rule WHERE study_id = ? AND name <> ?", "it",
				 study, ABL_RULE_RAISED));
}

/* Units are seeds, or pre-trainings where each has several fine-tunings. */
int abl_store_note_raised(struct abl_store *s, const char *study, int64_t units, bool grows,
			  struct abl_err *err)
{
	return done(abl_sql_exec(
		s->sql, err,
		"INSERT OR IGNORE INTO study_rule (study_id, name, subject, value) "
		"SELECT y.id, ?, count(DISTINCT iif(t.seed > 1000000, t.seed / 1000000, t.seed)) "
		"AS units, ? FROM study y JOIN trial_states t ON t.study_id = y.id "
		"WHERE y.name = ? AND NOT (? AND EXISTS (SELECT 1 FROM study_rule r "
		"WHERE r.study_id = y.id AND r.name = 'seeds_until')) GROUP BY y.id "
		"HAVING units < ? AND sum(t.state = 'done')",
		"titii", ABL_RULE_RAISED, units, study, (int64_t)grows, units));
}
