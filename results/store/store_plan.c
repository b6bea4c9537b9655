/* SPDX-License-Identifier: Apache-2.0 */
/* store_plan.c - what is to be done: studies, tasks, variants, trials, stages, and where the
 * numbers come from. Every put is idempotent. */
#include "store_db.h"

#include "shell.h"
#include "hint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int done(int64_t changed)
{
	return changed < 0 ? (int)changed : 0;
}

/* After an upsert with RETURNING: one row, or our own mistake. */
static int one_row(int got, struct abl_err *err)
{
	return got == 1  ? 0
	       : got < 0 ? got
			 : abl_err_set(err, ABL_EFAIL, "results database: row not found");
}

int abl_store_put_study(struct abl_store *s, const struct abl_study_row *row, int64_t *id,
			struct abl_err *err)
{
	int rc = one_row(abl_sql_get(s->sql, id, err,
				     "INSERT INTO study (name, path, text, about, created) "
				     "VALUES (?, ?, ?, ?, " ABL_SQL_NOW ") "
				     "ON CONFLICT (name) DO UPDATE SET path = excluded.path, text "
				     "= excluded.text, "
				     "about = excluded.about, plan = plan + 1 RETURNING id",
				     "tttt", row->name, row->path, row->text, row->about),
			 err);

	return rc ? rc : abl_store_forget_rules(s, *id, err);
}

int abl_store_put_task(struct abl_store *s, int64_t study, const struct abl_task_row *row,
		       struct abl_err *err)
{
	return done(abl_sql_exec(s->sql, err,
				 "INSERT OR REPLACE INTO task (study_id, name, type, metric, "
				 "lower_is_better, split, label, "
				 "position) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, "
				 "coalesce(max(position), 0) + 1 FROM task "
				 "WHERE study_id = ?1",
				 "itttitt", study, row->name, row->type, row->metric,
				 (int64_t)row->lower_is_better, row->split, row->label));
}

int abl_store_put_variant(struct abl_store *s, int64_t study, const struct abl_variant_row *row,
			  int64_t *id, struct abl_err *err)
{
	int rc = one_row(
		abl_sql_get(s->sql, id, err,
			    "INSERT INTO variant (study_id, label, kind, subject, position, plan) "
			    "SELECT id, ?, ?, ?, ?, plan FROM study WHERE id = ? "
			    "ON CONFLICT (study_id, label) DO UPDATE SET kind = excluded.kind, "
			    "subject = excluded.subject, position = excluded.position, plan = "
			    "excluded.plan RETURNING id",
			    "tttii", row->label, abl_variant_kind_name(row->kind), row->subject,
			    (int64_t)row->position, study),
		err);

	rc = rc ? rc
		: done(abl_sql_exec(s->sql, err, "DELETE FROM variant_option WHERE variant_id = ?",
				    "i", *id));
	return rc ? rc
		  : done(abl_sql_exec(s->sql, err,
				      "DELETE FROM variant_change WHERE variant_id = ?", "i", *id));
}

int abl_store_put_option(struct abl_store *s, int64_t variant, const char *task, const char *name,
			 const struct abl_value *value, struct abl_err *err)
{
	struct abl_str text = {0};
	const bool worded = value->type == ABL_CHOICE || value->type == ABL_TEXT;
	int rc;

	abl_value_text(value, &text);
	rc = done(abl_sql_exec(
		s->sql, err,
		"INSERT OR REPLACE INTO variant_option (variant_id, name, task, canonical, "
		"int_value, "
		"real_value, text_value) SELECT ?1, ?2, ?3, ?4, "
		"iif(?5 = 'i', ?6, NULL), iif(?5 = 'r', ?7, NULL), iif(?5 = 't', ?8, NULL)",
		"ittttirt", variant, name, task ? task : "", text.text,
		value->type == ABL_INT    ? "i"
		: value->type == ABL_REAL ? "r"
					  : "t",
		value->i, value->r, worded ? value->choice : text.text));
	abl_str_finish(&text);
	return rc;
}

