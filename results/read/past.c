/* SPDX-License-Identifier: Apache-2.0 */
#include "past.h"

#include "sql.h"
#include "store.h"

/* An earlier program has not measured processor seconds. */
#define TOOK                                                                       \
	"avg(" COST "), avg(s.seconds), avg(coalesce(s.cpu_seconds, s.seconds)), " \
	"max(s.peak_memory), coalesce(a.threads, 0), count(*), "                   \
	"iif(count(s.rated) = count(*), avg(s.rated), NULL), avg(s.bytes) "
#define COST "iif(s.cost > 0, s.cost, 1)" /* of a user's program none is known */
#define DONE "s.state = 'done' AND s.seconds > 0 "
#define ITS_ATTEMPT "LEFT JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt "

static int hear_costs(struct abl_query *q, abl_past_hear *hear, void *data, struct abl_err *err)
{
	int rc;

	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_past_cost){.kind = abl_query_text(q, 0),
						   .variant = abl_query_text(q, 1),
						   .task = abl_query_text(q, 2),
						   .cost = abl_query_real(q, 3),
						   .seconds = abl_query_real(q, 4),
						   .cpu_seconds = abl_query_real(q, 5),
						   .memory = abl_query_real(q, 6),
						   .threads = abl_query_int(q, 7),
						   .count = abl_query_int(q, 8),
						   .rated = abl_query_real(q, 9),
						   .disk = abl_query_real(q, 10)});
	abl_query_close(q);
	return rc;
}

int abl_read_past_costs(struct abl_store *store, abl_past_hear *hear, void *data,
			struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				"SELECT s.kind, NULL, NULL, " TOOK "FROM stage s " ITS_ATTEMPT
				"WHERE " DONE "AND s.cost > 0 GROUP BY s.kind, s.cost, a.threads",
				err);

	return rc ? rc : hear_costs(q, hear, data, err);
}

#define OF_STUDIES                                                                       \
	"SELECT s.kind, v.label, t.task, " TOOK                                          \
	"FROM study y JOIN variant v ON v.study_id = y.id JOIN trial t ON t.variant_id " \
	"= v.id JOIN trial_stage l ON l.trial_id = t.id JOIN stage s ON s.id = "         \
	"l.stage_id " ITS_ATTEMPT "WHERE " DONE
#define ALIKE " GROUP BY v.id, t.task, s.kind, a.threads"

int abl_read_study_costs(struct abl_store *store, const char *study, const char *codes,
			 abl_past_hear *hear, void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store),
				codes ? OF_STUDIES
					"AND (y.name = ?1 OR (s.code IS NOT NULL AND "
					"instr(?2, char(10) || s.code || char(10))))" ALIKE
				      : OF_STUDIES "AND y.name = ?1" ALIKE,
				err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, study);
	if (codes)
		abl_query_set_text(q, 2, codes);
	return hear_costs(q, hear, data, err);
}

/* "\nrte\taccuracy\n": what ?1 and ?2 below list, the second those of which less is better. */
static void list_tasks(const struct abl_past_task *tasks, size_t count, bool lower,
		       struct abl_str *out)
{
	abl_str_puts(out, "\n");
	for (size_t i = 0; i < count; i++)
		if (!lower || tasks[i].lower_is_better)
			abl_str_printf(out, "%s\t%s\n", tasks[i].name, tasks[i].metric);
}

