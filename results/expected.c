/* SPDX-License-Identifier: Apache-2.0 */
#include "expected.h"

#include "expected_best.h"
#include "rules.h"
#include "run_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct designs {
	bool random, known;
	struct abl_str others; /* "grid, list" */
};

static void take_rule(void *data, const char *name, const char *subject, const char *value)
{
	struct designs *d = data;

	(void)value;
	if (strcmp(name, "design") != 0)
		return;
	d->known = true;
	if (!strcmp(subject, "random"))
		d->random = true;
	else
		abl_str_printf(&d->others, "%s'%s'", d->others.length ? ", " : "", subject);
}

static int refuse(const struct designs *d, const struct abl_run_values *v, struct abl_err *err)
{
	if (!d->known)
		return abl_err_set(
			err, ABL_EINPUT,
			"study '%s' was planned by an earlier program, or has no design, so it is "
			"not known whether its values were drawn at random; 'ablate plan' it again",
			v->study);
	if (!d->random || d->others.length)
		return abl_err_set(
			err, ABL_EINPUT,
			"study '%s' has the design %s: what the best of n configurations reaches "
			"can be told only where all are drawn independently of each other; the "
			"design 'random' alone does that",
			v->study, d->others.length ? d->others.text : "of none");
	return 0;
}

static double sign_of(const struct abl_expected *e)
{
	return e->lower_is_better ? -1 : 1;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The value of the sorted x that the best of n draws with replacement stays below with that
 * probability: P(best <= x_j) = (j / count)^n. */
static double quantile(const double *sorted, size_t count, size_t n, double p)
{
	const double j = ceil((double)count * pow(p, 1 / (double)n) - 1e-9);

	return sorted[(size_t)fmin(fmax(j, 1), (double)count) - 1];
}

static void add_points(struct abl_expected *e, double *x)
{
	const double sign = sign_of(e);

	qsort(x, e->draws, sizeof *x, by_size);
	e->point = abl_calloc(e->draws + 1, sizeof *e->point);
	for (size_t n = 1; n <= e->draws; n++) {
		const double from = quantile(x, e->draws, n, ABL_LEVEL / 2),
			     to = quantile(x, e->draws, n, 1 - ABL_LEVEL / 2);

		e->point[e->count++] = (struct abl_expected_point){
			.budget = n,
			.expected = sign * abl_expected_best(x, e->draws, n),
			.unbiased = sign * abl_expected_best_unbiased(x, e->draws, n),
			.low = sign > 0 ? from : -to,
			.high = sign > 0 ? to : -from};
	}
	e->shown = e->draws / 2 ? e->draws / 2 : e->draws;
}

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static struct abl_expected *describe(const struct abl_run_values *v)
{
	struct abl_expected *e = abl_calloc(1, sizeof *e);
	double *x = abl_calloc(v->arms + 1, sizeof *x);
	double *of = abl_calloc(v->units + 1, sizeof *of);

	e->study = copy(v->study);
	e->task = copy(v->task);
	e->metric = copy(v->metric);
	e->split = copy(v->split);
	e->lower_is_better = v->lower_is_better;
	for (size_t a = 0; a < v->arms; a++) {
		const size_t n = abl_run_values_of(v, a, of);
		double sum = 0;

		/* what was chosen by hand is no draw */
		if (v->arm[a].kind == ABL_VARIANT_BASELINE || abl_run_values_aside(v, a))
			continue;
		for (size_t i = 0; i < n; i++)
			sum += of[i];
		e->missing += !n;
		e->seeds = n > e->seeds ? n : e->seeds;
		if (n)
			x[e->draws++] = sign_of(e) * sum / (double)n;
	}
	add_points(e, x);
	free(x);
	free(of);
	return e;
}

int abl_expected(struct abl_expected **out, struct abl_store *store, int64_t study,
		 const char *task, struct abl_err *err)
{
	struct abl_run_values v;
	struct designs designs = {0};
	int rc = abl_run_values_read(&v, store, study, task, ABL_UNITS_INDEPENDENT, err);

	if (rc)
		return rc;
	rc = abl_read_rules(store, study, take_rule, &designs, err);
	rc = rc ? rc : refuse(&designs, &v, err);
	if (!rc) {
		*out = describe(&v);
		if (!(*out)->draws) {
			rc = abl_err_set(err, ABL_EINPUT,
					 "no trial of study '%s' is done on '%s' yet", v.study,
					 v.task);
			abl_expected_destroy(*out);
		}
	}
	abl_str_finish(&designs.others);
	abl_run_values_finish(&v);
	return rc;
}

void abl_expected_destroy(struct abl_expected *e)
{
	if (!e)
		return;
	free(e->study), free(e->task), free(e->metric), free(e->split), free(e->point);
	free(e);
}
