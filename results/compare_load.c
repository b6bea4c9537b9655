/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_load.h"

#include "trials.h"
#include "hint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static int no_task(struct abl_store *store, int64_t study, const char *task, struct abl_err *err)
{
	char **list;
	int rc = abl_read_tasks(&list, store, study, err);

	if (rc)
		return rc;
	rc = unknown("task", task, list, err);
	abl_names_destroy(list);
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
	size_t told; /* trials that have the metric */
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
	struct abl_loaded_arm *a = arm_of(l->arms, t);
	struct abl_loaded_run run = {
		.seed = t->seed,
		.pretraining = t->pretraining,
		.diverged = t->state == ABL_FAILED && t->diverged,
		.one_class = t->predicted_classes == 1,
		.value = t->state == ABL_DONE ? t->value : NAN,
		.seconds = t->seconds,
	};

	run.undefined = t->state == ABL_DONE && t->told && isnan(run.value);
	run.done = run.undefined || !isnan(run.value);
	a->arm.planned++;
	a->arm.done += run.done;
	a->arm.diverged += run.diverged;
	a->arm.pending += t->state == ABL_WAITING || t->state == ABL_RUNNING;
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

static int no_score(const struct abl_comparison *c, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT,
			   "task '%s' of study '%s' has no score: nothing was held back, and there "
			   "is no dev file; 'ablate test %s' scores a test file",
			   c->task, c->study, c->study);
}

static int no_tests(const struct abl_comparison *c, struct abl_err *err)
{
	return abl_err_set(err, ABL_EINPUT,
			   "task '%s' of study '%s' has no scores on a test file yet; 'ablate test "
			   "%s' makes them; those of a program are its metric 'test_%s'",
			   c->task, c->study, c->study, c->metric);
}

int abl_compare_load(struct abl_loaded *out, struct abl_comparison *c, struct abl_store *store,
		     int64_t study, const struct abl_compare_request *request, struct abl_err *err)
{
	struct loading l = {.arms = out};
	int rc = abl_read_task(store, study, request->task, load_task, c, err);
	bool tests = request->tests;

	if (rc != 1)
		return rc ? rc : no_task(store, study, request->task, err);
	if (tests && c->split && !strcmp(c->split, "test"))
		tests = false; /* a program's main metric may be of the test split */
	if (tests) {
		free(c->split);
		c->split = abl_strdup("test");
	}
	if (!tests && c->split && !strcmp(c->split, ABL_SPLIT_NONE))
		return no_score(c, err);
	rc = abl_read_task_trials(store, study, c->task, c->metric, tests, load_trial, &l, err);
	c->majority = average_of(&l.majority);
	c->examples = average_of(&l.examples);
	return rc || !tests || l.told ? rc : no_tests(c, err);
}
