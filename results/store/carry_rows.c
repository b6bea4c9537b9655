/* SPDX-License-Identifier: Apache-2.0 */
#include "carry_rows.h"

#include "sql.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

void abl_carry_put(struct abl_carry_map *m, int64_t from, int64_t to)
{
	abl_grow(&m->from, &m->from_capacity, m->count + 1, sizeof *m->from);
	abl_grow(&m->to, &m->to_capacity, m->count + 1, sizeof *m->to);
	m->from[m->count] = from;
	m->to[m->count++] = to;
}

bool abl_carry_get(const struct abl_carry_map *m, int64_t from, int64_t *to)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (m->from[middle] < from)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == m->count || m->from[low] != from)
		return false;
	*to = m->to[low];
	return true;
}

/* ---- what a packed store may say of files ---- */

static bool is_hash(const char *text)
{
	return strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

/* "<folder>/<name>" */
static const char *below(const char *text, const char *folder)
{
	const size_t n = strlen(folder);

	return strncmp(text, folder, n) || strchr(text + n, '/') ? NULL : text + n;
}

static bool is_plain(const char *name)
{
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return *name && *name != '.';
}

static bool is_key(const char *text)
{
	return is_hash(text);
}

/* With ".kept": what `keep:` has left of it. */
static bool is_artifact(const char *text)
{
	const char *name = below(text, "artifacts/");
	const size_t n = name ? strspn(name, "0123456789abcdef") : 0;

	return n == 32 && (!name[n] || !strcmp(name + n, ".kept"));
}

static bool is_log(const char *text)
{
	const char *name = below(text, "logs/");

	return name && is_plain(name);
}

/* Relative, and stays below its folder. */
static bool is_inside(const char *text)
{
	const char *part = text;

	for (;;) {
		const size_t n = strcspn(part, "/");

		if (!n || (n == 1 && *part == '.') || (n == 2 && !strncmp(part, "..", 2)))
			return false;
		if (!part[n])
			return true;
		part += n + 1;
	}
}

static const struct {
	const char *table, *column;
	bool (*is_fine)(const char *text);
} checks[] = {
	{"stage", "key", is_key},   {"stage", "artifact", is_artifact}, {"stage", "code", is_hash},
	{"attempt", "log", is_log}, {"prediction", "file", is_inside},
};

static int check(const char *table, const char *column, const char *text, struct abl_err *err)
{
	for (size_t i = 0; text && i < sizeof checks / sizeof *checks; i++)
		if (!strcmp(checks[i].table, table) && !strcmp(checks[i].column, column) &&
		    !checks[i].is_fine(text))
			return abl_err_set(err, ABL_EINPUT,
					   "column '%s' of table '%s' has '%.100s', which no "
					   "store of ablate has there",
					   column, table, text);
	return 0;
}

/* ---- any row ---- */

/* The stages of a study's last plan, and those that they need. */
#define WANTED                                                                                     \
	"WITH RECURSIVE wanted(id) AS (SELECT l.stage_id FROM trial_stage l "                      \
	"JOIN trial t ON t.id = l.trial_id JOIN study y ON y.id = t.study_id AND y.plan = t.plan " \
	"WHERE y.id = ?1 UNION SELECT u.stage_id FROM tuning_stage u "                             \
	"JOIN study y ON y.id = u.study_id AND y.plan = u.plan WHERE y.id = ?1 "                   \
	"UNION SELECT i.input_id FROM wanted w JOIN stage_input i ON i.stage_id = w.id "           \
	"UNION SELECT p.id FROM wanted w JOIN stage s ON s.id = w.id "                             \
	"JOIN stage p ON p.key IN (s.parent, s.same_as)) "
#define LAST_VARIANTS                                                                        \
	"(SELECT v.id FROM variant v JOIN study y ON y.id = v.study_id AND y.plan = v.plan " \
	"WHERE y.id = ?1)"
#define LAST_TRIALS                                                                        \
	"(SELECT t.id FROM trial t JOIN study y ON y.id = t.study_id AND y.plan = t.plan " \
	"WHERE y.id = ?1)"
#define OF_WANTED "stage_id IN (SELECT id FROM wanted)"

const struct abl_carry_table abl_carry_tables[] = {
	{"task", "SELECT * FROM task WHERE study_id = ?1 ORDER BY position, name", ABL_OF_NONE, 0},
	{"study_rule", "SELECT * FROM study_rule WHERE study_id = ?1 ORDER BY name, subject, value",
	 ABL_OF_NONE, 0},
	{"data_file", "SELECT * FROM data_file WHERE study_id = ?1 ORDER BY role", ABL_OF_NONE, 0},
	{"variant", "SELECT * FROM variant WHERE id IN " LAST_VARIANTS " ORDER BY id",
	 ABL_OF_VARIANT, 0},
	{"variant_option",
	 "SELECT * FROM variant_option WHERE variant_id IN " LAST_VARIANTS
	 " ORDER BY variant_id, name, task",
	 ABL_OF_NONE, 0},
	{"variant_change",
	 "SELECT * FROM variant_change WHERE variant_id IN " LAST_VARIANTS
	 " ORDER BY variant_id, name",
	 ABL_OF_NONE, 0},
	{"run", "SELECT * FROM run WHERE study_id = ?1 ORDER BY id", ABL_OF_RUN, 0},
	{"worker",
	 WANTED
	 "SELECT * FROM worker w WHERE EXISTS (SELECT 1 FROM attempt a WHERE a.worker = w.id "
	 "AND a.ended IS NOT NULL AND a." OF_WANTED ") ORDER BY id",
	 ABL_OF_WORKER, 0},
	{"stage", WANTED "SELECT * FROM stage WHERE id IN (SELECT id FROM wanted) ORDER BY id",
	 ABL_OF_STAGE, 0},
	{"stage_input",
	 WANTED "SELECT * FROM stage_input WHERE " OF_WANTED " ORDER BY stage_id, name",
	 ABL_OF_NONE, ABL_OF_STAGE},
	{"trial", "SELECT * FROM trial WHERE id IN " LAST_TRIALS " ORDER BY id", ABL_OF_TRIAL, 0},
	{"trial_stage",
	 "SELECT * FROM trial_stage WHERE trial_id IN " LAST_TRIALS
	 " ORDER BY trial_id, role, stage_id",
	 ABL_OF_NONE, ABL_OF_STAGE},
	{"tuning_stage",
	 "SELECT u.* FROM tuning_stage u JOIN study y ON y.id = u.study_id AND y.plan = u.plan "
	 "WHERE y.id = ?1 ORDER BY u.stage_id",
	 ABL_OF_NONE, ABL_OF_STAGE},
	{"attempt",
	 WANTED "SELECT * FROM attempt WHERE " OF_WANTED " AND ended IS NOT NULL ORDER BY id",
	 ABL_OF_NONE, ABL_OF_TAKEN},
	{"metric",
	 WANTED "SELECT * FROM metric WHERE " OF_WANTED " ORDER BY stage_id, name, step, attempt",
	 ABL_OF_NONE, ABL_OF_TAKEN},
	{"result", WANTED "SELECT * FROM result WHERE " OF_WANTED " ORDER BY stage_id, name",
	 ABL_OF_NONE, ABL_OF_TAKEN},
	{"prediction", WANTED "SELECT * FROM prediction WHERE " OF_WANTED " ORDER BY stage_id",
	 ABL_OF_NONE, ABL_OF_TAKEN},
	{"rerun", "SELECT * FROM rerun WHERE trial_id IN " LAST_TRIALS " ORDER BY id", ABL_OF_NONE,
	 0},
	{0},
};

/* Whose numbers a column has. */
static enum abl_carry_of owner(const struct abl_carry_table *t, const char *column)
{
	static const struct {
		const char *column;
		enum abl_carry_of of;
	} columns[] = {{"study_id", ABL_OF_STUDY}, {"variant_id", ABL_OF_VARIANT},
		       {"trial_id", ABL_OF_TRIAL}, {"input_id", ABL_OF_STAGE},
		       {"run_id", ABL_OF_RUN},     {"worker", ABL_OF_WORKER}};

	if (!strcmp(column, "stage_id"))
		return t->stages;
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		if (!strcmp(columns[i].column, column))
			return columns[i].of;
	return ABL_OF_NONE;
}

int abl_carry_column(const struct abl_query *q, const char *name)
{
	for (int i = 0; i < abl_query_columns(q); i++)
		if (!strcmp(abl_query_name(q, i), name))
			return i;
	return -1;
}

const char *abl_carry_text(const struct abl_query *q, const char *name)
{
	const int column = abl_carry_column(q, name);

	return column < 0 ? NULL : abl_query_text(q, column);
}

void abl_carry_value(struct abl_query *out, int index, const struct abl_query *row, int column)
{
	switch (abl_query_type(row, column)) {
	case ABL_COLUMN_INT:
		abl_query_set_int(out, index, abl_query_int(row, column));
		break;
	case ABL_COLUMN_REAL:
		abl_query_set_real(out, index, abl_query_real(row, column));
		break;
	default:
		abl_query_set_text(out, index, abl_query_text(row, column));
	}
}

/* "logs/train-0123456789ab-1.log" of attempt 1, for another number of it. */
static char *log_of(const char *log, int64_t number)
{
	const char *dash = strrchr(log, '-');
	struct abl_str out = {0};

	abl_str_add(&out, log, dash ? (size_t)(dash - log) : strlen(log));
	abl_str_printf(&out, "-%lld.log", (long long)number);
	return out.text;
}

/* Columns with the name of a task. */
static bool is_task(const char *table, const char *column)
{
	static const char *const columns[][2] = {{"task", "name"},
						 {"trial", "task"},
						 {"variant_option", "task"},
						 {"study_rule", "value"}};

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		if (!strcmp(columns[i][0], table) && !strcmp(columns[i][1], column))
			return true;
	return false;
}

/* A column of the row as it is in the other store. False: the row is about what is not taken. */
static bool set_column(struct abl_carry *c, const struct abl_carry_table *t,
		       const struct abl_query *row, int column, struct abl_query *out, int index)
{
	const char *name = abl_query_name(row, column);
	const enum abl_carry_of of = owner(t, name);
	int64_t id = 0, shift = 0;

	if (of < ABL_OF_ROWS) {
		const bool there = abl_carry_get(&c->map[of], abl_query_int(row, column), &id);

		if (there)
			abl_query_set_int(out, index, id);
		else
			abl_query_set_text(out, index, NULL);
		/* a stage may be of another study's run, and a run's own machine is no worker */
		return there || of == ABL_OF_RUN || of == ABL_OF_WORKER;
	}
	if (t->stages == ABL_OF_TAKEN)
		(void)abl_carry_get(&c->shift,
				    abl_query_int(row, abl_carry_column(row, "stage_id")), &shift);
	if (shift && (!strcmp(name, "number") || !strcmp(name, "attempt"))) {
		abl_query_set_int(out, index, abl_query_int(row, column) + shift);
	} else if (!strcmp(name, "log") && abl_query_text(row, column)) {
		const char *log = abl_query_text(row, column);
		char *mine =
			shift ? log_of(log,
				       abl_query_int(row, abl_carry_column(row, "number")) + shift)
			      : abl_strdup(log);

		abl_query_set_text(out, index, mine);
		free(mine);
	} else if (c->request->renames_task && is_task(t->name, name) &&
		   abl_query_text(row, column) &&
		   !strcmp(abl_query_text(row, column), c->request->name)) {
		abl_query_set_text(out, index, c->request->as);
	} else {
		abl_carry_value(out, index, row, column);
	}
	return true;
}

static void tell_log(const struct abl_carry *c, const struct abl_query *row)
{
	const char *log = abl_carry_text(row, "log");
	const int64_t number = abl_query_int(row, abl_carry_column(row, "number"));
	int64_t shift = 0;
	char *mine;

	if (!log || !c->request->log)
		return;
	(void)abl_carry_get(&c->shift, abl_query_int(row, abl_carry_column(row, "stage_id")),
			    &shift);
	mine = shift ? log_of(log, number + shift) : abl_strdup(log);
	c->request->log(c->request->data, log, mine);
	free(mine);
}

int abl_carry_insert(struct abl_carry *c, const struct abl_carry_table *t,
		     const struct abl_query *q, struct abl_query **out, struct abl_err *err)
{
	struct abl_str sql = {0}, values = {0};
	int rc, n = 0;

	/* the inputs of a stage that was there are there, too */
	abl_str_printf(&sql, "INSERT %sINTO %s (", t->stages == ABL_OF_STAGE ? "OR IGNORE " : "",
		       t->name);
	for (int i = 0; i < abl_query_columns(q); i++) {
		if (!strcmp(abl_query_name(q, i), "id"))
			continue;
		abl_str_printf(&sql, "%s%s", n ? ", " : "", abl_query_name(q, i));
		abl_str_printf(&values, "%s?%d", n ? ", " : "", n + 1);
		n++;
	}
	abl_str_printf(&sql, ") VALUES (%s)%s", values.text,
		       t->id == ABL_OF_NONE ? "" : " RETURNING id");
	rc = abl_query_open(out, c->to, sql.text, err);
	abl_str_finish(&sql), abl_str_finish(&values);
	return rc;
}

int abl_carry_check(const struct abl_carry_table *t, const struct abl_query *q, struct abl_err *err)
{
	int rc = 0;

	for (int i = 0; i < abl_query_columns(q) && !rc; i++)
		rc = check(t->name, abl_query_name(q, i), abl_query_text(q, i), err);
	return rc;
}

int abl_carry_row(struct abl_carry *c, const struct abl_carry_table *t, const struct abl_query *q,
		  struct abl_query *out, struct abl_err *err)
{
	const int id = abl_carry_column(q, "id");
	bool taken = true;
	int index = 1, rc = abl_carry_check(t, q, err);

	for (int i = 0; i < abl_query_columns(q) && taken && !rc; i++)
		if (i != id)
			taken = set_column(c, t, q, i, out, index++);
	if (rc || !taken)
		return rc;
	rc = abl_query_step(out, err);
	if (rc > 0)
		abl_carry_put(&c->map[t->id], abl_query_int(q, id), abl_query_int(out, 0));
	abl_query_rewind(out);
	if (rc >= 0 && !strcmp(t->name, "attempt"))
		tell_log(c, q);
	return rc < 0 ? rc : 0;
}

int abl_carry_table(struct abl_carry *c, const struct abl_carry_table *t, abl_carry_each *each,
		    struct abl_err *err)
{
	struct abl_query *q = NULL, *out = NULL;
	int rc = abl_query_open(&q, c->from, t->rows, err);

	if (!rc)
		abl_query_set_int(q, 1, c->study);
	rc = rc ? rc : abl_carry_insert(c, t, q, &out, err);
	while (!rc && (rc = abl_query_step(q, err)) == 1)
		rc = each(c, t, q, out, err);
	abl_query_close(q);
	abl_query_close(out);
	return rc;
}
