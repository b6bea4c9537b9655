/* SPDX-License-Identifier: Apache-2.0 */
#include "trials.h"

#include "counted_sql.h"
#include "last_plan.h"
#include "sql.h"
#include "study_query.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

static const char task_sql[] =
	"SELECT y.name, k.name, k.metric, k.split, " ABL_SQL_LABEL
	", k.lower_is_better FROM " ABL_SQL_TASKS
	"WHERE replace(replace(lower(k.name), '-', ''), '_', '') ="
	" replace(replace(lower(?2), '-', ''), '_', '') ORDER BY k.name = ?2 DESC LIMIT 1";

int abl_read_task(struct abl_store *store, int64_t study, const char *task,
		  void (*hear)(void *data, const struct abl_read_task *task), void *data,
		  struct abl_err *err)
{
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, task_sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	rc = abl_query_step(q, err);
	if (rc == 1)
		hear(data, &(struct abl_read_task){.study = abl_query_text(q, 0),
						   .name = abl_query_text(q, 1),
						   .metric = abl_query_text(q, 2),
						   .split = abl_query_text(q, 3),
						   .label = abl_query_text(q, 4),
						   .lower_is_better = abl_query_int(q, 5)});
	abl_query_close(q);
	return rc;
}

/* A row per trial. What the majority predictor gets is another result, unless the metric decides
 * it; what a user's own program tells under such a name is its own affair (it has no task type). A
 * metric that a done trial told without a value was NaN there. A program's scores on a test file
 * are a metric of its own, called test_ and the main one's name, of the same stages. */
#define OWN ABL_SQL_OWN
#define NAME "iif(?4 = 'test' AND " OWN ", 'test_', '') || ?3"

/* Processor seconds of a trial's stages; NULL: one is not known, or there are none. */
#define CPU_SECONDS_WHERE                                                                     \
	"(SELECT iif(count(s.cpu_seconds) = count(*), sum(s.cpu_seconds), NULL) "             \
	"FROM trial_stage p JOIN stage s ON s.id = p.stage_id WHERE p.trial_id = t.trial_id " \
	"AND p.role "
#define TRAINING "IN ('pretrain_first', 'pretrain', 'finetune')"
#define CPU_OF_TRAINING CPU_SECONDS_WHERE TRAINING ")"
#define CPU_OF_ALL CPU_SECONDS_WHERE "<> 'test' AND p.role NOT GLOB 'repeat*')"

static const char trials_sql[] =
	"SELECT t.variant, v.kind, v.subject, t.seed, t.state, t.diverged,"
	" max(r.value) FILTER (WHERE r.name = " NAME "),"
	" CASE WHEN " OWN " THEN NULL ELSE CASE ?3 WHEN 'accuracy' THEN max(r.value) FILTER "
	"(WHERE r.name = 'majority')"
	" WHEN 'matthews' THEN 0 WHEN 'pearson' THEN 0 WHEN 'spearman' THEN 0"
	" ELSE max(r.value) FILTER (WHERE r.name = ?3 || '_majority') END END,"
	" max(r.value) FILTER (WHERE r.name = 'examples' AND NOT " OWN "),"
	" max(r.value) FILTER (WHERE r.name = 'predicted_classes' AND NOT " OWN "),"
	" count(*) FILTER (WHERE r.name = " NAME "),"
	" (SELECT min(p.stage_id) FROM trial_stage p"
	"  WHERE p.trial_id = t.trial_id AND p.role = 'pretrain'),"
	" coalesce((SELECT sum(s.seconds) FROM trial_stage p JOIN stage s ON s.id = p.stage_id"
	"  WHERE p.trial_id = t.trial_id AND p.role " TRAINING "), t.seconds),"
	" coalesce(" CPU_OF_TRAINING ", " CPU_OF_ALL ") "
	"FROM trial_states t JOIN variant v ON v.id = t.variant_id "
	"JOIN task k ON k.study_id = t.study_id AND k.name = t.task "
	"LEFT JOIN trial_stage l ON l.trial_id = t.trial_id AND (l.role = ?4 OR (?4 = 'test' "
	"AND " OWN " AND l.role = 'evaluate') OR ((?4 = 'evaluate' OR (" OWN " AND ?4 = 'test')) "
	"AND l.role GLOB 'step *')) "
	"LEFT JOIN result r ON r.stage_id = l.stage_id "
	"WHERE t.study_id = ?1 AND t.task = ?2 "
	"GROUP BY t.trial_id ORDER BY t.position, t.variant_id, t.seed";