#define IS_IN(list) "instr(" list ", char(10) || task || char(9) || metric || char(10))"
static const char spread_sql[] =
	/* the trials' values, turned so that more is better */
	"WITH m AS MATERIALIZED (SELECT study, study_id, variant_id, is_baseline, task, seed, "
	"iif(" IS_IN("?2") ", -value, value) AS value FROM trial_metrics WHERE " IS_IN(
		"?1") "), "
		      /* differences of units, on each task and over them */
		      "d AS (SELECT a.study, a.variant_id, a.task, "
		      "iif(a.seed > 1000000, a.seed / 1000000, a.seed) AS unit, avg(a.value - "
		      "b.value) AS d "
		      "FROM m a JOIN m b ON b.is_baseline AND b.study_id = a.study_id AND b.task = "
		      "a.task "
		      "AND b.seed = a.seed WHERE NOT a.is_baseline AND a.value - b.value IS NOT "
		      "NULL "
		      "GROUP BY a.variant_id, a.task, unit), "
		      "u AS (SELECT study, variant_id, avg(d) AS d FROM d GROUP BY variant_id, "
		      "unit "
		      "HAVING count(*) = ?3), "
		      "c AS (SELECT *, d - avg(d) OVER (PARTITION BY variant_id) AS c FROM u), "
		      "s AS (SELECT study, count(*) AS n, sum(c * c) / (count(*) - 1) AS v FROM c "
		      "GROUP BY variant_id HAVING n > 1 AND v > 1e-18) "
		      "SELECT study, sqrt(avg(v)) FROM s GROUP BY study ORDER BY study = ?4 DESC, "
		      "sum(n) DESC "
		      "LIMIT 1";

int abl_read_past_spread(struct abl_store *store, const char *study,
			 const struct abl_past_task *tasks, size_t count, double *sd,
			 struct abl_str *from, struct abl_err *err)
{
	struct abl_str all = {0}, lower = {0};
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(store), spread_sql, err);

	if (rc)
		return rc;
	list_tasks(tasks, count, false, &all);
	list_tasks(tasks, count, true, &lower);
	abl_query_set_text(q, 1, all.text);
	abl_query_set_text(q, 2, lower.text);
	abl_query_set_int(q, 3, (int64_t)count);
	abl_query_set_text(q, 4, study);
	rc = abl_query_step(q, err);
	if (rc == 1) {
		*sd = abl_query_real(q, 1);
		abl_str_clear(from);
		abl_str_puts(from, abl_query_text(q, 0));
	}
	abl_query_close(q);
	abl_str_finish(&all), abl_str_finish(&lower);
	return rc;
}

int abl_read_sharing(struct abl_store *store, const char *study, const char *const *keys,
		     size_t count, void (*hear)(void *data, size_t key, const char *name),
		     void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT DISTINCT y.name FROM stage s JOIN trial_stage l ON l.stage_id = s.id "
		"JOIN trial t ON t.id = l.trial_id "
		"JOIN study y ON y.id = t.study_id AND y.plan = t.plan "
		"WHERE s.key = ?1 AND y.name <> ?2",
		err);

	if (rc)
		return rc;
	for (size_t i = 0; i < count && rc >= 0; i++) {
		abl_query_rewind(q);
		abl_query_set_text(q, 1, keys[i]);
		abl_query_set_text(q, 2, study);
		while ((rc = abl_query_step(q, err)) == 1)
			hear(data, i, abl_query_text(q, 0));
	}
	abl_query_close(q);
	return rc;
}

int abl_read_stored_trials(struct abl_store *store, const char *study,
			   void (*hear)(void *data, const struct abl_stored_trial *trial),
			   void *data, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(store),
		"SELECT v.label, t.task, t.seed, (SELECT s.key FROM trial_stage l "
		"JOIN stage s ON s.id = l.stage_id AND (s.state = 'done' OR s.lost IS NOT NULL) "
		"WHERE l.trial_id = t.id AND l.role = 'evaluate') FROM study y "
		"JOIN variant v ON v.study_id = y.id AND v.plan = y.plan "
		"JOIN trial t ON t.variant_id = v.id AND t.plan = y.plan "
		"WHERE y.name = ?1 ORDER BY v.position, v.id, t.task, t.seed",
		err);

	if (rc)
		return rc;
	abl_query_set_text(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, &(struct abl_stored_trial){.variant = abl_query_text(q, 0),
						      .task = abl_query_text(q, 1),
						      .seed = abl_query_int(q, 2),
						      .scored = abl_query_text(q, 3)});
	abl_query_close(q);
	return rc;
}
