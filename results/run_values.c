/* SPDX-License-Identifier: Apache-2.0 */
#include "run_values.h"

#include "hint.h"
#include "str.h"
#include "table.h"
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a trial counts as. */
static double value_of(bool done, bool diverged, bool undefined, double value, double majority)
{
	if (diverged || undefined)
		return majority;
	return done ? value : NAN;
}

/* What came of one trial, before the majority predictor's score is known. */
struct run {
	size_t arm;
	int64_t seed, pretraining;
	bool done, diverged, undefined;
	double value;
};

struct reading {
	struct abl_run_values *to;
	struct run *run;
	size_t runs, capacity;
	double majority; /* summed */
	int told;
};

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
}

static void take_task(void *data, const struct abl_read_task *t)
{
	struct abl_run_values *v = data;

	v->study = copy(t->study);
	v->task = copy(t->name);
	v->metric = copy(t->metric);
	v->split = copy(t->split);
	v->lower_is_better = t->lower_is_better;
}

static struct abl_value_arm *arm_of(struct abl_run_values *v, const struct abl_read_trial *t)
{
	if (!v->arms || strcmp(v->arm[v->arms - 1].label, t->variant) != 0) {
		abl_grow(&v->arm, &v->arm_capacity, v->arms + 1, sizeof *v->arm);
		v->arm[v->arms++] =
			(struct abl_value_arm){.label = copy(t->variant), .kind = t->kind};
	}
	return &v->arm[v->arms - 1];
}

static void take_trial(void *data, const struct abl_read_trial *t)
{
	struct reading *r = data;
	struct abl_value_arm *a = arm_of(r->to, t);
	struct run run = {.arm = r->to->arms - 1,
			  .seed = t->seed,
			  .pretraining = t->pretraining,
			  .diverged = t->state == ABL_FAILED && t->diverged,
			  .value = t->state == ABL_DONE ? t->value : NAN};
	const bool pending = t->state == ABL_WAITING || t->state == ABL_RUNNING;

	run.undefined = t->state == ABL_DONE && t->told && isnan(run.value);
	run.done = run.undefined || !isnan(run.value);
	a->planned++;
	a->done += run.done;
	a->diverged += run.diverged;
	a->pending += pending;
	a->failed += !run.done && !run.diverged && !pending;
	abl_grow(&r->run, &r->capacity, r->runs + 1, sizeof *r->run);
	r->run[r->runs++] = run;
	if (!isnan(t->majority)) {
		r->majority += t->majority;
		r->told++;
	}
}

/* ---- from trials to units ---- */

static int64_t unit_of(const struct abl_run_values *v, int64_t seed)
{
	return v->crossed ? seed / ABL_CROSSED_SEED : seed;
}

static int by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void find_units(struct abl_run_values *v, const struct reading *r)
{
	size_t kept = 0;

	v->unit = abl_calloc(r->runs + 1, sizeof *v->unit);
	for (size_t i = 0; i < r->runs; i++)
		v->unit[i] = unit_of(v, r->run[i].seed);
	qsort(v->unit, r->runs, sizeof *v->unit, by_number);
	for (size_t i = 0; i < r->runs; i++)
		if (!i || v->unit[i] != v->unit[kept - 1])
			v->unit[kept++] = v->unit[i];
	v->units = kept;
}

static size_t place_of(const struct abl_run_values *v, int64_t unit)
{
	const int64_t *at = bsearch(&unit, v->unit, v->units, sizeof unit, by_number);

	return (size_t)(at - v->unit);
}

/* Means within units; `count` has room for as many. */
static void fill(struct abl_run_values *v, const struct reading *r)
{
	int *count = abl_calloc(v->arms * v->units + 1, sizeof *count);

	for (size_t a = 0; a < v->arms; a++) {
		v->arm[a].value = abl_calloc(v->units + 1, sizeof *v->arm[a].value);
		v->arm[a].pretraining = abl_calloc(v->units + 1, sizeof *v->arm[a].pretraining);
	}
	for (size_t i = 0; i < r->runs; i++) {
		const struct run *run = &r->run[i];
		const size_t u = place_of(v, unit_of(v, run->seed));
		const double x =
			value_of(run->done, run->diverged, run->undefined, run->value, v->majority);

		v->arm[run->arm].pretraining[u] = run->pretraining;
		if (isnan(x))
			continue;
		v->arm[run->arm].value[u] += x;
		count[run->arm * v->units + u]++;
	}
	for (size_t i = 0; i < v->arms * v->units; i++)
		v->arm[i / v->units].value[i % v->units] /= count[i] ? (double)count[i] : NAN;
	free(count);
}

static const char *name_at(size_t i, const void *data)
{
	return ((char *const *)data)[i];
}

int abl_no_task(struct abl_store *store, int64_t study, const char *task, struct abl_err *err)
{
	struct abl_str all = {0};
	const char *near;
	char **list;
	size_t n = 0;
	int rc = abl_read_tasks(&list, store, study, err);

	if (rc)
		return rc;
	while (list[n])
		n++;
	abl_hint_names(&all, n, name_at, list);
	near = abl_nearest(task, n, name_at, list);
	rc = abl_err_set(err, ABL_EINPUT, "the study has no task '%s'; %s%s%s", task,
			 near ? "did you mean '" : "it has ",
			 near ? near
			 : n  ? all.text
			      : "none",
			 near ? "'?" : "");
	abl_str_finish(&all);
	abl_names_destroy(list);
	return rc;
}

int abl_run_values_read(struct abl_run_values *out, struct abl_store *store, int64_t study,
			const char *task, enum abl_run_units units, struct abl_err *err)
{
	struct reading r = {.to = out};
	int rc;

	*out = (struct abl_run_values){.majority = NAN};
	rc = abl_read_task(store, study, task, take_task, out, err);
	if (rc != 1)
		return rc ? rc : abl_no_task(store, study, task, err);
	rc = abl_read_task_trials(store, study, out->task, out->metric, false, take_trial, &r, err);
	out->majority = r.told ? r.majority / r.told : NAN;
	for (size_t i = 0; i < r.runs; i++)
		out->crossed |= units == ABL_UNITS_INDEPENDENT && r.run[i].seed > ABL_CROSSED_SEED;
	if (!rc) {
		find_units(out, &r);
		fill(out, &r);
	} else {
		abl_run_values_finish(out);
	}
	free(r.run);
	return rc;
}

void abl_run_values_finish(struct abl_run_values *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->arms; i++)
		free(v->arm[i].label), free(v->arm[i].value), free(v->arm[i].pretraining);
	free(v->study), free(v->task), free(v->metric), free(v->split);
	free(v->unit), free(v->arm);
	*v = (struct abl_run_values){0};
}

size_t abl_run_values_of(const struct abl_run_values *v, size_t arm, double *out)
{
	size_t n = 0;

	for (size_t u = 0; u < v->units; u++)
		if (!isnan(v->arm[arm].value[u]))
			out[n++] = v->arm[arm].value[u];
	return n;
}

bool abl_run_values_aside(const struct abl_run_values *v, size_t arm)
{
	return v->arm[arm].kind == ABL_VARIANT_PLACEBO || v->arm[arm].kind == ABL_VARIANT_ARM;
}