/* clang-format off */
enum trial_column {
	VARIANT, KIND, SUBJECT, SEED, STATE, DIVERGED,
	VALUE, MAJORITY, EXAMPLES, CLASSES, TOLD, PRETRAINING, SECONDS, CPU_SECONDS
};
/* clang-format on */

/* One that we do not know is any change; swaps were called removals once. */
static enum abl_variant_kind kind_of(const char *name, const char *label)
{
	int kind = name ? abl_variant_kind_find(name) : -1;

	if (kind == ABL_VARIANT_REMOVAL && strchr(label, '='))
		return ABL_VARIANT_SWAP;
	return kind < 0 ? ABL_VARIANT_LIST : (enum abl_variant_kind)kind;
}

static void hear_trial(const struct abl_query *q,
		       void (*hear)(void *data, const struct abl_read_trial *trial), void *data)
{
	hear(data, &(struct abl_read_trial){
			   .variant = abl_query_text(q, VARIANT),
			   .kind = kind_of(abl_query_text(q, KIND), abl_query_text(q, VARIANT)),
			   .subject = abl_query_text(q, SUBJECT),
			   .seed = abl_query_int(q, SEED),
			   .state = (enum abl_state)abl_state_find(abl_query_text(q, STATE)),
			   .diverged = abl_query_int(q, DIVERGED),
			   .value = abl_query_real(q, VALUE),
			   .majority = abl_query_real(q, MAJORITY),
			   .examples = abl_query_real(q, EXAMPLES),
			   .predicted_classes = abl_query_int(q, CLASSES),
			   .told = abl_query_int(q, TOLD),
			   .pretraining = abl_query_int(q, PRETRAINING),
			   .seconds = abl_query_real(q, SECONDS),
			   .cpu_seconds = abl_query_real(q, CPU_SECONDS),
		   });
}

int abl_read_task_trials(struct abl_store *store, int64_t study, const char *task,
			 const char *metric, enum abl_scored_by by,
			 void (*hear)(void *data, const struct abl_read_trial *trial), void *data,
			 struct abl_err *err)
{
	static const char *const roles[] = {[ABL_SCORED_ALWAYS] = "evaluate",
					    [ABL_SCORED_TESTS] = "test",
					    [ABL_SCORED_PRETRAINING] = "pretrain"};
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, trials_sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	abl_query_set_text(q, 3, metric);
	abl_query_set_text(q, 4, roles[by]);
	while ((rc = abl_query_step(q, err)) == 1)
		hear_trial(q, hear, data);
	abl_query_close(q);
	return rc;
}

/* What rises when things get worse is told by its name. */
#define LOWER(name)                                                        \
	"(" name " LIKE '%loss%' OR " name " LIKE '%perplexity%' OR " name \
	" LIKE '%bits_per%' OR " name " IN ('mse', 'mae', 'rmse', 'error', 'wer', 'cer'))"

int abl_read_metric_place(struct abl_store *store, int64_t study, const char *task,
			  const char *metric, struct abl_metric_place *out, struct abl_err *err)
{
	static const char sql[] = "SELECT count(*), sum(l.role = 'pretrain') = count(*), " LOWER(
		"?3") " FROM trial t JOIN study y ON y.id = t.study_id AND y.plan = t.plan "
		      "JOIN trial_stage l ON l.trial_id = t.id "
		      "AND l.role NOT IN ('test', 'pretrain_first') "
		      "JOIN result r ON r.stage_id = l.stage_id AND r.name = ?3 "
		      "WHERE t.study_id = ?1 AND t.task = ?2";
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	abl_query_set_text(q, 3, metric);
	rc = abl_query_step(q, err);
	if (rc == 1)
		*out = (struct abl_metric_place){abl_query_int(q, 0) > 0, abl_query_int(q, 1),
						 abl_query_int(q, 2)};
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}

int abl_read_metric_names(struct abl_store *store, int64_t study,
			  void (*hear)(void *data, const char *name), void *data,
			  struct abl_err *err)
{
	static const char sql[] =
		"SELECT DISTINCT r.name FROM trial t "
		"JOIN study y ON y.id = t.study_id AND y.plan = t.plan "
		"JOIN trial_stage l ON l.trial_id = t.id AND l.role <> 'test' "
		"JOIN result r ON r.stage_id = l.stage_id WHERE t.study_id = ?1 ORDER BY r.name";
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	while ((rc = abl_query_step(q, err)) == 1)
		hear(data, abl_query_text(q, 0));
	abl_query_close(q);
	return rc;
}

