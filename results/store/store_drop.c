/* SPDX-License-Identifier: Apache-2.0 */
#include "store_drop.h"

#include "store_db.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Runs the statements with the same value; *count gets the rows of the last one. */
static int run_all(struct abl_store *s, const char *const *sql, size_t n, int64_t value,
		   int64_t *count, struct abl_err *err)
{
	int64_t changed = 0;

	for (size_t i = 0; i < n && changed >= 0; i++)
		changed = abl_sql_exec(s->sql, err, sql[i], "i", value);
	if (changed >= 0)
		*count += changed;
	return changed < 0 ? (int)changed : 0;
}

static int run_script(struct abl_store *s, const char *sql, struct abl_err *err)
{
	return abl_sql_script(s->sql, sql, err);
}

/* Stages that somebody has: trials and choices of values, and what these stages read. */
#define NEED                                                                           \
	"WITH RECURSIVE need(id) AS (SELECT stage_id FROM trial_stage "                \
	"UNION SELECT stage_id FROM tuning_stage "                                     \
	"UNION SELECT i.input_id FROM need n JOIN stage_input i ON i.stage_id = n.id " \
	"UNION SELECT p.id FROM need n JOIN stage s ON s.id = n.id "                   \
	"JOIN stage p ON p.key = s.parent) "

/* The rows of the stages of `temp.doomed`, the stages themselves last. */
static const char *const stage_rows[] = {
	"DELETE FROM metric WHERE stage_id IN (SELECT id FROM temp.doomed)",
	"DELETE FROM result WHERE stage_id IN (SELECT id FROM temp.doomed)",
	"DELETE FROM prediction WHERE stage_id IN (SELECT id FROM temp.doomed)",
	"DELETE FROM attempt WHERE stage_id IN (SELECT id FROM temp.doomed)",
	("DELETE FROM worker WHERE run_id IS NULL AND NOT EXISTS (SELECT 1 FROM attempt a WHERE "
	 "a.worker = worker.id)"),
	("DELETE FROM stage_input WHERE stage_id IN (SELECT id FROM temp.doomed) "
	 "OR input_id IN (SELECT id FROM temp.doomed)"),
	"DELETE FROM stage WHERE id IN (SELECT id FROM temp.doomed)",
};

static int begin_doomed(struct abl_store *s, struct abl_err *err)
{
	return run_script(s,
			  "CREATE TEMP TABLE IF NOT EXISTS doomed (id INTEGER PRIMARY KEY); "
			  "DELETE FROM temp.doomed",
			  err);
}

static int drop_doomed(struct abl_store *s, struct abl_dropped *out, struct abl_err *err)
{
	int64_t changed = 0;

	for (size_t i = 0; i < COUNT(stage_rows) && changed >= 0; i++)
		changed = abl_sql_exec(s->sql, err, stage_rows[i], "");
	if (changed >= 0)
		out->stages += changed;
	return changed < 0 ? (int)changed : 0;
}

int abl_store_drop_orphans(struct abl_store *s, struct abl_dropped *out, struct abl_err *err)
{
	int rc = begin_doomed(s, err);
	const int64_t n =
		rc ? rc
		   : abl_sql_exec(s->sql, err,
				  NEED "INSERT INTO temp.doomed SELECT s.id FROM stage s "
				       "WHERE s.id NOT IN (SELECT id FROM need) AND NOT EXISTS "
				       "(SELECT 1 FROM attempt a JOIN run r ON r.id = a.run_id "
				       "WHERE a.stage_id = s.id)",
				  "");

	return n < 0 ? (int)n : drop_doomed(s, out, err);
}

/* ---- a study ---- */

static const char *const study_links[] = {
	"DELETE FROM rerun WHERE trial_id IN (SELECT id FROM trial WHERE study_id = ?)",
	"DELETE FROM trial_stage WHERE trial_id IN (SELECT id FROM trial WHERE study_id = ?)",
	"DELETE FROM tuning_stage WHERE study_id = ?",
	"DELETE FROM variant_option WHERE variant_id IN "
	"(SELECT id FROM variant WHERE study_id = ?)",
	"DELETE FROM variant_change WHERE variant_id IN "
	"(SELECT id FROM variant WHERE study_id = ?)",
	"DELETE FROM data_file WHERE study_id = ?",
	"DELETE FROM study_rule WHERE study_id = ?",
	"DELETE FROM study_origin WHERE study_id = ?",
	"DELETE FROM study_pause WHERE study_id = ?",
	"DELETE FROM task WHERE study_id = ?",
};
static const char *const study_trials[] = {"DELETE FROM trial WHERE study_id = ?"};
static const char *const study_variants[] = {"DELETE FROM variant WHERE study_id = ?"};
static const char *const study_runs[] = {
	/* attempts at stages that others have stay */
	"UPDATE attempt SET run_id = NULL WHERE run_id IN (SELECT id FROM run WHERE study_id = ?)",
	("UPDATE worker SET run_id = NULL WHERE run_id IN (SELECT id FROM run WHERE study_id = ?) "
	 "AND EXISTS (SELECT 1 FROM attempt a WHERE a.worker = worker.id)"),
	"DELETE FROM worker WHERE run_id IN (SELECT id FROM run WHERE study_id = ?)",
	"DELETE FROM run WHERE study_id = ?",
};
static const char *const study_itself[] = {"DELETE FROM study WHERE id = ?"};