int abl_store_put_trial(struct abl_store *s, int64_t variant, const char *task, int64_t seed,
			int64_t *id, struct abl_err *err)
{
	int rc = one_row(abl_sql_get(s->sql, id, err,
				     "INSERT INTO trial (study_id, variant_id, task, seed, plan) "
				     "SELECT study_id, id, ?, ?, plan FROM variant WHERE id = ? "
				     "ON CONFLICT (variant_id, task, seed) DO UPDATE SET plan = "
				     "excluded.plan RETURNING id",
				     "tii", task, seed, variant),
			 err);

	return rc ? rc
		  : done(abl_sql_exec(
			    s->sql, err,
			    "DELETE FROM trial_stage WHERE trial_id = ? AND role <> 'test'", "i",
			    *id));
}

int abl_store_put_stage(struct abl_store *s, const struct abl_stage_row *row, struct abl_err *err)
{
	int rc = done(abl_sql_exec(
		s->sql, err,
		"INSERT INTO stage (key, kind, seed, canonical, parent, cost, rated) VALUES (?, ?, "
		"?, ?, ?, ?, nullif(?, 0.0)) "
		"ON CONFLICT (key) DO UPDATE SET cost = excluded.cost, "
		"rated = coalesce(excluded.rated, rated) WHERE excluded.cost > 0",
		"ttittrr", row->key, row->kind, row->seed, row->canonical, row->parent, row->cost,
		row->rated));

	for (size_t i = 0; !rc && i < row->input_count; i++)
		rc = done(
			abl_sql_exec(s->sql, err,
				     "INSERT OR IGNORE INTO stage_input (stage_id, name, input_id) "
				     "SELECT s.id, ?, i.id FROM stage s JOIN stage i ON i.key = ? "
				     "WHERE s.key = ?",
				     "ttt", row->inputs[i].name, row->inputs[i].key, row->key));
	return rc;
}

int abl_store_put_tuning(struct abl_store *s, int64_t study, const char *key, struct abl_err *err)
{
	return done(abl_sql_exec(s->sql, err,
				 "INSERT OR REPLACE INTO tuning_stage (study_id, stage_id, plan) "
				 "SELECT y.id, s.id, y.plan FROM study y, stage s WHERE y.id = ? "
				 "AND s.key = ?",
				 "it", study, key));
}

int abl_store_link(struct abl_store *s, int64_t trial, const char *key, const char *role,
		   struct abl_err *err)
{
	return done(abl_sql_exec(s->sql, err,
				 "INSERT OR IGNORE INTO trial_stage (trial_id, stage_id, role) "
				 "SELECT ?, id, ? FROM stage WHERE key = ?",
				 "itt", trial, role, key));
}

int abl_store_link_test(struct abl_store *s, const struct abl_test_link *link, struct abl_err *err)
{
	int64_t trial, changed;
	int rc = abl_sql_get(
		s->sql, &trial, err,
		"SELECT t.id FROM study y JOIN variant v ON v.study_id = y.id AND v.plan = y.plan "
		"JOIN trial t ON t.variant_id = v.id AND t.plan = y.plan "
		"JOIN trial_stage l ON l.trial_id = t.id AND l.role = 'finetune' "
		"JOIN stage s ON s.id = l.stage_id AND s.key = ? AND s.state = 'done' "
		"WHERE y.id = ? AND v.label = ? AND t.task = ? AND t.seed = ?",
		"titti", link->trained, link->study, link->variant, link->task, link->seed);

	if (rc != 1)
		return rc;
	changed = abl_sql_exec(s->sql, err,
			       "DELETE FROM trial_stage WHERE trial_id = ? AND role = 'test'", "i",
			       trial);
	rc = changed < 0 ? (int)changed : abl_store_link(s, trial, link->test, "test", err);
	return rc ? rc : 1;
}

