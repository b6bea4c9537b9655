/* SPDX-License-Identifier: Apache-2.0 */
#include "standing.h"

#include "files.h"
#include "last_plan.h"
#include "sql.h"
#include "study_query.h"
#include "store.h"
#include "str.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* "rte, baseline, seed 1" */
void abl_standing_name(const struct abl_standing_stage *s, struct abl_str *out)
{
	char seed[32];

	if (s->task)
		abl_str_printf(out, "%s, ", s->task);
	abl_str_puts(out, s->variant ? s->variant : ABL_STANDING_TRIED);
	if (s->variant || s->seed) /* one for all seeds has 0 */
		abl_str_printf(out, ", seed %s", abl_format_seed(s->seed, seed));
}

void abl_standing_logs(int64_t trial, const char *key, struct abl_str *out)
{
	if (trial)
		abl_str_printf(out, "logs %lld", (long long)trial);
	else
		abl_str_printf(out, "logs %.12s", key);
}

/* Columns: task, variant, seed, stage, state, reason, log, trials, step, started, trial, key,
 * attempt, cause, worker. */
static int read(struct abl_store *store, const char *sql, int64_t study, abl_hear_stage *hear,
		void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_standing_stage){
				   .task = abl_query_text(q, 0),
				   .variant = abl_query_text(q, 1),
				   .seed = abl_query_int(q, 2),
				   .stage = abl_query_text(q, 3),
				   .state = abl_query_text(q, 4),
				   .reason = abl_query_text(q, 5),
				   .log = abl_query_text(q, 6),
				   .trials = abl_query_int(q, 7),
				   .step = abl_query_int(q, 8),
				   .started = abl_query_real(q, 9),
				   .trial = abl_query_int(q, 10),
				   .key = abl_query_text(q, 11),
				   .attempt = abl_query_int(q, 12),
				   .cause = abl_query_text(q, 13),
				   .worker = abl_query_text(q, 14),
			   });
	abl_query_close(q);
	return rc;
}

#define LAST_STEP                                                                 \
	"coalesce((SELECT max(m.step) FROM metric m WHERE m.stage_id = s.id AND " \
	"m.attempt = a.number), -1)"

/* Each stage s of a state, with its last attempt a and the first of the study's trials t that have
 * it; none has what tries a value. By few stages to all their trials: a store has many. */
#define STAGES                                                                       \
	"FROM stage s JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt " \
	"LEFT JOIN trial t ON t.id = (SELECT min(o.id) FROM trial_stage l "          \
	"JOIN trial o ON o.id = l.trial_id JOIN study y ON y.id = o.study_id "       \
	"AND y.plan = o.plan AND y.id = ?1 WHERE l.stage_id = s.id) "                \
	"LEFT JOIN variant v ON v.id = t.variant_id "                                \
	"WHERE (t.id IS NOT NULL OR s.id IN (SELECT stage_id FROM tried)) AND "
#define NAMES "t.task, v.label, coalesce(t.seed, s.seed), s.kind, "

int abl_read_running(struct abl_store *store, int64_t study, abl_hear_stage *hear, void *data,
		     struct abl_err *err)
{
	return read(store,
		    "WITH RECURSIVE " ABL_SQL_TRIED_STAGES "SELECT " NAMES
		    "s.state, NULL, a.log, 0, " LAST_STEP
		    ", a.started, t.id, s.key, a.number, NULL, (SELECT name FROM worker w "
		    "WHERE w.id = a.worker) " STAGES "s.state = 'running' "
		    "ORDER BY a.started",
		    study, hear, data, err);
}

int abl_read_paused(struct abl_store *store, int64_t study, abl_hear_stage *hear, void *data,
		    struct abl_err *err)
{
	return read(store,
		    "WITH RECURSIVE " ABL_SQL_TRIED_STAGES "SELECT " NAMES
		    "CASE WHEN a.reason LIKE 'interrupted%' THEN 'interrupted' ELSE a.reason END, "
		    "a.reason, a.log, 0, " LAST_STEP
		    ", a.started, t.id, s.key, a.number, NULL, NULL " STAGES
		    "s.state = 'waiting' AND a.state = 'waiting' ORDER BY a.id",
		    study, hear, data, err);
}

int abl_read_failures(struct abl_store *store, int64_t study, abl_hear_stage *hear, void *data,
		      struct abl_err *err)
{
	return read(store,
		    "WITH RECURSIVE " ABL_SQL_TRIED_STAGES
		    "SELECT f.task, f.variant, f.seed, f.stage, f.state, f.reason, f.log, "
		    "count(*), -1, NULL, min(f.trial), NULL, 0, f.cause, NULL, f.attempt "
		    "FROM failures f JOIN study y ON y.name = f.study "
		    /* what was loaded has no attempts */
		    "WHERE y.id = ?1 GROUP BY f.attempt, iif(f.attempt IS NULL, f.variant || "
		    "char(10) || f.task || char(10) || f.seed, NULL) "
		    "UNION ALL SELECT " NAMES "s.state, s.reason, a.log, 0, -1, NULL, NULL, s.key, "
		    "a.number, s.cause, NULL, a.id " STAGES
		    "t.id IS NULL AND s.state IN ('failed', 'timed out', 'stopped') "
		    "ORDER BY 16",
		    study, hear, data, err);
}