int abl_store_drop_study(struct abl_store *s, int64_t study, struct abl_dropped *out,
			 struct abl_err *err)
{
	int64_t others = 0;
	int rc = run_all(s, study_links, COUNT(study_links), study, &others, err);

	rc = rc ? rc : run_all(s, study_trials, COUNT(study_trials), study, &out->trials, err);
	rc = rc ? rc
		: run_all(s, study_variants, COUNT(study_variants), study, &out->variants, err);
	rc = rc ? rc : run_all(s, study_runs, COUNT(study_runs), study, &out->runs, err);
	rc = rc ? rc : run_all(s, study_itself, COUNT(study_itself), study, &others, err);
	return rc ? rc : abl_store_drop_orphans(s, out, err);
}

/* ---- a variant ---- */

static const char *const variant_links[] = {
	("DELETE FROM study_rule WHERE name = 'primary' AND (study_id, subject) = "
	 "(SELECT study_id, label FROM variant WHERE id = ?)"),
	"DELETE FROM rerun WHERE trial_id IN (SELECT id FROM trial WHERE variant_id = ?)",
	"DELETE FROM trial_stage WHERE trial_id IN (SELECT id FROM trial WHERE variant_id = ?)",
	"DELETE FROM variant_option WHERE variant_id = ?",
	"DELETE FROM variant_change WHERE variant_id = ?",
};
static const char *const variant_trials[] = {"DELETE FROM trial WHERE variant_id = ?"};
static const char *const variant_itself[] = {"DELETE FROM variant WHERE id = ?"};

int abl_store_drop_variant(struct abl_store *s, int64_t variant, struct abl_dropped *out,
			   struct abl_err *err)
{
	int64_t n = 0, others = 0;
	int rc = begin_doomed(s, err);

	/* its own stages and what they read, less what somebody still has */
	if (!rc)
		n = abl_sql_exec(
			s->sql, err,
			"WITH RECURSIVE own(id) AS (SELECT l.stage_id FROM trial_stage l JOIN "
			"trial t ON t.id = l.trial_id WHERE t.variant_id = ? UNION SELECT "
			"i.input_id FROM own o JOIN stage_input i ON i.stage_id = o.id) "
			"INSERT INTO temp.doomed SELECT id FROM own",
			"i", variant);
	rc = n < 0 ? (int)n : rc;
	rc = rc ? rc : run_all(s, variant_links, COUNT(variant_links), variant, &others, err);
	rc = rc ? rc
		: run_all(s, variant_trials, COUNT(variant_trials), variant, &out->trials, err);
	rc = rc ? rc
		: run_all(s, variant_itself, COUNT(variant_itself), variant, &out->variants, err);
	if (!rc)
		n = abl_sql_exec(s->sql, err,
				 NEED "DELETE FROM temp.doomed WHERE id IN (SELECT id FROM need)",
				 "");
	rc = n < 0 ? (int)n : rc;
	return rc ? rc : drop_doomed(s, out, err);
}

/* ---- what stages have made ---- */

int abl_store_stage_dropped(struct abl_store *s, const struct abl_stage_drop *d,
			    struct abl_err *err)
{
	const int64_t n = abl_sql_exec(
		s->sql, err,
		"UPDATE stage SET dropped = ?, artifact = ?, seal = ?, bytes = nullif(?, 0) "
		"WHERE artifact = ? AND state = 'done'",
		"tttit", d->what, d->left, d->seal, d->bytes, d->artifact);

	return n < 0 ? (int)n : 0;
}

int abl_store_compact(struct abl_store *s, int64_t *freed, struct abl_err *err)
{
	enum { WORTH = 1 << 20, SHARE = 5 }; /* bytes, and of how many parts one */
	int64_t size = 0, pages = 0, unused = 0;
	int rc = abl_sql_get(s->sql, &size, err, "SELECT page_size FROM pragma_page_size", "");

	rc = rc < 0 ? rc
		    : abl_sql_get(s->sql, &pages, err, "SELECT page_count FROM pragma_page_count",
				  "");
	rc = rc < 0 ? rc
		    : abl_sql_get(s->sql, &unused, err,
				  "SELECT freelist_count FROM pragma_freelist_count", "");
	*freed = 0;
	if (rc < 0 || unused * size < WORTH || unused < pages / SHARE)
		return rc < 0 ? rc : 0;
	rc = abl_sql_script(s->sql, "VACUUM", err);
	if (!rc)
		*freed = unused * size;
	return rc;
}
