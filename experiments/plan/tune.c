/* SPDX-License-Identifier: Apache-2.0 */
#include "tune.h"

#include "engine.h"
#include "scores.h"

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

/* The mean of a value's runs, each by the main metric of its task. *n: how many have one. */
static int mean_of(const struct abl_plan *plan, struct abl_store *store,
		   const struct abl_plan_tune *tune, size_t value, double *mean, size_t *n,
		   struct abl_err *err)
{
	double sum = 0, x = 0;

	*n = 0;
	for (size_t task = 0; task < tune->task_count; task++) {
		const struct abl_tuned_by by = plan->engine->tuned_by(plan, tune->task + task);
		const double sign = by.lower_is_better ? -1 : 1;

		for (size_t i = 0; i < (size_t)abl_plan_seeds(plan->study); i++) {
			size_t stage = *abl_plan_tuning_run(plan, tune, task, value, i);
			int got = abl_read_stage_score(store, plan->stages[stage].key, by.metric,
						       &x, err);

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
static int pick(const struct abl_plan *plan, struct abl_store *store,
		const struct abl_plan_tune *tune, size_t *best, struct abl_err *err)
{
	const size_t all = tune->task_count * (size_t)abl_plan_seeds(plan->study);
	size_t most = 0, n;
	double highest = -INFINITY, mean;

	*best = ABL_NONE;
	for (size_t value = 0; value < plan->study->tune.value_count; value++) {
		int rc = mean_of(plan, store, tune, value, &mean, &n, err);

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
		size_t value = ABL_NONE;

		if (plan->tunes[i].chosen != ABL_NONE || plan->tunes[i].given_up ||
		    !all_over(plan, &plan->tunes[i], t->over, t->data))
			continue;
		rc = pick(plan, store, &plan->tunes[i], &value, err);
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
