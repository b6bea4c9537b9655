/* SPDX-License-Identifier: Apache-2.0 */
/* listed.c - one pass over the stages of all trials: SQL's own grouping takes five times as long
 * for 30,000 trials. */
#include "listed.h"

#include "disk_use.h"
#include "sql.h"
#include "store.h"
#include "str.h"

#include <stdlib.h>

struct use { /* a group, which is a study or a variant, has the stage */
	int64_t stage, group, bytes;
	bool trains, dropped;
};

struct group {
	int64_t id;
	int64_t trials, done, failed, own, shared, weights, dropped;
};

struct counts {
	struct abl_store *store;
	struct use *use;
	size_t use_count, use_capacity;
	struct group *group; /* sorted */
	size_t group_count, group_capacity;
	/* the trial that is read */
	int64_t trial, of;
	bool last_plan, any, all_done, any_failed;
};

static struct group *find(const struct counts *c, int64_t id)
{
	size_t low = 0, high = c->group_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (c->group[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->group_count && c->group[low].id == id ? &c->group[low] : NULL;
}

/* ---- what is read ---- */

static void end_trial(struct counts *c)
{
	struct group *g = c->trial && c->last_plan ? find(c, c->of) : NULL;

	if (g) {
		g->trials++;
		g->done += c->any && c->all_done;
		g->failed += !c->all_done && c->any_failed;
	}
	c->trial = 0;
}

/* Columns of a stage. An artefact that `run --code same` has taken over is that of the other. */
#define STAGE                                                                               \
	"iif(s.same_as IS NULL, s.id, coalesce((SELECT o.id FROM stage o WHERE o.key = "    \
	"s.same_as AND o.artifact = s.artifact), s.id)), "                                  \
	"CASE WHEN s.artifact IS NULL THEN 0 ELSE coalesce(s.bytes, -1) END, "              \
	"s.state = 'done' AND (s.code IS NOT NULL OR s.kind IN ('pretrain', 'finetune')), " \
	"s.dropped IS NOT NULL "
enum { ID, BYTES, TRAINS, DROPPED, OTHERS };
enum { TRIAL = OTHERS, GROUP, LAST, OVER, FAILED, TEST };

static void add_use(struct counts *c, const struct abl_query *q, int64_t group)
{
	abl_grow(&c->use, &c->use_capacity, c->use_count + 1, sizeof *c->use);
	c->use[c->use_count++] = (struct use){abl_query_int(q, ID), group, abl_query_int(q, BYTES),
					      abl_query_int(q, TRAINS), abl_query_int(q, DROPPED)};
}

static void take_row(struct counts *c, const struct abl_query *q)
{
	const int64_t trial = abl_query_int(q, TRIAL);

	if (trial != c->trial) {
		end_trial(c);
		c->trial = trial;
		c->of = abl_query_int(q, GROUP);
		c->last_plan = abl_query_int(q, LAST);
		c->any = c->any_failed = false;
		c->all_done = true;
	}
	if (abl_query_type(q, ID) == ABL_COLUMN_NULL)
		return;
	if (!abl_query_int(q, TEST)) {
		c->any = true;
		c->all_done &= abl_query_int(q, OVER);
		c->any_failed |= abl_query_int(q, FAILED);
	}
	add_use(c, q, c->of);
}

static int read_uses(struct counts *c, int64_t study, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(
		&q, abl_store_sql(c->store),
		"SELECT " STAGE ", t.id, iif(?1, iif(t.study_id = ?1, t.variant_id, -t.study_id), "
		"t.study_id), t.plan = y.plan, s.state = 'done' OR s.lost IS NOT NULL, "
		"s.state IN ('failed', 'timed out', 'stopped'), l.role = 'test' "
		"FROM trial t JOIN study y ON y.id = t.study_id "
		"LEFT JOIN trial_stage l ON l.trial_id = t.id "
		"LEFT JOIN stage s ON s.id = l.stage_id ORDER BY t.id",
		err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		take_row(c, q);
	end_trial(c);
	abl_query_close(q);
	return rc;
}

/* Stages by which a value was chosen are the study's, and no variant's. */
static int read_tuning(struct counts *c, int64_t study, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(c->store),
				"SELECT " STAGE ", iif(?1, -1, 1) * u.study_id "
				"FROM tuning_stage u JOIN stage s ON s.id = u.stage_id",
				err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, study);
	while ((rc = abl_query_step(q, err)) == 1)
		add_use(c, q, abl_query_int(q, OTHERS));
	abl_query_close(q);
	return rc;
}

/* ---- what it comes to ---- */

static int by_stage(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->stage != y->stage)
		return x->stage < y->stage ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

/* The size of what an earlier program has made: the database has none. */
static int look(const struct counts *c, struct use *u, struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_open(&q, abl_store_sql(c->store),
				"SELECT artifact FROM stage WHERE id = ?1", err);

	if (rc)
		return rc;
	abl_query_set_int(q, 1, u->stage);
	rc = abl_query_step(q, err);
	if (rc == 1) {
		struct abl_str path = {0};

		abl_str_printf(&path, "%s/%s", abl_store_folder(c->store), abl_query_text(q, 0));
		u->bytes = abl_disk_use(path.text);
		abl_str_finish(&path);
	}
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

/* The uses of one stage, each group once, from `first` to before `end`. */
static void share(struct counts *c, size_t first, size_t end)
{
	const struct use *u = c->use;
	const bool is_shared = u[first].group != u[end - 1].group;
	const int64_t bytes = u[first].bytes;

	for (size_t i = first; i < end; i++) {
		struct group *g = find(c, u[i].group);

		if (!g || (i > first && u[i].group == u[i - 1].group))
			continue;
		if (is_shared)
			g->shared += bytes;
		else
			g->own += bytes;
		g->weights += u[i].trains && !u[i].dropped;
		g->dropped += u[i].trains && u[i].dropped;
	}
}

static int share_all(struct counts *c, struct abl_err *err)
{
	int rc = 0;

	if (c->use_count)
		qsort(c->use, c->use_count, sizeof *c->use, by_stage);
	for (size_t first = 0, end; first < c->use_count && !rc; first = end) {
		for (end = first; end < c->use_count && c->use[end].stage == c->use[first].stage;)
			end++;
		if (c->use[first].bytes < 0)
			rc = look(c, &c->use[first], err);
		share(c, first, end);
	}
	return rc;
}

/* ---- what is listed ---- */

#define STUDIES                                                                               \
	"SELECT y.id, y.name, y.path, CASE "                                                  \
	"WHEN EXISTS (SELECT 1 FROM study_origin o WHERE o.study_id = y.id) THEN 'unpacked' " \
	"WHEN y.path IS NULL AND y.text IS NULL THEN 'loaded' "                               \
	"WHEN char(10) || y.text GLOB '*' || char(10) || 'command:*' "                        \
	"OR char(10) || y.text GLOB '*' || char(10) || 'steps:*' THEN 'program' "             \
	"ELSE 'native' END, "                                                                 \
	"(SELECT max(started) FROM run r WHERE r.study_id = y.id) FROM study y ORDER BY y.id"
#define VARIANTS                                                                \
	"SELECT v.id, v.label, NULL, v.kind, NULL FROM variant v JOIN study y " \
	"ON y.id = v.study_id WHERE y.id = ?1 ORDER BY v.plan < y.plan, v.position, v.id"
enum { ROW_ID, NAME, PATH, MADE, RUN };

static int open_rows(struct abl_query **q, struct abl_store *store, int64_t study,
		     struct abl_err *err)
{
	int rc = abl_query_open(q, abl_store_sql(store), study ? VARIANTS : STUDIES, err);

	if (!rc && study)
		abl_query_set_int(*q, 1, study);
	return rc;
}

static int by_id(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int read_groups(struct counts *c, struct abl_query *q, struct abl_err *err)
{
	int rc;

	while ((rc = abl_query_step(q, err)) == 1) {
		abl_grow(&c->group, &c->group_capacity, c->group_count + 1, sizeof *c->group);
		c->group[c->group_count++] = (struct group){.id = abl_query_int(q, ROW_ID)};
	}
	if (c->group_count)
		qsort(c->group, c->group_count, sizeof *c->group, by_id);
	return rc;
}

static void tell(const struct counts *c, const struct abl_query *q,
		 void (*hear)(void *data, const struct abl_listed *row), void *data)
{
	const struct group *g = find(c, abl_query_int(q, ROW_ID));

	if (g) /* it came while we looked */
		hear(data, &(struct abl_listed){.name = abl_query_text(q, NAME),
						.path = abl_query_text(q, PATH),
						.made = abl_query_text(q, MADE),
						.last_run = abl_query_real(q, RUN),
						.trials = g->trials,
						.done = g->done,
						.failed = g->failed,
						.waiting = g->trials - g->done - g->failed,
						.own = g->own,
						.shared = g->shared,
						.weights = g->weights,
						.dropped = g->dropped});
}

int abl_read_listed(struct abl_store *store, int64_t study,
		    void (*hear)(void *data, const struct abl_listed *row), void *data,
		    struct abl_err *err)
{
	struct counts c = {.store = store};
	struct abl_query *q;
	int rc = open_rows(&q, store, study, err);

	if (rc)
		return rc;
	rc = read_groups(&c, q, err);
	rc = rc ? rc : read_uses(&c, study, err);
	rc = rc ? rc : read_tuning(&c, study, err);
	rc = rc ? rc : share_all(&c, err);
	if (!rc)
		abl_query_rewind(q);
	while (!rc && (rc = abl_query_step(q, err)) == 1) {
		tell(&c, q, hear, data);
		rc = 0;
	}
	abl_query_close(q);
	free(c.use), free(c.group);
	return rc;
}
