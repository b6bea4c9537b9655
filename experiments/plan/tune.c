/* SPDX-License-Identifier: Apache-2.0 */
#include "tune.h"

#include "metrics.h"
#include "record.h"
#include "sql.h"
#include "store.h"

#include <math.h>

static bool all_over(const struct abl_plan *plan, const struct abl_plan_tune *tune,
		     bool (*over)(void *, size_t), void *data)
{
	const size_t runs = tune->task_count * plan->study->tune.value_count *
			    (size_t)abl_plan_seeds(plan->study);

	for (size_t i = 0; i < runs; i++)
		if (!over(data, tune->evaluate[i]))
			return false;
	return true;
}

/* The metric of a done stage; 0 = it has none. */
static int read_metric(struct abl_query *q, const char *key, const char *name, double *out,
		       struct abl_err *err)
{
	int got;

	abl_query_rewind(q);
	abl_query_set_text(q, 1, key);
	abl_query_set_text(q, 2, name);
	got = abl_query_step(q, err);
	if (got == 1) {
		*out = abl_query_real(q, 0);
		got = !isnan(*out);
	}
	return got;
}

/* The mean of a value's runs, each by the main metric of its task. *n: how many have one. */
static int mean_of(const struct abl_plan *plan, struct abl_query *q,
		   const struct abl_plan_tune *tune, size_t value, double *mean, size_t *n,
		   struct abl_err *err)
{
	double sum = 0, x = 0;

	*n = 0;
	for (size_t task = 0; task < tune->task_count; task++) {
		const char *name = abl_record_metric(plan->study, tune->task + task);
		const double sign = abl_metric_lower_is_better(name) ? -1 : 1;

		for (int64_t seed = 1; seed <= abl_plan_seeds(plan->study); seed++) {
			size_t stage = *abl_plan_tuning_run(plan, tune, task, value, seed);
			int got = read_metric(q, plan->stages[stage].key, name, &x, err);

			if (got < 0)
				return got;
			sum += got ? sign * x : 0;
			*n += (size_t)got;
		}
	}
	*mean = *n ? sum / (double)*n : -INFINITY;
	return 0;
}

/* The best value, or ABL_NONE. */
static int pick(const struct abl_plan *plan, struct abl_query *q, const struct abl_plan_tune *tune,
		size_t *best, struct abl_err *err)
{
	const size_t all = tune->task_count * (size_t)abl_plan_seeds(plan->study);
	size_t most = 0, n;
	double highest = -INFINITY, mean;

	*best = ABL_NONE;
	for (size_t value = 0; value < plan->study->tune.value_count; value++) {
		int rc = mean_of(plan, q, tune, value, &mean, &n, err);

		if (rc)
			return rc;
		/* whole values come before those with a gap */
		if (n && ((n == all && most != all) ||
			  ((n == all) == (most == all) && mean > highest))) {
			*best = value;
			highest = mean;
			most = n;
		}
	}
	return 0;
}

int abl_tune_choose(struct abl_plan *plan, struct abl_store *store, const struct abl_tuning *t,
		    struct abl_err *err)
{
	int rc = 0, made = 0;

	for (size_t i = 0; i < plan->tune_count && !rc; i++) {
		struct abl_query *q = NULL;
		size_t value = ABL_NONE;

		if (plan->tunes[i].chosen != ABL_NONE || plan->tunes[i].given_up ||
		    !all_over(plan, &plan->tunes[i], t->over, t->data))
			continue;
		rc = abl_query_open(
			&q, abl_store_sql(store),
			/* a metric without a value (NaN) counts as what a constant gets */
			"SELECT coalesce(r.value, (SELECT m.value FROM result m "
			"WHERE m.stage_id = r.stage_id AND m.name = r.name || '_majority')) "
			"FROM result r JOIN stage s ON s.id = r.stage_id "
			"WHERE s.key = ?1 AND s.state = 'done' AND r.name = ?2",
			err);
		rc = rc ? rc : pick(plan, q, &plan->tunes[i], &value, err);
		abl_query_close(q); /* no statement stays open while the choice is written */
		if (!rc && value == ABL_NONE) {
			plan->tunes[i].given_up = true;
			rc = t->gave_up(t->data, i, err);
		} else if (!rc) {
			rc = abl_plan_choose(plan, i, value, err);
			rc = rc ? rc : t->chosen(t->data, i, err);
		}
		made++;
	}
	return rc ? rc : made;
}
