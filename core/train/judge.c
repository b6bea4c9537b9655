/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "metrics.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST 5 /* evaluations */
#define MOST 100
#define BY_STEPS 10 /* where the length is not given in epochs */

static bool is_on(const struct abl_recipe *r)
{
	return strcmp(r->select, "last") != 0 || r->early_stopping;
}

bool abl_judge_sees_scored(const struct abl_recipe *r)
{
	return !strcmp(r->select, "best_dev");
}

bool abl_judge_holds_back(const struct abl_recipe *r)
{
	return is_on(r) && !abl_judge_sees_scored(r);
}

void abl_judge_begin(struct abl_judge *j, const struct abl_recipe *recipe, const char *split,
		     const char *metric)
{
	struct abl_str point = {0};

	*j = (struct abl_judge){.on = split && is_on(recipe),
				.keeps_best = split && strcmp(recipe->select, "last") != 0,
				.lower_is_better = abl_metric_lower_is_better(metric),
				.patience = recipe->early_stopping};
	j->apart = j->on && abl_judge_holds_back(recipe) && strcmp(split, "held-back") != 0;
	abl_str_printf(&point, "%s_%s", j->apart ? "held_back" : "dev", metric);
	j->point = point.text;
}

void abl_judge_finish(struct abl_judge *j)
{
	free(j->point);
}

bool abl_judge_hear(struct abl_judge *j, int64_t step, double value)
{
	const bool better =
		!isnan(value) &&
		(!j->step || (j->lower_is_better ? value < j->value : value > j->value));

	j->misses = better ? 0 : j->misses + 1;
	if (better) {
		j->value = value;
		j->step = step;
	}
	return better;
}

bool abl_judge_is_done(const struct abl_judge *j)
{
	return j->patience && j->misses >= j->patience;
}

int64_t abl_judge_count(const struct abl_recipe *recipe)
{
	if (recipe->steps)
		return BY_STEPS;
	return (int64_t)fmin(fmax(ceil(recipe->epochs), FEWEST), MOST);
}
