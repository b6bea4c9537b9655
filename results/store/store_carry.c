/* SPDX-License-Identifier: Apache-2.0 */
#include "store_carry.h"

#include "carry_rows.h"
#include "store_db.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- stages, which the other store may have ---- */

#define RESULTS "SELECT name, value FROM result WHERE stage_id = ?1 ORDER BY name"

/* The first result that is another here, as a sentence. */
static int compare_results(struct abl_carry *c, int64_t theirs, int64_t ours, struct abl_str *out,
			   struct abl_err *err)
{
	struct abl_query *a = NULL, *b = NULL;
	int rc = abl_query_open(&a, c->from, RESULTS, err), more;

	rc = rc ? rc : abl_query_open(&b, c->to, RESULTS, err);
	if (!rc) {
		abl_query_set_int(a, 1, theirs);
		abl_query_set_int(b, 1, ours);
	}
	while (!rc && !out->length && (more = abl_query_step(a, err)) != 0) {
		const double x = more > 0 ? abl_query_real(a, 1) : 0;
		const int found = more < 0 ? more : abl_query_step(b, err);
		char mine[32], its[32];

		rc = found < 0 ? found : 0;
		if (found == 0 ||
		    (found > 0 && strcmp(abl_query_text(a, 0), abl_query_text(b, 0)) != 0))
			abl_str_printf(out, "%s is there and not here", abl_query_text(a, 0));
		else if (found > 0 && memcmp(&x, &(double){abl_query_real(b, 1)}, sizeof x) != 0 &&
			 !(isnan(x) && isnan(abl_query_real(b, 1))))
			abl_str_printf(out, "%s is %s there and %s here", abl_query_text(a, 0),
				       abl_format_real(x, its),
				       abl_format_real(abl_query_real(b, 1), mine));
	}
	if (!rc && !out->length && abl_query_step(b, NULL) == 1)
		abl_str_printf(out, "%s is here and not there", abl_query_text(b, 0));
	abl_query_close(a);
	abl_query_close(b);
	return rc;
}

/* A stage that was tried here and is not done takes the work of the other store. */
static int take_over(struct abl_carry *c, const struct abl_query *q, int64_t ours, int64_t attempts,
		     struct abl_err *err)
{
	static const char *const old[] = {"DELETE FROM metric WHERE stage_id = ?",
					  "DELETE FROM result WHERE stage_id = ?",
					  "DELETE FROM prediction WHERE stage_id = ?"};
	const struct abl_carry_table t = {"stage", NULL, ABL_OF_NONE, ABL_OF_NONE};
	struct abl_query *out = NULL;
	struct abl_str sql = {0};
	int rc = abl_carry_check(&t, q, err), n = 0;

	for (size_t i = 0; i < sizeof old / sizeof *old && !rc; i++) {
		const int64_t gone = abl_sql_exec(c->to, err, old[i], "i", ours);

		rc = gone < 0 ? (int)gone : 0;
	}
	abl_str_puts(&sql, "UPDATE stage SET ");
	for (int i = 0; i < abl_query_columns(q); i++)
		if (strcmp(abl_query_name(q, i), "id") != 0)
			abl_str_printf(&sql, "%s%s = ?%d", n ? ", " : "", abl_query_name(q, i),
				       n + 1),
				n++;
	abl_str_printf(&sql, " WHERE id = ?%d", n + 1);
	rc = rc ? rc : abl_query_open(&out, c->to, sql.text, err);
	n = 1;
	for (int i = 0; !rc && i < abl_query_columns(q); i++) {
		if (!strcmp(abl_query_name(q, i), "attempt"))
			abl_query_set_int(out, n++, abl_query_int(q, i) + attempts);
		else if (strcmp(abl_query_name(q, i), "id") != 0)
			abl_carry_value(out, n++, q, i);
	}
	if (!rc) {
		abl_query_set_int(out, n, ours);
		rc = abl_query_step(out, err);
	}
	abl_query_close(out);
	abl_str_finish(&sql);
	return rc < 0 ? rc : 0;
}