int abl_read_causes(struct abl_store *store, int64_t study,
		    void (*hear)(void *data, const char *cause, int64_t trials), void *data,
		    struct abl_err *err)
{
	struct abl_query *q;
	int rc =
		abl_query_of_study(&q, store,
				   "SELECT cause, count(*) FROM (SELECT f.trial, f.cause FROM "
				   "failures f JOIN study y ON y.name = f.study WHERE y.id = ?1 "
				   "GROUP BY f.trial) GROUP BY cause ORDER BY count(*) DESC, cause",
				   study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0), abl_query_int(q, 1));
	abl_query_close(q);
	return rc;
}

/* The file of an unpacked study lies in the store, wherever that is now and from wherever it was
 * run. */
static void find_file(struct abl_store *store, const char *name, const char *path,
		      struct abl_str *out)
{
	struct abl_str below = {0};
	const char *at;

	abl_str_printf(&below, "unpacked/%s/study/", name);
	at = path ? strstr(path, below.text) : NULL;
	if (at)
		abl_str_printf(out, "%s/%s", abl_store_folder(store), at);
	if (!at || !abl_file_exists(out->text))
		abl_str_clear(out);
	abl_str_finish(&below);
}

int abl_read_file_record(struct abl_store *store, int64_t study, struct abl_file_record *out,
			 struct abl_err *err)
{
	struct abl_str file = {0};
	struct abl_query *q;
	int rc = abl_query_of_study(
		&q, store,
		"SELECT path, text, name, EXISTS (SELECT 1 FROM study_origin o WHERE o.study_id = "
		"y.id) FROM study y WHERE id = ?1",
		study, err);

	*out = (struct abl_file_record){0};
	if (rc)
		return rc;
	rc = abl_query_step(q, err);
	if (rc == 1) {
		const char *path = abl_query_text(q, 0), *text = abl_query_text(q, 1);

		if (abl_query_int(q, 3))
			find_file(store, abl_query_text(q, 2), path, &file);
		path = file.length ? file.text : path;
		out->path = path ? abl_strdup(path) : NULL;
		out->text = text ? abl_strdup(text) : NULL;
	}
	abl_query_close(q);
	abl_str_finish(&file);
	return rc < 0 ? rc : 0;
}

void abl_file_record_finish(struct abl_file_record *r)
{
	free(r->path), free(r->text);
	*r = (struct abl_file_record){0};
}

int abl_read_standing(struct abl_store *store, int64_t study,
		      void (*hear)(void *data, const struct abl_standing *standing), void *data,
		      struct abl_err *err)
{
	static const char sql[] =
		"WITH RECURSIVE " ABL_SQL_ITS_STAGES "SELECT y.about, "
		"(SELECT argv FROM run WHERE study_id = y.id ORDER BY id DESC LIMIT 1), "
		"(SELECT group_concat(n || ' ' || state, ', ') FROM (SELECT state, count(*) AS n "
		"FROM trial_states WHERE study_id = y.id GROUP BY state ORDER BY state)), "
		"(SELECT count(*) FROM variant v WHERE v.study_id = y.id AND v.plan = y.plan), "
		"(SELECT count(DISTINCT t.task) FROM trial t WHERE t.study_id = y.id AND t.plan = "
		"y.plan), "
		"(SELECT count(DISTINCT t.seed) FROM trial t WHERE t.study_id = y.id AND t.plan = "
		"y.plan), "
		"(SELECT sum(s.seconds) FROM stage s WHERE s.id IN (SELECT stage_id FROM its)) "
		"FROM study y WHERE y.id = ?1";
	struct abl_file_record file;
	struct abl_query *q;
	int rc = abl_read_file_record(store, study, &file, err);

	rc = rc ? rc : abl_query_of_study(&q, store, sql, study, err);
	if (rc)
		goto fail;
	rc = abl_query_step(q, err);
	if (rc == 1)
		hear(data, &(struct abl_standing){
				   .path = file.path,
				   .text = file.text,
				   .about = abl_query_text(q, 0),
				   .typed = abl_query_text(q, 1),
				   .trials = abl_query_text(q, 2),
				   .variants = abl_query_int(q, 3),
				   .tasks = abl_query_int(q, 4),
				   .seeds = abl_query_int(q, 5),
				   .seconds = abl_query_real(q, 6),
			   });
	abl_query_close(q);
fail:
	abl_file_record_finish(&file);
	return rc < 0 ? rc : 0;
}
