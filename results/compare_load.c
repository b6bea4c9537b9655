/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_load.h"

#include "compare_pairs.h"

#include "trials.h"
#include "hint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
	return text ? abl_strdup(text) : NULL;
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
	for (size_t i = 0; i < l->spares; i++) {
		abl_arm_finish(&l->spare[i].arm);
		free(l->spare[i].runs);
	}
	free(l->spare);
	free(l->arms);
	*l = (struct abl_loaded){0};
}

/* ---- names ---- */

static const char *name_at(size_t i, const void *data)
{
	return ((char *const *)data)[i];
}

static int unknown(const char *what, const char *name, char **list, struct abl_err *err)
{
	struct abl_str all = {0};
	const char *near;
	size_t n = 0;
	int rc;

	while (list[n])
		n++;
	abl_hint_names(&all, n, name_at, list);
	near = abl_nearest(name, n, name_at, list);
	if (near)
		rc = abl_err_set(err, ABL_EINPUT, "the study has no %s '%s'; did you mean '%s'?",
				 what, name, near);
	else
		rc = abl_err_set(err, ABL_EINPUT, "the study has no %s '%s'; it has %s", what, name,
				 n ? all.text : "none");
	abl_str_finish(&all);
	return rc;
}

int abl_compare_no_variant(struct abl_store *store, int64_t study, const char *label,
			   struct abl_err *err)
{
	char **list;
	int rc = abl_read_variants(&list, store, study, err);

	if (rc)
		return rc;
	rc = unknown("variant", label, list, err);
	abl_names_destroy(list);
	return rc;
}

int abl_compare_no_task(const struct abl_analysis *a, const char *task, struct abl_err *err)
{
	char **list = abl_calloc(a->tasks + 1, sizeof *list);
	int rc;

	for (size_t i = 0; i < a->tasks; i++)
		list[i] = a->task[i]->task;
	rc = unknown("task", task, list, err);
	free(list);
	return rc;
}

/* ---- trials ---- */

struct average { /* over trials: what differs between them is rare */
	double sum;
	int count;
};

static void average_add(struct average *a, double value)
{
	if (isnan(value))
		return;
	a->sum += value;
	a->count++;
}

static double average_of(const struct average *a)
{
	return a->count ? a->sum / a->count : NAN;
}

struct loading {
	struct abl_loaded *arms;
	struct average majority, examples;
	size_t told;      /* trials that have the metric */
	bool pretraining; /* it is one of pre-training: done before the trial is */
};

static struct abl_loaded_arm *arm_of(struct abl_loaded *l, const struct abl_read_trial *t)
{
	if (!l->count || strcmp(l->arms[l->count - 1].arm.label, t->variant)) {
		abl_grow(&l->arms, &l->capacity, l->count + 1, sizeof *l->arms);
		l->arms[l->count++] = (struct abl_loaded_arm){
			.arm = {.label = copy(t->variant),
				.kind = t->kind,
				.subject = copy(t->subject)},
		};
	}
	return &l->arms[l->count - 1];
}

static void load_trial(void *data, const struct abl_read_trial *t)
{
	struct loading *l = data;
	struct abl_loaded_arm *a;
	struct abl_loaded_run run = {
		.seed = t->seed,
		.pretraining = t->pretraining,
		.diverged = t->state == ABL_FAILED && t->diverged,
		.one_class = t->predicted_classes == 1,
		.classes_known = t->predicted_classes > 0,
		.seconds = t->seconds,
		.cpu_seconds = t->cpu_seconds,
		.value = NAN,
	};
	const bool done = l->pretraining ? t->told : t->state == ABL_DONE,
		   pending = !done && (t->state == ABL_WAITING || t->state == ABL_RUNNING);

	if (l->pretraining && !t->pretraining)
		return; /* it has none */
	a = arm_of(l->arms, t);
	if (done)
		run.value = t->value, run.diverged = false;
	run.undefined = done && t->told && isnan(run.value) && !l->pretraining;
	run.done = run.undefined || !isnan(run.value);
	run.over = !pending;
	a->arm.planned++;
	a->arm.done += run.done;
	a->arm.diverged += run.diverged;
	a->arm.pending += pending;
	abl_grow(&a->runs, &a->capacity, a->count + 1, sizeof *a->runs);
	a->runs[a->count++] = run;
	l->told += t->told > 0;
	average_add(&l->majority, t->majority);
	average_add(&l->examples, t->examples);
}

static void load_task(void *data, const struct abl_read_task *t)
{
	struct abl_comparison *c = data;

	c->study = copy(t->study);
	c->task = copy(t->name);
	c->metric = copy(t->metric);
	c->split = copy(t->split);
	c->label = copy(t->label);
	c->lower_is_better = t->lower_is_better;
}

/* Where the metric that was asked for is told, and whether lower values of it are better. */
static int find_metric(struct abl_comparison *c, struct abl_store *store, int64_t study,
		       const char *metric, bool *pretraining, struct abl_err *err)
{
	struct abl_metric_place place;
	const int rc = abl_read_metric_place(store, study, c->task, metric, &place, err);

	if (rc)
		return rc;
	if (!place.told)
		return 1;
	*pretraining = place.pretraining;
	c->lower_is_better = place.lower_is_better;
	free(c->metric);
	c->metric = abl_strdup(metric);
	if (!place.pretraining)
		return 0;
	free(c->split); /* other documents than the task's */
	c->split = abl_strdup("held-out texts");
	free(c->label);
	c->label = NULL;
	return 0;
}

/* Time is that of the processor where it is known of every run that is done: the clock's depends on
 * what else the machine did. */
