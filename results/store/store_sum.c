/* SPDX-License-Identifier: Apache-2.0 */
/* store_sum.c - what a disk has changed in the numbers of a database. SQLite notices damage to its
 * own structure only; a bit that flips inside a number is another number. */
#include "store_db.h"

#include "hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TRIALS = 3000 }; /* of a study with more a listing would be slow: `run` and `verify` look */

/* Of both the columns are: the stage, a name, a step, a value; in the order of all four. */
static const struct kind {
	const char *what, *column, *rows, *put;
} kinds[] = {
	{"results", "sum",
	 "SELECT s.id, s.key, s.sum, r.name, 0, r.value FROM stage s LEFT JOIN result r ON "
	 "r.stage_id = s.id ",
	 "UPDATE stage SET sum = ? WHERE id = ?"},
	{"curves", "curve_sum",
	 "SELECT s.id, s.key, s.curve_sum, m.name, m.step, m.value FROM stage s LEFT JOIN metric m "
	 "ON m.stage_id = s.id AND m.attempt = s.attempt ",
	 "UPDATE stage SET curve_sum = ? WHERE id = ?"},
};

/* The rows of one stage. */
struct sum {
	int64_t stage; /* 0: none yet */
	char key[ABL_HASH_TEXT], kept[ABL_HASH_TEXT];
	struct abl_str rows;
};

static void add(struct sum *m, const struct abl_query *q)
{
	const char *name = abl_query_text(q, 3);
	double value = abl_query_real(q, 5);
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	if (value != value) /* one of many such */
		bits = 0;
	if (name)
		abl_str_printf(&m->rows, "%s %" PRId64 " %" PRIx64 "\n", name, abl_query_int(q, 4),
			       bits);
}

static const char *text_of(const struct sum *m, char out[ABL_HASH_TEXT])
{
	return abl_hash_bytes(m->rows.length ? m->rows.text : "", m->rows.length, out);
}

static int put(struct abl_store *s, int64_t stage, const struct kind *k, struct abl_err *err)
{
	struct abl_str sql = {0};
	struct abl_query *q = NULL;
	struct sum m = {0};
	char text[ABL_HASH_TEXT];
	int rc;

	abl_str_printf(&sql, "%sWHERE s.id = ?1 ORDER BY 4, 5", k->rows);
	rc = abl_query_open(&q, s->sql, sql.text, err);
	if (!rc)
		abl_query_set_int(q, 1, stage);
	while (!rc && (rc = abl_query_step(q, err)) > 0) {
		add(&m, q);
		rc = 0;
	}
	abl_query_close(q);
	if (rc >= 0)
		rc = (int)abl_sql_exec(s->sql, err, k->put, "ti", text_of(&m, text), stage);
	abl_str_finish(&m.rows);
	abl_str_finish(&sql);
	return rc < 0 ? rc : 0;
}

int abl_store_sum_put(struct abl_store *s, int64_t stage, struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !rc; i++)
		rc = put(s, stage, &kinds[i], err);
	return rc;
}

static int hold(const struct abl_store *s, const struct kind *k, const struct sum *m,
		struct abl_err *err)
{
	char text[ABL_HASH_TEXT];

	if (!m->stage || !*m->kept || !strcmp(text_of(m, text), m->kept))
		return 0;
	return abl_err_set(
		err, ABL_EDAMAGED,
		"'%s/results.db' is damaged: the %s of stage %.12s are not those that were put "
		"there; "
		"take a copy from before that, or remove the study ('ablate rm') and run it again",
		s->folder, k->what, m->key);
}

static int check(struct abl_store *s, int64_t study, const struct kind *k, struct abl_err *err)
{
	struct abl_str sql = {0};
	struct abl_query *q = NULL;
	struct sum m = {0};
	int rc;

	abl_str_printf(
		&sql,
		"%sWHERE s.%s IS NOT NULL AND s.state = 'done' AND (?1 = 0 OR s.id IN (SELECT "
		"l.stage_id "
		"FROM trial_stage l JOIN trial t ON t.id = l.trial_id WHERE t.study_id = ?1)) "
		"ORDER BY 1, 4, 5",
		k->rows, k->column);
	rc = abl_query_open(&q, s->sql, sql.text, err);
	if (!rc)
		abl_query_set_int(q, 1, study);
	while (!rc && (rc = abl_query_step(q, err)) > 0) {
		rc = 0;
		if (abl_query_int(q, 0) != m.stage) {
			rc = hold(s, k, &m, err);
			m.stage = abl_query_int(q, 0);
			snprintf(m.key, sizeof m.key, "%s", abl_query_text(q, 1));
			snprintf(m.kept, sizeof m.kept, "%s", abl_query_text(q, 2));
			abl_str_clear(&m.rows);
		}
		add(&m, q);
	}
	rc = rc ? rc : hold(s, k, &m, err);
	abl_query_close(q);
	abl_str_finish(&m.rows);
	abl_str_finish(&sql);
	return rc;
}

int abl_store_sum_check(struct abl_store *s, int64_t study, bool curves, struct abl_err *err)
{
	int64_t trials = 0;
	int rc = curves ? 0
			: abl_sql_get(s->sql, &trials, err,
				      "SELECT count(*) FROM (SELECT 1 FROM trial WHERE study_id = "
				      "? LIMIT ?)",
				      "ii", study, (int64_t)TRIALS + 1);

	if (rc < 0 || trials > TRIALS)
		return rc < 0 ? rc : 0;
	rc = check(s, study, &kinds[0], err);
	return rc || !curves ? rc : check(s, study, &kinds[1], err);
}
