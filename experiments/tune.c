/* SPDX-License-Identifier: Apache-2.0 */
#include "tune.h"

#include "metrics.h"
#include "record.h"

#include <math.h>

static bool all_over(const struct abl_plan *plan, const struct abl_plan_tune *tune,
		     bool (*over)(void *, size_t), void *data)
{
	const size_t runs = plan->study->tune.value_count * (size_t)abl_plan_seeds(plan->study);

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

/* Sets tune->chosen, or leaves ABL_NONE. */
static int pick(const struct abl_plan *plan, struct abl_query *q, const struct abl_plan_tune *tune,
		size_t *best, struct abl_err *err)
{
	const size_t seeds = (size_t)abl_plan_seeds(plan->study);
	const char *name = abl_record_metric(plan->study, tune->task);
	const double sign = abl_metric_lower_is_better(name) ? -1 : 1;
	size_t most = 0;
	double highest = -INFINITY;

	*best = ABL_NONE;
	for (size_t value = 0; value < plan->study->tune.value_count; value++) {
		double sum = 0, x = 0;
		size_t n = 0;

		for (size_t seed = 0; seed < seeds; seed++) {
			size_t stage = tune->evaluate[value * seeds + seed];
			int got = read_metric(q, plan->stages[stage].key, name, &x, err);

			if (got < 0)
				return got;
			sum += got ? sign * x : 0;
			n += (size_t)got;
		}
		/* whole values come before those with a gap */
		if (n && ((n == seeds && most != seeds) ||
			  ((n == seeds) == (most == seeds) && sum / (double)n > highest))) {
			*best = value;
			highest = sum / (double)n;
			most = n;
		}
	}
	return 0;
}

int abl_tune_choose(struct abl_plan *plan, struct abl_store *store, const struct abl_tuning *t,
		    struct abl_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < plan->tune_count && !rc; i++) {
		struct abl_query *q = NULL;
		size_t value = ABL_NONE;

		if (plan->tunes[i].chosen != ABL_NONE || plan->tunes[i].given_up ||
		    !all_over(plan, &plan->tunes[i], t->over, t->data))
			continue;
		rc = abl_query_open(
			&q, store,
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
	}
	return rc;
}
