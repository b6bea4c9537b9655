/* SPDX-License-Identifier: Apache-2.0 */
/* store_views.c - makes the wide view `trials`: one row per trial, a column for every option that
 * varies in some study and for every final metric. */
#include "store_db.h"

#include "str.h"

#include <string.h>
#include <strings.h>

/* Columns that are always there; an option or metric of the same name gets a suffix. */
static const char head[] =
	"CREATE VIEW trials AS\nSELECT t.study, t.variant, t.task, t.seed, t.state, t.seconds,\n"
	"\t(SELECT s.reason FROM trial_stage l JOIN stage s ON s.id = l.stage_id "
	"WHERE l.trial_id = t.trial_id AND s.reason IS NOT NULL LIMIT 1) AS reason";
static const char *const taken[] = {"study", "variant", "task",  "seed",
				    "state", "seconds", "reason"};

/* Options with two values in a study's last plan. One that some variants do not have (an option of
 * a component that others lack) does not vary by that alone. */
static const char varying[] =
	"SELECT DISTINCT name FROM (SELECT o.name FROM study y "
	"JOIN variant v ON v.study_id = y.id AND v.plan = y.plan "
	"JOIN variant_option o ON o.variant_id = v.id "
	"GROUP BY y.id, o.name HAVING count(DISTINCT o.canonical) > 1) ORDER BY name";

/* Final metrics with the role of their stage; those of the score itself first. */
static const char measured[] = "SELECT DISTINCT r.name, l.role FROM result r JOIN trial_stage l ON "
			       "l.stage_id = r.stage_id "
			       "ORDER BY l.role <> 'evaluate', l.role, r.name";

/* Appends text with every `quote` doubled, between two of them. */
static void add_quoted(struct abl_str *out, const char *text, char quote)
{
	abl_str_add(out, &quote, 1);
	for (; *text; text++) {
		abl_str_add(out, text, 1);
		if (*text == quote)
			abl_str_add(out, text, 1);
	}
	abl_str_add(out, &quote, 1);
}

/* Names used so far, each after a newline; SQLite compares column names without case. */
static bool is_taken(const struct abl_str *names, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (!strcasecmp(taken[i], name))
			return true;
	for (const char *p = names->text; p && (p = strchr(p, '\n')); p++)
		if (!strncasecmp(p + 1, name, n) && (p[n + 1] == '\n' || !p[n + 1]))
			return true;
	return false;
}

static void add_name(struct abl_str *out, struct abl_str *names, const char *prefix,
		     const char *name, const char *suffix)
{
	struct abl_str full = {0};

	abl_str_printf(&full, "%s%s", prefix, name);
	while (is_taken(names, full.text))
		abl_str_puts(&full, suffix);
	abl_str_printf(names, "\n%s", full.text);
	abl_str_puts(out, " AS ");
	add_quoted(out, full.text, '"');
	abl_str_finish(&full);
}

static void add_option(struct abl_str *out, struct abl_str *names, const char *name)
{
	abl_str_puts(out, ",\n\t(SELECT coalesce(o.int_value, o.real_value, o.text_value) "
			  "FROM variant_option o WHERE o.variant_id = t.variant_id AND o.name = ");
	add_quoted(out, name, '\'');
	abl_str_puts(out, " AND o.task IN ('', t.task) ORDER BY o.task DESC LIMIT 1)");
	add_name(out, names, "", name, "_option");
}

static void add_metric(struct abl_str *out, struct abl_str *names, const char *name,
		       const char *role)
{
	bool is_score = !strcmp(role, "evaluate");
	struct abl_str prefix = {0};

	if (!is_score)
		abl_str_printf(&prefix, "%s_", role);
	abl_str_puts(
		out,
		",\n\t(SELECT r.value FROM trial_stage l JOIN result r ON r.stage_id = l.stage_id "
		"WHERE l.trial_id = t.trial_id AND l.role = ");
	add_quoted(out, role, '\'');
	abl_str_puts(out, " AND r.name = ");
	add_quoted(out, name, '\'');
	abl_str_puts(out, ")");
	add_name(out, names, prefix.text ? prefix.text : "", name, "_result");
	abl_str_finish(&prefix);
}

static int write_view(struct abl_store *s, struct abl_str *out, struct abl_err *err)
{
	struct abl_query *q = NULL;
	struct abl_str names = {0};
	int code;

	abl_str_puts(out, head);
	code = abl_query_open(&q, s, varying, err);
	while (!code && (code = abl_query_step(q, err)) == 1) {
		add_option(out, &names, abl_query_text(q, 0));
		code = 0;
	}
	abl_query_close(q);
	q = NULL;
	if (!code)
		code = abl_query_open(&q, s, measured, err);
	while (!code && (code = abl_query_step(q, err)) == 1) {
		add_metric(out, &names, abl_query_text(q, 0), abl_query_text(q, 1));
		code = 0;
	}
	abl_query_close(q);
	abl_str_puts(out, "\nFROM trial_states t\nORDER BY t.study_id, t.position, t.variant_id, "
			  "t.task, t.seed");
	abl_str_finish(&names);
	return code;
}

int abl_store_refresh_views(struct abl_store *s, struct abl_err *err)
{
	struct abl_str sql = {0}, drop = {0};
	int64_t same = 0;
	int code = abl_store_enter(s, err);

	if (code)
		return code;
	code = write_view(s, &sql, err);
	if (!code)
		code = abl_store_get(s, &same, err,
				     "SELECT count(*) FROM sqlite_schema WHERE name = 'trials' "
				     "AND sql = ?",
				     "t", sql.text);
	if (code >= 0 && !same) {
		abl_str_printf(&drop, "DROP VIEW IF EXISTS trials;\n%s", sql.text);
		code = abl_store_script(s, drop.text, err);
	}
	abl_str_finish(&sql);
	abl_str_finish(&drop);
	return abl_store_leave(s, code < 0 ? code : 0, err);
}