static int predictions_of(struct abl_carry *c, int64_t stage, struct abl_str *out,
			  struct abl_err *err)
{
	struct abl_query *q;
	int rc =
		abl_query_open(&q, c->from, "SELECT file FROM prediction WHERE stage_id = ?1", err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, stage);
	rc = abl_query_step(q, err);
	if (rc == 1 && abl_query_text(q, 0))
		abl_str_puts(out, abl_query_text(q, 0));
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

static int tell_stage(struct abl_carry *c, const struct abl_query *q, bool taken,
		      const char *differs, struct abl_err *err)
{
	struct abl_str predictions = {0};
	int rc = predictions_of(c, abl_query_int(q, abl_carry_column(q, "id")), &predictions, err);

	if (!rc && c->request->stage)
		c->request->stage(c->request->data,
				  &(struct abl_carried_stage){
					  .key = abl_carry_text(q, "key"),
					  .kind = abl_carry_text(q, "kind"),
					  .canonical = abl_carry_text(q, "canonical"),
					  .artifact = abl_carry_text(q, "artifact"),
					  .code = abl_carry_text(q, "code"),
					  .seal = abl_carry_text(q, "seal"),
					  .dropped = abl_carry_text(q, "dropped"),
					  .predictions = predictions.text,
					  .done = !strcmp(abl_carry_text(q, "state"), "done"),
					  .taken = taken,
					  .differs = differs,
				  });
	abl_str_finish(&predictions);
	return rc;
}

static int carry_stage(struct abl_carry *c, const struct abl_carry_table *t,
		       const struct abl_query *q, struct abl_query *out, struct abl_err *err)
{
	const char *key = abl_carry_text(q, "key");
	const int64_t theirs = abl_query_int(q, abl_carry_column(q, "id"));
	const bool done = !strcmp(abl_carry_text(q, "state"), "done");
	int64_t ours = 0, finished = 0, attempts = 0;
	struct abl_str differs = {0};
	bool taken = true;
	int rc =
		key ? abl_sql_get(c->to, &ours, err, "SELECT id FROM stage WHERE key = ?", "t", key)
		    : abl_err_set(err, ABL_EINPUT, "a stage has no key");

	if (rc == 0) {
		rc = abl_carry_row(c, t, q, out, err);
		if (!rc)
			(void)abl_carry_get(&c->map[ABL_OF_STAGE], theirs, &ours);
	} else if (rc > 0) {
		abl_carry_put(&c->map[ABL_OF_STAGE], theirs, ours);
		rc = abl_sql_get(
			c->to, &finished, err,
			"SELECT state = 'done' OR lost IS NOT NULL FROM stage WHERE id = ?", "i",
			ours);
		rc = rc < 0 ? rc
			    : abl_sql_get(c->to, &attempts, err,
					  "SELECT coalesce(max(number), 0) FROM attempt WHERE "
					  "stage_id = ?",
					  "i", ours);
		rc = rc < 0 ? rc : 0;
		taken = done && !finished;
		if (!rc && taken)
			rc = take_over(c, q, ours, attempts, err);
		else if (!rc && done)
			rc = compare_results(c, theirs, ours, &differs, err);
	}
	if (!rc && taken) {
		abl_carry_put(&c->map[ABL_OF_TAKEN], theirs, ours);
		abl_carry_put(&c->shift, theirs, attempts);
	}
	rc = rc ? rc : tell_stage(c, q, taken, differs.text, err);
	abl_str_finish(&differs);
	return rc;
}

/* ---- the study ---- */

static int carry_study(struct abl_carry *c, struct abl_err *err)
{
	const struct abl_carry_table t = {"study", NULL, ABL_OF_STUDY, ABL_OF_NONE};
	const struct abl_carry_request *r = c->request;
	struct abl_query *q = NULL, *out = NULL;
	int64_t mine = 0;
	int rc = abl_query_open(&q, c->from, "SELECT * FROM study WHERE name = ?1", err);

	if (!rc) {
		abl_query_set_text(q, 1, r->name);
		rc = abl_query_step(q, err);
		rc = rc > 0   ? 0
		     : rc < 0 ? rc
			      : abl_err_set(err, ABL_EINPUT, "there is no study '%s'", r->name);
	}
	rc = rc ? rc : abl_carry_insert(c, &t, q, &out, err);
	for (int i = 0, n = 1; !rc && i < abl_query_columns(q); i++) {
		const char *name = abl_query_name(q, i);
		const char *other = !strcmp(name, "name")   ? r->as
				    : !strcmp(name, "path") ? r->path
				    : !strcmp(name, "text") ? r->text
							    : NULL;

		if (!strcmp(name, "id"))
			continue;
		if (other)
			abl_query_set_text(out, n++, other);
		else
			abl_carry_value(out, n++, q, i);
	}
	rc = rc ? rc : abl_query_step(out, err);
	if (rc > 0) {
		c->study = abl_query_int(q, abl_carry_column(q, "id"));
		mine = abl_query_int(out, 0);
		abl_carry_put(&c->map[ABL_OF_STUDY], c->study, mine);
		rc = 0;
	}
	abl_query_close(q);
	abl_query_close(out);
	if (!rc && r->origin) {
		const int64_t n = abl_sql_exec(
			c->to, err,
			"INSERT INTO study_origin (study_id, file, unpacked, trusted) "
			"VALUES (?, ?, " ABL_SQL_NOW ", iif(?, " ABL_SQL_NOW ", NULL))",
			"iti", mine, r->origin, (int64_t)r->trusted);

		rc = n < 0 ? (int)n : 0;
	}
	return rc;
}

int abl_store_carry(struct abl_store *to, struct abl_store *from,
		    const struct abl_carry_request *request, struct abl_err *err)
{
	struct abl_carry c = {.request = request, .from = from->sql, .to = to->sql};
	int rc = abl_sql_script(c.from, "BEGIN", err); /* one moment of a store that is written */

	rc = rc ? rc : carry_study(&c, err);
	for (const struct abl_carry_table *t = abl_carry_tables; t->name && !rc; t++)
		rc = abl_carry_table(&c, t, t->id == ABL_OF_STAGE ? carry_stage : abl_carry_row,
				     err);
	if (!rc) { /* nobody runs them there */
		const int64_t n = abl_sql_exec(
			c.to, err,
			"UPDATE stage SET state = 'waiting' WHERE state = 'running' AND NOT EXISTS "
			"(SELECT 1 FROM attempt a WHERE a.stage_id = stage.id AND a.number = "
			"stage.attempt AND a.ended IS NULL)",
			"");

		rc = n < 0 ? (int)n : 0;
	}
	(void)!abl_sql_script(c.from, "ROLLBACK", NULL);
	for (size_t i = 0; i < ABL_OF_ROWS; i++)
		free(c.map[i].from), free(c.map[i].to);
	free(c.shift.from), free(c.shift.to);
	return rc;
}
