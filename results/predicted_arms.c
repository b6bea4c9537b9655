/* SPDX-License-Identifier: Apache-2.0 */
#include "predicted_arms.h"

#include "files.h"
#include "predicted.h"
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- which trials ---- */

static struct abl_predicted_arm *arm_of(struct abl_predicted *x, const struct abl_read_predicted *t)
{
	if (!x->count || strcmp(x->arm[x->count - 1].label, t->variant) != 0) {
		abl_grow(&x->arm, &x->room, x->count + 1, sizeof *x->arm);
		x->arm[x->count++] = (struct abl_predicted_arm){.label = abl_strdup(t->variant),
								.is_baseline = t->is_baseline,
								.is_spare = t->is_arm};
	}
	return &x->arm[x->count - 1];
}

static void add_trial(void *data, const struct abl_read_predicted *t)
{
	struct abl_predicted *x = data;
	struct abl_predicted_arm *a = arm_of(x, t);
	bool diverged = t->state == ABL_FAILED && t->diverged;

	x->scorer.tags = t->type && !strcmp(t->type, "tag");
	abl_grow(&a->trial, &a->room, a->count + 1, sizeof *a->trial);
	a->trial[a->count++] = (struct abl_predicted_trial){
		.seed = t->seed,
		.pretraining = t->pretraining,
		.counts = diverged || (t->state == ABL_DONE && t->told),
		.told = t->value,
		.file = t->state == ABL_DONE && t->file ? abl_path_join(x->folder, t->file) : NULL,
		.diverged = diverged,
	};
}

struct task {
	struct abl_predicted *x;
	const char *metric; /* wanted; NULL: the main one */
	bool tests;
};

static void hear_task(void *data, const struct abl_read_task *t)
{
	struct task *k = data;

	k->x->task = abl_strdup(t->name);
	k->x->metric = abl_strdup(k->metric ? k->metric : t->metric);
	/* a program's main metric may be of the test split */
	k->tests &= !t->split || strcmp(t->split, "test") != 0;
}

int abl_predicted_open(struct abl_predicted **out, struct abl_store *store, int64_t study,
		       const char *task, const char *metric, bool tests, struct abl_err *err)
{
	struct abl_predicted *x = abl_calloc(1, sizeof *x);
	struct task k = {x, metric, tests};
	int rc = abl_read_task(store, study, task, hear_task, &k, err);

	x->folder = abl_strdup(abl_store_folder(store));
	if (rc == 1)
		rc = abl_read_predicted(store, study, x->task, x->metric, k.tests, add_trial, x,
					err);
	else if (!rc)
		rc = abl_err_set(err, ABL_EINPUT, "the study has no task '%s'", task);
	x->scorer.metric = x->metric;
	if (rc)
		abl_predicted_close(x);
	else
		*out = x;
	return rc;
}

void abl_predicted_close(struct abl_predicted *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->count; i++) {
		abl_predicted_arm_unload(&x->arm[i]);
		for (size_t k = 0; k < x->arm[i].count; k++) {
			free(x->arm[i].trial[k].file);
			free(x->arm[i].trial[k].fault);
		}
		free(x->arm[i].trial);
		free(x->arm[i].label);
	}
	free(x->arm);
	free(x->task);
	free(x->metric);
	free(x->folder);
	abl_example_list_finish(&x->examples);
	abl_example_scorer_finish(&x->scorer);
	abl_predicted_file_finish(&x->file);
	free(x);
}

struct abl_predicted_arm *abl_predicted_arm_find(struct abl_predicted *x, const char *label)
{
	for (size_t i = 0; i < x->count; i++)
		if (label ? !strcmp(x->arm[i].label, label) : x->arm[i].is_baseline)
			return &x->arm[i];
	return NULL;
}

/* ---- their files ---- */

/* The first file that agrees with its trial's score says which examples there are. */
static int read_values(struct abl_predicted *x, struct abl_predicted_trial *t, float **values,
		       struct abl_err *err)
{
	struct abl_predicted_file *f = &x->file;
	int rc = abl_predicted_file_read(f, t->file, x->metric, err);

