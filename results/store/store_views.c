/* SPDX-License-Identifier: Apache-2.0 */
/* store_views.c - makes the views: those of views.sql, and the wide view `trials`: one row per
 * trial, a column for every option that varies in some study and for every final metric. A view is
 * made only where the database has not the same text already. */
#include "store_db.h"

#include "hash.h"
#include "str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

extern const char abl_file_views_sql[];

/* What does not fit any more is in trial_metrics and variant_option. */
enum { MOST_COLUMNS = 500 };

/* Columns that are always there, the last one what commands name a trial by; the seeds of
 * pre-training and fine-tuning where a study crosses them (the plan's ABL_PLAN_CROSSED). An option
 * or metric of the same name gets a suffix; so does one that is called as a truth value, which
 * SQLite takes for no name. */
static const char head[] =
	"CREATE VIEW trials AS\nSELECT t.study, t.variant, t.task, t.seed,\n"
	"\tCASE WHEN t.seed > 1000000 THEN t.seed / 1000000 END AS pretrain_seed,\n"
	"\tCASE WHEN t.seed > 1000000 THEN t.seed % 1000000 END AS finetune_seed,\n"
	"\tt.state, t.seconds,\n"
	"\t(SELECT s.cause FROM trial_stage l JOIN stage s ON s.id = l.stage_id "
	"WHERE l.trial_id = t.trial_id AND s.reason IS NOT NULL LIMIT 1) AS cause,\n"
	"\t(SELECT s.reason FROM trial_stage l JOIN stage s ON s.id = l.stage_id "
	"WHERE l.trial_id = t.trial_id AND s.reason IS NOT NULL LIMIT 1) AS reason,\n"
	"\tt.trial_id AS trial";
static const char *const taken[] = {"study",         "variant",       "task",  "seed",
				    "pretrain_seed", "finetune_seed", "state", "seconds",
				    "cause",         "reason",        "trial"};

/* How it ends, behind a hash of all that comes before. */
#define SUM "\n-- "
static const char end[] =
	"\nFROM trial_states t\nORDER BY t.study_id, t.position, t.variant_id, t.task, "
	"t.seed";

static const char varying[] = "SELECT DISTINCT name FROM varying_options ORDER BY name";

/* Final metrics with the role of their stage; those of the score itself first. Of too many ones the
 * first ?1, main ones before others. */
#define MEASURED                                                                        \
	"SELECT DISTINCT r.name, iif(l.role GLOB 'step *', 'evaluate', l.role) AS of, " \
	"r.name IN (SELECT metric FROM task) AND l.role = 'evaluate' AS main "          \
	"FROM result r JOIN trial_stage l ON l.stage_id = r.stage_id "                  \
	"WHERE l.role NOT GLOB 'repeat*'"
static const char measured[] =
	"SELECT name, of FROM (SELECT name, of, row_number() OVER (ORDER BY max(main) DESC, "
	"of <> 'evaluate', of, name) AS place FROM (" MEASURED ") GROUP BY name, of) "
	"WHERE place <= ?1 ORDER BY of <> 'evaluate', of, name";
static const char mains[] = "SELECT count(DISTINCT name) FROM (" MEASURED ") WHERE main";

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

	if (!strcasecmp(name, "true") || !strcasecmp(name, "false"))
		return true;
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
		"WHERE l.trial_id = t.trial_id AND (l.role = ");
	add_quoted(out, role, '\'');
	if (is_score)
		abl_str_puts(out, " OR l.role GLOB 'step *'");
	abl_str_puts(out, ")");
	abl_str_puts(out, " AND r.name = ");
	add_quoted(out, name, '\'');
	abl_str_puts(out, is_score ? " LIMIT 1)" : ")");
	add_name(out, names, prefix.text ? prefix.text : "", name, "_result");
	abl_str_finish(&prefix);
}

static int add_options(struct abl_store *s, struct abl_str *out, struct abl_str *names,
		       int64_t *room, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, s->sql, varying, err);

	if (rc)
		return rc;
	for (; *room && (rc = abl_query_step(q, err)) == 1; --*room)
		add_option(out, names, abl_query_text(q, 0));
	abl_query_close(q);
	return rc > 0 ? 0 : rc;
}

static int add_metrics(struct abl_store *s, struct abl_str *out, struct abl_str *names,
		       int64_t room, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, s->sql, measured, err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, room);
	while ((rc = abl_query_step(q, err)) == 1)
		add_metric(out, names, abl_query_text(q, 0), abl_query_text(q, 1));
	abl_query_close(q);
	return rc;
}