int abl_store_unlink_old_tests(struct abl_store *s, int64_t trial, struct abl_err *err)
{
	return done(abl_sql_exec(
		s->sql, err,
		"DELETE FROM trial_stage WHERE trial_id = ?1 AND role = 'test' AND NOT EXISTS "
		"(SELECT 1 FROM stage e JOIN stage f ON f.key = e.parent "
		"JOIN trial_stage l ON l.stage_id = f.id AND l.trial_id = ?1 "
		"WHERE e.id = trial_stage.stage_id)",
		"i", trial));
}

int abl_store_put_data(struct abl_store *s, int64_t study, const char *role, const char *path,
		       const char *hash, int64_t bytes, struct abl_err *err)
{
	return done(abl_sql_exec(s->sql, err,
				 "INSERT OR REPLACE INTO data_file (study_id, role, path, hash, "
				 "bytes) VALUES (?, ?, ?, ?, ?)",
				 "ittti", study, role, path, hash, bytes));
}

int abl_store_other_data(const struct abl_store *s, int64_t study, const char *role,
			 const char *hash, struct abl_str *path, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, s->sql,
		"SELECT path FROM data_file WHERE study_id = ?1 AND role = ?2 AND hash <> ?3", err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	abl_query_set_text(q, 2, role);
	abl_query_set_text(q, 3, hash);
	rc = abl_query_step(q, err);
	if (rc > 0)
		abl_str_puts(path, abl_query_text(q, 0));
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

int abl_store_run_begin(struct abl_store *s, int64_t study, const struct abl_provenance *p,
			int argc, char *const *argv, int64_t *run, struct abl_err *err)
{
	struct abl_str words = {0};
	int rc;

	for (int i = 0; i < argc; i++)
		abl_shell_add(&words, argv[i]);
	rc = one_row(abl_sql_get(s->sql, run, err,
				 "INSERT INTO run (study_id, text, argv, engine, compiler, cpu, "
				 "kernels, host, cores, pid, "
				 "started) SELECT id, text, ?, ?, ?, ?, ?, ?, ?, ?, " ABL_SQL_NOW
				 " FROM study WHERE id = ? "
				 "RETURNING id",
				 "ttttttiii", words.text ? words.text : "", p->engine, p->compiler,
				 p->cpu, p->kernels, p->host, (int64_t)p->cores, (int64_t)getpid(),
				 study),
		     err);
	abl_str_finish(&words);
	return rc;
}

int abl_store_run_end(struct abl_store *s, int64_t run, int exit_code, struct abl_err *err)
{
	return done(
		abl_sql_exec(s->sql, err,
			     "UPDATE run SET ended = " ABL_SQL_NOW_OR("started") ", exit_code = ? "
										 "WHERE id = ?",
			     "ii", (int64_t)exit_code, run));
}

static const char *name_at(size_t i, const void *data)
{
	return ((char *const *)data)[i];
}

int abl_store_find_study(struct abl_store *s, const char *name, int64_t *id, struct abl_err *err)
{
	int rc = abl_sql_get(s->sql, id, err, "SELECT id FROM study WHERE name = ?", "t", name);
	struct abl_query *q = NULL;
	struct abl_str list = {0};
	const char **names = NULL;
	size_t count = 0, capacity = 0;

	if (rc)
		return rc < 0 ? rc : 0;
	rc = abl_query_open(&q, s->sql, "SELECT name FROM study ORDER BY id DESC", err);
	while (!rc && (rc = abl_query_step(q, err)) == 1) {
		abl_grow(&names, &capacity, count + 1, sizeof *names);
		names[count++] = abl_intern(abl_query_text(q, 0));
		rc = 0;
	}
	abl_query_close(q);
	if (rc >= 0) {
		const char *near = abl_nearest(name, count, name_at, names);

		abl_hint_names(&list, count, name_at, names);
		rc = near ? abl_err_set(err, ABL_EINPUT,
					"no study '%s' in the store '%s'; did you mean '%s'?", name,
					abl_store_folder(s), near)
			  : abl_err_set(err, ABL_EINPUT,
					"no study '%s' in the store '%s'; it has %s", name,
					abl_store_folder(s), count ? list.text : "none yet");
	}
	abl_str_finish(&list);
	free(names);
	return rc;
}