static void choose_time(struct abl_loaded *l, struct abl_comparison *c)
{
	bool done = false, known = true;

	for (size_t a = 0; a < l->count; a++)
		for (size_t i = 0; i < l->arms[a].count; i++) {
			const struct abl_loaded_run *r = &l->arms[a].runs[i];

			done |= r->done;
			known &= !r->done || !isnan(r->cpu_seconds);
		}
	c->cpu_time = done && known;
	for (size_t a = 0; a < l->count && c->cpu_time; a++)
		for (size_t i = 0; i < l->arms[a].count; i++)
			l->arms[a].runs[i].seconds = l->arms[a].runs[i].cpu_seconds;
}

int abl_compare_load(struct abl_loaded *out, struct abl_comparison *c, struct abl_store *store,
		     int64_t study, const char *task, const char *metric, bool tests,
		     struct abl_err *err)
{
	struct loading l = {.arms = out};
	bool pretraining = false;
	int rc = abl_read_task(store, study, task, load_task, c, err);

	if (rc != 1)
		return rc ? rc : 1;
	if (tests && c->split && !strcmp(c->split, "test"))
		tests = false; /* a program's main metric may be of the test split */
	if (metric && strcmp(metric, c->metric) &&
	    (rc = find_metric(c, store, study, metric, &pretraining, err)))
		return rc;
	if (tests) {
		free(c->split);
		c->split = abl_strdup("test");
	}
	if (!tests && c->split && !strcmp(c->split, ABL_SPLIT_NONE))
		return 1;
	l.pretraining = c->pretraining = pretraining;
	rc = abl_read_task_trials(store, study, c->task, c->metric,
				  pretraining ? ABL_SCORED_PRETRAINING
				  : tests     ? ABL_SCORED_TESTS
					      : ABL_SCORED_ALWAYS,
				  load_trial, &l, err);
	c->majority = average_of(&l.majority);
	c->examples = average_of(&l.examples);
	choose_time(out, c);
	return rc || !tests || l.told ? rc : 1;
}

/* ---- two arms of the baseline ---- */

static void merge_run(struct abl_loaded_run *into, const struct abl_loaded_run *r, double majority)
{
	const double a = abl_run_value(into, majority), b = abl_run_value(r, majority);

	if (isnan(b))
		return;
	if (isnan(a)) {
		*into = *r;
		return;
	}
	/* whether one stands in for a diverged run stays known: the pair is not clean */
	into->value = (a + b) / 2;
	into->undefined = false;
	into->done = into->done && r->done;
	into->diverged = false;
	into->stands_in = !into->done;
	into->one_class = into->one_class && r->one_class;
	into->collapsed = into->collapsed && r->collapsed;
	into->seconds = (into->seconds + r->seconds) / 2;
}

static void merge_arm(struct abl_loaded_arm *into, const struct abl_loaded_arm *a, double majority)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < into->count; k++)
			if (into->runs[k].seed == a->runs[i].seed)
				merge_run(&into->runs[k], &a->runs[i], majority);
	into->arm.planned += a->arm.planned;
	into->arm.done += a->arm.done;
	into->arm.diverged += a->arm.diverged;
	into->arm.pending += a->arm.pending;
}

int abl_compare_merge_baselines(struct abl_loaded *l, const struct abl_comparison *c)
{
	struct abl_loaded_arm *base = NULL;
	size_t kept = 0;
	int arms = 1;

	for (size_t i = 0; i < l->count && !base; i++)
		if (l->arms[i].arm.kind == ABL_VARIANT_BASELINE)
			base = &l->arms[i];
	if (!base)
		return 0;
	for (size_t i = 0; i < l->count; i++)
		if (l->arms[i].arm.kind == ABL_VARIANT_ARM) {
			merge_arm(base, &l->arms[i], c->majority);
			arms++;
		}
	for (size_t i = 0; i < l->count; i++)
		if (l->arms[i].arm.kind == ABL_VARIANT_ARM) {
			abl_grow(&l->spare, &l->spare_capacity, l->spares + 1, sizeof *l->spare);
			l->spare[l->spares++] = l->arms[i];
		} else {
			l->arms[kept++] = l->arms[i];
		}
	l->count = kept;
	return arms;
}

const struct abl_loaded_arm *abl_loaded_find(const struct abl_loaded *l, const char *label)
{
	for (size_t i = 0; i < l->count; i++)
		if (label ? !strcmp(l->arms[i].arm.label, label)
			  : l->arms[i].arm.kind == ABL_VARIANT_BASELINE)
			return &l->arms[i];
	return NULL;
}

/* ---- nothing to compare ---- */

static void add_name(void *data, const char *name)
{
	struct abl_str *out = data;

	abl_str_printf(out, "%s%s", out->length ? ", " : "", name);
}

int abl_compare_nothing(struct abl_store *store, int64_t study,
			const struct abl_compare_request *request, struct abl_err *err)
{
	struct abl_str names = {0};
	int rc;

	if (request->tests)
		return abl_err_set(err, ABL_EINPUT,
				   "no task of the study has scores on a test file yet; 'ablate "
				   "test STUDY' makes them; those of a program are a metric whose "
				   "name begins with 'test_'");
	if (!request->metric)
		return abl_err_set(err, ABL_EINPUT,
				   "no task of the study has a score: nothing was held back, and "
				   "there is no dev file; 'ablate test STUDY' scores test files");
	rc = abl_read_metric_names(store, study, add_name, &names, err);
	if (!rc)
		rc = names.length
			     ? abl_err_set(
				       err, ABL_EINPUT,
				       "no task of the study has the metric '%s'; choose from %s",
				       request->metric, names.text)
			     : abl_err_set(
				       err, ABL_EINPUT,
				       "no trial of the study is done yet, so there is no metric "
				       "'%s'",
				       request->metric);
	abl_str_finish(&names);
	return rc;
}