static int write_trials(struct abl_store *s, struct abl_str *out, struct abl_err *err)
{
	char sum[ABL_HASH_TEXT];
	struct abl_str names = {0};
	int64_t room = MOST_COLUMNS - sizeof taken / sizeof *taken, main = 0;
	int rc = abl_sql_get(s->sql, &main, err, mains, "");

	if (rc < 0)
		return rc;
	main = main < room ? main : room; /* whatever the number of options */
	room -= main;
	abl_str_puts(out, head);
	rc = add_options(s, out, &names, &room, err);
	rc = rc ? rc : add_metrics(s, out, &names, room + main, err);
	abl_hash_bytes(out->text, out->length, sum);
	abl_str_printf(out, SUM "%s%s", sum, end);
	abl_str_finish(&names);
	return rc;
}

/* A bit that a disk flips in the text of the wide view can make it show another number. To make it
 * anew only to compare takes long; so it carries a hash of itself. One without is of an earlier
 * program. */
static int look_at_trials(struct abl_store *s, bool *same, struct abl_err *err)
{
	struct abl_query *q;
	char sum[ABL_HASH_TEXT] = "";
	const char *text, *at;
	int rc = abl_query_open(&q, s->sql, "SELECT sql FROM sqlite_schema WHERE name = 'trials'",
				err);

	if (rc)
		return rc;
	rc = abl_query_step(q, err);
	text = rc == 1 ? abl_query_text(q, 0) : NULL;
	at = text ? strstr(text, SUM) : NULL;
	if (at)
		abl_hash_bytes(text, (size_t)(at - text), sum);
	/* with neither its mark nor its end as they are written it is damaged, too */
	if (at && (strncmp(at + strlen(SUM), sum, strlen(sum)) != 0 ||
		   strcmp(at + strlen(SUM) + strlen(sum), end) != 0))
		*same = false;
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

/* Clears *same unless the view is there with that text. */
static int has_view(struct abl_store *s, const char *name, const char *sql, bool *same,
		    struct abl_err *err)
{
	int64_t count = 0;
	int rc = abl_sql_get(
		s->sql, &count, err,
		"SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name = ? AND sql = ?",
		"tt", name, sql);

	*same = *same && count;
	return rc < 0 ? rc : 0;
}

/* Makes the view unless it is there with that text. */
static int put_view(struct abl_store *s, const char *name, const char *sql, struct abl_err *err)
{
	struct abl_str drop = {0};
	bool same = true;
	int rc = has_view(s, name, sql, &same, err);

	if (rc || same)
		return rc;
	abl_str_puts(&drop, "DROP VIEW IF EXISTS ");
	add_quoted(&drop, name, '"');
	abl_str_printf(&drop, ";\n%s", sql);
	rc = abl_sql_script(s->sql, drop.text, err);
	abl_str_finish(&drop);
	return rc;
}

/* Goes through the views of views.sql, as SQLite keeps their text. With `same`, only looks whether
 * s has them; otherwise makes them in s. */
static int each_view(struct abl_store *s, bool *same, struct abl_err *err)
{
	struct abl_sql *wanted = NULL;
	struct abl_query *q = NULL;
	int rc = abl_sql_open_memory(&wanted, err);

	rc = rc ? rc : abl_sql_script(wanted, abl_file_views_sql, err);
	rc = rc ? rc
		: abl_query_open(&q, wanted, "SELECT name, sql FROM sqlite_schema ORDER BY rowid",
				 err);
	while (!rc && (rc = abl_query_step(q, err)) == 1)
		rc = same ? has_view(s, abl_query_text(q, 0), abl_query_text(q, 1), same, err)
			  : put_view(s, abl_query_text(q, 0), abl_query_text(q, 1), err);
	abl_query_close(q);
	abl_sql_close(wanted);
	return rc;
}

int abl_store_views_same(struct abl_store *s, bool *same, struct abl_err *err)
{
	int rc;

	*same = true;
	rc = each_view(s, same, err);
	return rc || !*same ? rc : look_at_trials(s, same, err);
}

int abl_store_refresh_views(struct abl_store *s, struct abl_err *err)
{
	struct abl_str sql = {0};
	int rc = abl_sql_enter(s->sql, err);

	if (rc)
		return rc;
	rc = each_view(s, NULL, err);
	rc = rc ? rc : write_trials(s, &sql, err);
	rc = rc ? rc : put_view(s, "trials", sql.text, err);
	abl_str_finish(&sql);
	return abl_sql_leave(s->sql, rc, err);
}
