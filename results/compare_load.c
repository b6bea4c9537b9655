/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_load.h"

#include "sql.h"
#include "store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char task_sql[] =
	"SELECT y.name, k.name, k.metric, k.split, k.label, k.lower_is_better FROM task k "
	"JOIN study y ON y.id = k.study_id WHERE k.study_id = ?1 AND k.name = ?2";

/* A row per trial. What the majority predictor gets is another result, unless the metric decides
 * it. A metric that a done trial told without a value was NaN there. */
static const char trials_sql[] =
	"SELECT t.variant, v.kind, v.subject, t.seed, t.state, t.diverged,"
	" max(r.value) FILTER (WHERE r.name = ?3),"
	" CASE ?3 WHEN 'accuracy' THEN max(r.value) FILTER (WHERE r.name = 'majority')"
	" WHEN 'matthews' THEN 0 WHEN 'pearson' THEN 0 WHEN 'spearman' THEN 0"
	" ELSE max(r.value) FILTER (WHERE r.name = ?3 || '_majority') END,"
	" max(r.value) FILTER (WHERE r.name = 'examples'),"
	" max(r.value) FILTER (WHERE r.name = 'predicted_classes'),"
	" count(*) FILTER (WHERE r.name = ?3),"
	" (SELECT min(p.stage_id) FROM trial_stage p"
	"  WHERE p.trial_id = t.trial_id AND p.role = 'pretrain'),"
	" (SELECT sum(s.seconds) FROM trial_stage p JOIN stage s ON s.id = p.stage_id"
	"  WHERE p.trial_id = t.trial_id AND p.role IN ('pretrain', 'finetune')) "
	"FROM trial_states t JOIN variant v ON v.id = t.variant_id "
	"LEFT JOIN trial_stage l ON l.trial_id = t.trial_id AND l.role = 'evaluate' "
	"LEFT JOIN result r ON r.stage_id = l.stage_id "
	"WHERE t.study_id = ?1 AND t.task = ?2 "
	"GROUP BY t.trial_id ORDER BY t.position, t.variant_id, t.seed";

/* clang-format off */
enum trial_column {
	VARIANT, KIND, SUBJECT, SEED, STATE, DIVERGED,
	VALUE, MAJORITY, EXAMPLES, CLASSES, TOLD, PRETRAINING, SECONDS
};
/* clang-format on */

static const char tasks_sql[] =
	"SELECT k.name FROM task k JOIN study y ON y.id = k.study_id WHERE k.study_id = ?1 "
	"AND EXISTS (SELECT 1 FROM trial t WHERE t.study_id = ?1 AND t.task = k.name "
	"AND t.plan = y.plan) ORDER BY k.position";

static const char variants_sql[] =
	"SELECT v.label FROM variant v JOIN study y ON y.id = v.study_id "
	"WHERE v.study_id = ?1 AND v.plan = y.plan ORDER BY v.position";

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

void abl_arm_copy(struct abl_arm *out, const struct abl_arm *in)
{
	*out = *in;
	out->label = copy(in->label);
	out->subject = copy(in->subject);
}

void abl_arm_finish(struct abl_arm *a)
{
	free(a->label);
	free(a->subject);
}

void abl_loaded_finish(struct abl_loaded *l)
{
	for (size_t i = 0; i < l->count; i++) {
		abl_arm_finish(&l->arms[i].arm);
		free(l->arms[i].runs);
	}
	free(l->arms);
	*l = (struct abl_loaded){0};
}

/* ---- names ---- */

/* The query's first column, ended by NULL. */
static int names(char ***out, struct abl_store *store, const char *sql, int64_t study,
		 struct abl_err *err)
{
	size_t count = 0, capacity = 0;
	struct abl_query *q;
	int code;

	*out = NULL;
	code = abl_query_open(&q, abl_store_sql(store), sql, err);
	if (code)
		return code;
	abl_query_set_int(q, 1, study);
	abl_grow(out, &capacity, 1, sizeof **out);
	while ((code = abl_query_step(q, err)) == 1) {
		(*out)[count++] = abl_strdup(abl_query_text(q, 0));
		abl_grow(out, &capacity, count + 1, sizeof **out);
	}
	abl_query_close(q);
	(*out)[count] = NULL;
	if (code)
		abl_names_destroy(*out);
	return code;
}

int abl_compare_tasks(char ***out, struct abl_store *store, int64_t study, struct abl_err *err)
{
	return names(out, store, tasks_sql, study, err);
}