	if (!rc && x->examples.path)
		rc = abl_example_list_match(&x->examples, f, err);
	if (rc)
		return rc;
	*values = abl_malloc(f->count * sizeof **values);
	rc = abl_example_values(&x->scorer, f, t->told, *values, err);
	if (!rc && !x->examples.path) {
		abl_example_list_take(&x->examples, f);
		x->marks = abl_example_is_mark(&x->scorer, f);
	}
	if (rc)
		free(*values);
	return rc;
}

static void load_trial(struct abl_predicted *x, struct abl_predicted_trial *t)
{
	struct abl_err err = {0};
	struct abl_str why = {0};
	float *values;

	if (t->fault || t->values || !t->counts || t->diverged)
		return;
	if (isnan(t->told))
		abl_str_printf(&why, "its '%s' has no value (nan)", x->metric);
	else if (!t->file)
		abl_str_puts(&why, "its trial has stored no predictions");
	else if (read_values(x, t, &values, &err))
		abl_str_puts(&why, err.text);
	else
		t->values = values;
	t->fault = why.text;
}

/* Does the trial count as the majority predictor where trials are compared? */
static bool stands_in(const struct abl_predicted *x, const struct abl_predicted_trial *t)
{
	return t->diverged || (t->counts && isnan(t->told) && !t->values &&
			       x->examples.form == ABL_PREDICTED_NUMBERS);
}

static void load_stand_in(struct abl_predicted *x, struct abl_predicted_trial *t)
{
	struct abl_err err = {0};

	if (!x->examples.path || !stands_in(x, t))
		return;
	free(t->fault);
	t->fault = NULL;
	t->values = abl_malloc(x->examples.count * sizeof *t->values);
	if (!abl_example_stand_in(&x->scorer, &x->examples, t->values, &err))
		return;
	free(t->values);
	t->values = NULL;
	t->fault = abl_strdup(err.text);
}

void abl_predicted_arm_load(struct abl_predicted *x, struct abl_predicted_arm *a)
{
	for (size_t i = 0; !a->loaded && i < a->count; i++)
		load_trial(x, &a->trial[i]);
	for (size_t i = 0; !a->loaded && i < a->count; i++)
		load_stand_in(x, &a->trial[i]);
	a->loaded = true;
}

void abl_predicted_arm_unload(struct abl_predicted_arm *a)
{
	for (size_t i = 0; i < a->count; i++) {
		free(a->trial[i].values);
		a->trial[i].values = NULL;
	}
	a->loaded = false;
}

static void add_values(struct abl_predicted_trial *t, const struct abl_predicted_arm *spare,
		       float *arms, size_t m)
{
	for (size_t i = 0; t->values && i < spare->count; i++) {
		const float *values = spare->trial[i].values;

		if (spare->trial[i].seed != t->seed || !values)
			continue;
		(*arms)++;
		for (size_t e = 0; e < m; e++)
			t->values[e] += (values[e] - t->values[e]) / *arms;
	}
}

/* The baseline is the mean of its arms, seed by seed. */
static void add_spares(struct abl_predicted *x, struct abl_predicted_arm *base)
{
	float *arms = abl_calloc(base->count + 1, sizeof *arms);

	for (size_t i = 0; i < base->count; i++)
		arms[i] = 1;
	for (size_t k = 0; k < x->count; k++) {
		if (!x->arm[k].is_spare)
			continue;
		abl_predicted_arm_load(x, &x->arm[k]);
		for (size_t i = 0; i < base->count; i++)
			add_values(&base->trial[i], &x->arm[k], &arms[i], x->examples.count);
		abl_predicted_arm_unload(&x->arm[k]);
	}
	free(arms);
}

void abl_predicted_arm_load_base(struct abl_predicted *x, struct abl_predicted_arm *a)
{
	if (x->base == a)
		return;
	if (x->base)
		abl_predicted_arm_unload(x->base);
	x->base = a;
	abl_predicted_arm_load(x, a);
	x->scorer.own.fixed = true;
	if (x->scorer.own.moved) {
		x->scorer.own.moved = false;
		abl_predicted_arm_unload(a);
		abl_predicted_arm_load(x, a);
	}
	if (a->is_baseline)
		add_spares(x, a);
}
