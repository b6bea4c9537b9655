/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include "last_plan.h"
#include "sql.h"
#include "study_query.h"
#include "store.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

void abl_facts_finish(struct abl_facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->tasks; i++)
		free(f->task[i].name), free(f->task[i].metric), free(f->task[i].split),
			free(f->task[i].label);
	for (size_t i = 0; i < f->variants; i++)
		free(f->variant[i].label);
	free(f->task), free(f->variant);
	*f = (struct abl_facts){0};
}

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static int load_tasks(struct abl_facts *f, struct abl_store *store, const char *metric,
		      struct abl_err *err)
{
	/* a metric asked for is taken where the task has results of that name */
	static const char sql[] =
		"SELECT k.name, coalesce(?2, k.metric), k.split, " ABL_SQL_LABEL ", "
		"CASE WHEN ?2 IS NULL OR ?2 = k.metric THEN k.lower_is_better "
		"ELSE ?2 LIKE '%loss%' OR ?2 LIKE '%perplexity%' OR ?2 = 'mse' END "
		"FROM " ABL_SQL_TASKS "WHERE k.split IS NOT '" ABL_SPLIT_NONE
		"' AND (?2 IS NULL OR EXISTS "
		"(SELECT 1 FROM trial_metrics m WHERE m.study_id = ?1 AND m.task = k.name "
		"AND m.metric = ?2)) "
		"ORDER BY k.position, k.name";
	struct abl_query *q;
	int rc;

	if ((rc = abl_query_of_study(&q, store, sql, f->study, err)))
		return rc;
	abl_query_set_text(q, 2, metric);
	while ((rc = abl_query_step(q, err)) > 0) {
		abl_grow(&f->task, &f->task_capacity, f->tasks + 1, sizeof *f->task);
		f->task[f->tasks++] =
			(struct abl_fact_task){.name = copy(abl_query_text(q, 0)),
					       .metric = copy(abl_query_text(q, 1)),
					       .split = copy(abl_query_text(q, 2)),
					       .label = copy(abl_query_text(q, 3)),
					       .lower_is_better = abl_query_int(q, 4)};
	}
	abl_query_close(q);
	return rc;
}

static int load_variants(struct abl_facts *f, struct abl_store *store, struct abl_err *err)
{
	static const char sql[] = "SELECT v.id, v.label, v.kind = 'placebo' FROM " ABL_SQL_VARIANTS
				  "ORDER BY v.kind <> 'baseline', v.position, v.id";
	struct abl_query *q;
	int rc;

	if ((rc = abl_query_of_study(&q, store, sql, f->study, err)))
		return rc;
	while ((rc = abl_query_step(q, err)) > 0) {
		abl_grow(&f->variant, &f->variant_capacity, f->variants + 1, sizeof *f->variant);
		f->variant[f->variants++] =
			(struct abl_fact_variant){.id = abl_query_int(q, 0),
						  .label = copy(abl_query_text(q, 1)),
						  .placebo = abl_query_int(q, 2)};
	}
	abl_query_close(q);
	return rc;
}

static int no_such_metric(const struct abl_facts *f, struct abl_store *store, const char *metric,
			  struct abl_err *err)
{
	static const char sql[] =
		"SELECT DISTINCT metric FROM trial_metrics WHERE study_id = ?1 ORDER BY metric";
	struct abl_str list = {0};
	struct abl_query *q;
	int rc;

	if ((rc = abl_query_of_study(&q, store, sql, f->study, err)))
		return rc;
	while ((rc = abl_query_step(q, err)) > 0)
		abl_str_printf(&list, "%s%s", list.length ? ", " : "", abl_query_text(q, 0));
	abl_query_close(q);
	if (!rc)
		rc = list.length
			     ? abl_err_set(
				       err, ABL_EINPUT,
				       "no task of the study has the metric '%s'; choose from %s",
				       metric, list.text)
			     : abl_err_set(err, ABL_EINPUT,
					   "no trial of the study is done yet, so there is no "
					   "metric '%s'",
					   metric);
	abl_str_finish(&list);
	return rc;
}

int abl_facts_load(struct abl_facts *f, struct abl_store *store, const char *study,
		   const char *metric, struct abl_err *err)
{
	int rc;

	*f = (struct abl_facts){.main_metric = !metric};
	if (!(rc = abl_store_find_study(store, study, &f->study, err)) &&
	    !(rc = load_tasks(f, store, metric, err)) && !(rc = load_variants(f, store, err)) &&
	    metric && !f->tasks)
		rc = no_such_metric(f, store, metric, err);
	if (!rc && !f->variants)
		rc = abl_err_set(err, ABL_EDAMAGED,
				 "the store '%s' is damaged: its study '%s' has no variants; "
				 "'ablate verify' looks at all of it",
				 abl_store_folder(store), study);
	if (rc)
		abl_facts_finish(f);
	return rc;
}

int abl_facts_variant(const struct abl_facts *f, int64_t id)
{
	for (size_t i = 0; i < f->variants; i++)
		if (f->variant[i].id == id)
			return (int)i;
	return -1;
}