void abl_names_destroy(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static const char *name_at(size_t i, const void *data)
{
	return ((char *const *)data)[i];
}

static int unknown(const char *what, const char *name, char **list, struct abl_err *err)
{
	struct abl_str all = {0};
	const char *near;
	size_t n = 0;
	int code;

	for (; list[n]; n++)
		abl_str_printf(&all, "%s'%s'", n ? ", " : "", list[n]);
	near = abl_nearest(name, n, name_at, list);
	if (near)
		code = abl_err_set(err, ABL_EINPUT, "the study has no %s '%s'; did you mean '%s'?",
				   what, name, near);
	else
		code = abl_err_set(err, ABL_EINPUT, "the study has no %s '%s'; it has %.800s", what,
				   name, n ? all.text : "none");
	abl_str_finish(&all);
	return code;
}

static int no_such(struct abl_store *store, int64_t study, const char *what, const char *sql,
		   const char *name, struct abl_err *err)
{
	char **list;
	int code = names(&list, store, sql, study, err);

	if (code)
		return code;
	code = unknown(what, name, list, err);
	abl_names_destroy(list);
	return code;
}

int abl_compare_no_variant(struct abl_store *store, int64_t study, const char *label,
			   struct abl_err *err)
{
	return no_such(store, study, "variant", variants_sql, label, err);
}

/* ---- trials ---- */

struct average { /* over trials: what differs between them is rare */
	double sum;
	int count;
};

static void average_add(struct average *a, const struct abl_query *q, int column)
{
	if (abl_query_type(q, column) == ABL_COLUMN_NULL)
		return;
	a->sum += abl_query_real(q, column);
	a->count++;
}

static double average_of(const struct average *a)
{
	return a->count ? a->sum / a->count : NAN;
}

/* One that we do not know is any change. */
static enum abl_variant_kind kind_of(const char *name)
{
	int kind = name ? abl_variant_kind_find(name) : -1;

	return kind < 0 ? ABL_VARIANT_LIST : (enum abl_variant_kind)kind;
}

static struct abl_loaded_arm *arm_of(struct abl_loaded *l, const struct abl_query *q)
{
	const char *label = abl_query_text(q, VARIANT);

	if (!l->count || strcmp(l->arms[l->count - 1].arm.label, label)) {
		abl_grow(&l->arms, &l->capacity, l->count + 1, sizeof *l->arms);
		l->arms[l->count++] = (struct abl_loaded_arm){
			.arm = {.label = copy(label),
				.kind = kind_of(abl_query_text(q, KIND)),
				.subject = copy(abl_query_text(q, SUBJECT))},
		};
	}
	return &l->arms[l->count - 1];
}

static void load_trial(struct abl_loaded *l, const struct abl_query *q)
{
	int state = abl_state_find(abl_query_text(q, STATE));
	struct abl_loaded_arm *a = arm_of(l, q);
	struct abl_loaded_run run = {
		.seed = abl_query_int(q, SEED),
		.pretraining = abl_query_int(q, PRETRAINING),
		.diverged = state == ABL_FAILED && abl_query_int(q, DIVERGED),
		.one_class = abl_query_int(q, CLASSES) == 1,
		.value = state == ABL_DONE ? abl_query_real(q, VALUE) : NAN,
		.seconds = abl_query_real(q, SECONDS),
	};

	run.undefined = state == ABL_DONE && abl_query_int(q, TOLD) && isnan(run.value);
	run.done = run.undefined || !isnan(run.value);
	a->arm.planned++;
	a->arm.done += run.done;
	a->arm.diverged += run.diverged;
	a->arm.pending += state == ABL_WAITING || state == ABL_RUNNING;
	abl_grow(&a->runs, &a->capacity, a->count + 1, sizeof *a->runs);
	a->runs[a->count++] = run;
}

static int load_task(struct abl_comparison *c, struct abl_store *store, int64_t study,
		     const char *task, struct abl_err *err)
{
	struct abl_query *q;
	int code = abl_query_open(&q, abl_store_sql(store), task_sql, err);

	if (code)
		return code;
	abl_query_set_int(q, 1, study);
	abl_query_set_text(q, 2, task);
	code = abl_query_step(q, err);
	if (code == 1) {
		c->study = copy(abl_query_text(q, 0));
		c->task = copy(abl_query_text(q, 1));
		c->metric = copy(abl_query_text(q, 2));
		c->split = copy(abl_query_text(q, 3));
		c->label = copy(abl_query_text(q, 4));
		c->lower_is_better = abl_query_int(q, 5);
	}
	abl_query_close(q);
	if (!code)
		return no_such(store, study, "task", tasks_sql, task, err);
	return code < 0 ? code : 0;
}

int abl_compare_load(struct abl_loaded *out, struct abl_comparison *c, struct abl_store *store,
		     int64_t study, const char *task, struct abl_err *err)
{
	struct average majority = {0}, examples = {0};
	struct abl_query *q;
	int code = load_task(c, store, study, task, err);

	code = code ? code : abl_query_open(&q, abl_store_sql(store), trials_sql, err);
	if (code)
		return code;
	abl_query_set_int(q, 1, study);
	abl_query_set_text(q, 2, task);
	abl_query_set_text(q, 3, c->metric);
	while ((code = abl_query_step(q, err)) == 1) {
		load_trial(out, q);
		average_add(&majority, q, MAJORITY);
		average_add(&examples, q, EXAMPLES);
	}
	abl_query_close(q);
	c->majority = average_of(&majority);
	c->examples = average_of(&examples);
	return code;
}
