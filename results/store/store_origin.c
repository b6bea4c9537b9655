/* SPDX-License-Identifier: Apache-2.0 */
/* store_origin.c - where a study is from, what it has found, and trials that were run again. */
#include "store_carry.h"

#include "carry_rows.h"
#include "hash.h"
#include "store_db.h"
#include "str.h"

#include <string.h>

/* ---- what a study has found ---- */

#define LAST "JOIN study y ON y.id = t.study_id AND y.plan = t.plan AND y.name = ?1 "
#define TRIALS                                                        \
	"FROM trial t " LAST "JOIN variant v ON v.id = t.variant_id " \
	"LEFT JOIN trial_stage l ON l.trial_id = t.id LEFT JOIN stage s ON s.id = l.stage_id "
static const char *const contents[] = {
	"SELECT s.key, r.name, r.value " TRIALS "JOIN result r ON r.stage_id = s.id "
	"ORDER BY s.key, r.name", /* the first: results */
	"SELECT v.label, t.task, t.seed, l.role, s.key, s.state = 'done' " TRIALS
	"ORDER BY v.label, t.task, t.seed, l.role, s.key",
	"SELECT k.name, k.type, k.metric, k.lower_is_better, k.split, k.label FROM task k "
	"JOIN study y ON y.id = k.study_id WHERE y.name = ?1 ORDER BY k.name",
	"SELECT t.label, t.kind, t.subject, o.name, o.task, o.canonical FROM variant t " LAST
	"LEFT JOIN variant_option o ON o.variant_id = t.id ORDER BY t.label, o.name, o.task",
	"SELECT r.name, r.subject, r.value FROM study_rule r JOIN study y ON y.id = r.study_id "
	"WHERE y.name = ?1 ORDER BY r.name, r.subject, r.value",
};

/* A task may be called as the study: whatever that is. */
static void add_row(struct abl_hash *h, const struct abl_query *q, const char *study)
{
	for (int i = 0; i < abl_query_columns(q); i++) {
		const enum abl_column type = abl_query_type(q, i);
		const double x = type == ABL_COLUMN_REAL ? abl_query_real(q, i) : 0;
		const char *text = type == ABL_COLUMN_REAL ? NULL : abl_query_text(q, i);

		abl_hash_add(h, text ? "t" : type == ABL_COLUMN_REAL ? "r" : "n", 1);
		if (text && !strcmp(text, study))
			abl_hash_add(h, "=", 1);
		else if (text)
			abl_hash_add(h, text, strlen(text) + 1);
		else
			abl_hash_add(h, &x, sizeof x);
	}
}

int abl_store_digest(struct abl_store *s, const char *study, bool results, char out[33],
		     struct abl_err *err)
{
	struct abl_hash *h = abl_hash_create();
	int rc = 0;

	for (size_t i = results ? 0 : 1; i < sizeof contents / sizeof *contents && !rc; i++) {
		struct abl_query *q = NULL;

		rc = abl_query_open(&q, s->sql, contents[i], err);
		if (!rc)
			abl_query_set_text(q, 1, study);
		while (!rc && (rc = abl_query_step(q, err)) == 1) {
			add_row(h, q, study);
			rc = 0;
		}
		abl_query_close(q);
	}
	abl_hash_text(h, out);
	abl_hash_destroy(h);
	return rc;
}

/* ---- the file ---- */

int abl_store_settle(struct abl_store *s, struct abl_err *err)
{
	return abl_sql_script(
		s->sql, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; VACUUM",
		err);
}

/* Is what rows are taken from a table, and not a query of somebody's? */
static int check_table(struct abl_store *s, const char *name, struct abl_err *err)
{
	int64_t is = 0;
	int rc = abl_sql_get(s->sql, &is, err,
			     "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?",
			     "t", name);

	return rc < 0 ? rc
	       : is   ? 0
		      : abl_err_set(err, ABL_EINPUT, "'%s' has no table '%s'", s->file, name);
}

int abl_store_inspect(struct abl_store *s, struct abl_err *err)
{
	struct abl_query *q = NULL;
	int64_t strange = 0;
	int rc = abl_sql_script(s->sql, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON",
				err);

	/* a table that is a view of something else, or acts when it is written to */
	rc = rc ? rc
		: abl_sql_get(s->sql, &strange, err,
			      "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', "
			      "'index', 'view') OR (type = 'table' AND sql LIKE '%VIRTUAL%')",
			      "");
	if (rc < 0)
		return rc;
	if (strange)
		return abl_err_set(err, ABL_EINPUT,
				   "'%s' has triggers or tables that no store of ablate has",
				   s->file);
	rc = check_table(s, "study", err);
	for (const struct abl_carry_table *t = abl_carry_tables; t->name && !rc; t++)
		rc = check_table(s, t->name, err);
	if (rc)
		return rc;
	/* quick_check of SQLite 3.40 takes trial_stage to have NULLs, where it has none */
	rc = abl_query_open(&q, s->sql, "PRAGMA integrity_check(1)", err);
	rc = rc ? rc : abl_query_step(q, err);
	if (rc == 1 && strcmp(abl_query_text(q, 0), "ok") != 0)
		rc = abl_err_set(err, ABL_EINPUT, "'%s' is damaged: %.200s", s->file,
				 abl_query_text(q, 0));
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

/* ---- where it is from ---- */

int abl_store_origin(struct abl_store *s, const char *study, struct abl_str *file, bool *trusted,
		     struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, s->sql,
				"SELECT o.file, o.trusted IS NOT NULL FROM study_origin o "
				"JOIN study y ON y.id = o.study_id WHERE y.name = ?1",
				err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, study);
	rc = abl_query_step(q, err);
	if (rc == 1) {
		*trusted = abl_query_int(q, 1);
		if (file)
			abl_str_puts(file, abl_query_text(q, 0));
	}
	abl_query_close(q);
	return rc;
}

int abl_store_trust(struct abl_store *s, const char *study, struct abl_err *err)
{
	const int64_t n =
		abl_sql_exec(s->sql, err,
			     "UPDATE study_origin SET trusted = coalesce(trusted, " ABL_SQL_NOW
			     ") WHERE study_id = (SELECT id FROM study WHERE name = ?)",
			     "t", study);

	return n < 0 ? (int)n : 0;
}

int abl_store_put_rerun(struct abl_store *s, const struct abl_rerun_row *row, struct abl_err *err)
{
	const int64_t n =
		abl_sql_exec(s->sql, err,
			     "INSERT INTO rerun (trial_id, ran, host, cpu, engine, equal, differs) "
			     "VALUES (?, " ABL_SQL_NOW ", ?, ?, ?, ?, ?)",
			     "itttit", row->trial, row->host, row->cpu, row->engine,
			     (int64_t)row->equal, row->differs);

	return n < 0 ? (int)n : 0;
}