static const char tasks_sql[] = "SELECT k.name FROM " ABL_SQL_TASKS
				"WHERE k.split IS NOT '" ABL_SPLIT_NONE "' ORDER BY k.position";

static const char tested_sql[] =
	"SELECT k.name FROM task k JOIN study y ON y.id = k.study_id WHERE k.study_id = ?1 "
	"AND EXISTS (SELECT 1 FROM trial t JOIN trial_stage l ON l.trial_id = t.id "
	"JOIN result r ON r.stage_id = l.stage_id WHERE t.study_id = ?1 "
	"AND t.task = k.name AND t.plan = y.plan "
	"AND (l.role = 'test' OR (" OWN " AND r.name = 'test_' || k.metric))) "
	"ORDER BY k.position";

static const char variants_sql[] =
	"SELECT v.label FROM variant v JOIN study y ON y.id = v.study_id "
	"WHERE v.study_id = ?1 AND v.plan = y.plan ORDER BY v.position";

/* The query's first column, ended by NULL. */
static int names(char ***out, struct abl_store *store, const char *sql, int64_t study,
		 struct abl_err *err)
{
	size_t count = 0, capacity = 0;
	struct abl_query *q;
	int rc;

	*out = NULL;
	rc = abl_query_of_study(&q, store, sql, study, err);
	if (rc)
		return rc;
	abl_grow(out, &capacity, 1, sizeof **out);
	while ((rc = abl_query_step(q, err)) == 1) {
		(*out)[count++] = abl_strdup(abl_query_text(q, 0));
		abl_grow(out, &capacity, count + 1, sizeof **out);
	}
	abl_query_close(q);
	(*out)[count] = NULL;
	if (rc) {
		abl_names_destroy(*out);
		*out = NULL;
	}
	return rc;
}

void abl_names_destroy(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

int abl_read_tasks(char ***out, struct abl_store *store, int64_t study, struct abl_err *err)
{
	return names(out, store, tasks_sql, study, err);
}

int abl_read_tested_tasks(char ***out, struct abl_store *store, int64_t study, struct abl_err *err)
{
	return names(out, store, tested_sql, study, err);
}

int abl_read_variants(char ***out, struct abl_store *store, int64_t study, struct abl_err *err)
{
	return names(out, store, variants_sql, study, err);
}

int abl_read_mixed(struct abl_store *store, int64_t study, const char *task,
		   void (*hear)(void *data, const char *what, const char *values), void *data,
		   struct abl_err *err)
{
	static const char *const kinds[] = {"engine", "compiler", "cpu", "kernels"};
	/* A program of the user's is a build of somebody else; where workers ran it, its machines
	 * may differ all the same. */
	static const char sql[] =
		"WITH did AS (SELECT a.engine, a.compiler, a.cpu, a.kernels, "
		"s.kind IN ('pretrain', 'finetune', 'evaluate') AS ours, "
		"EXISTS (SELECT 1 FROM worker w JOIN run r ON r.id = w.run_id "
		"WHERE r.study_id = ?1) AS elsewhere "
		"FROM trial_states t JOIN trial_stage l ON l.trial_id = t.trial_id "
		"JOIN stage s ON s.id = l.stage_id AND (s.state = 'done' OR s.lost IS NOT NULL) "
		"AND s.kind NOT IN ('vocab', 'tokenize') "
		"JOIN attempt a ON a.stage_id = s.id AND a.number = s.attempt "
		"WHERE t.study_id = ?1 AND t.task = ?2), "
		"told AS (SELECT iif(ours, engine, NULL) AS engine, "
		"iif(ours, compiler, NULL) AS compiler, iif(ours OR elsewhere, cpu, NULL) AS cpu, "
		"iif(ours, kernels, NULL) AS kernels FROM did) "
		"SELECT group_concat(DISTINCT engine), group_concat(DISTINCT compiler), "
		"group_concat(DISTINCT cpu), group_concat(DISTINCT kernels), "
		"count(DISTINCT engine), count(DISTINCT compiler), count(DISTINCT cpu), "
		"count(DISTINCT kernels) FROM told";
	struct abl_query *q;
	int rc = abl_query_of_study(&q, store, sql, study, err);

	if (rc)
		return rc;
	abl_query_set_text(q, 2, task);
	rc = abl_query_step(q, err);
	for (int i = 0; rc == 1 && i < 4; i++)
		if (abl_query_int(q, 4 + i) > 1)
			hear(data, kinds[i], abl_query_text(q, i));
	abl_query_close(q);
	return rc < 0 ? rc : 0;
}
