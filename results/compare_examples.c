/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_examples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows of a task ---- */

static int of_task(struct abl_comparison *c, struct abl_store *store, int64_t study,
		   const struct abl_compare_request *request, bool shown, struct abl_err *err)
{
	struct abl_predicted *x = NULL;
	int rc = abl_predicted_open(&x, store, study, c->task, c->metric, request->tests, err);

	if (!rc && shown)
		abl_predicted_resample(x);
	for (size_t i = 0; i < c->count && !rc; i++) {
		struct abl_effect *e = &c->effect[i];
		const struct abl_example_request wanted = {e->arm.label, request->base,
							   e->scope == ABL_FOR_PRETRAININGS};

		e->examples = abl_calloc(1, sizeof *e->examples);
		abl_example_effect(x, &wanted, e->examples);
	}
	abl_predicted_close(x);
	return rc;
}

/* ---- means over tasks ---- */

static const struct abl_example_effect *find(const struct abl_comparison *c, const char *label)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->effect[i].arm.label, label))
			return c->effect[i].examples;
	return NULL;
}

/* What a task's metric is in the mean: in points where metrics differ, turned where goals do. */
static void set_scales(const struct abl_analysis *a, double *scale)
{
	bool metrics = true, goals = true;

	for (size_t t = 0; t < a->tasks; t++) {
		metrics &= !strcmp(a->task[t]->metric, a->task[0]->metric);
		goals &= a->task[t]->lower_is_better == a->task[0]->lower_is_better;
	}
	for (size_t t = 0; t < a->tasks; t++)
		scale[t] = (metrics ? 1 : 100) * (!goals && a->task[t]->lower_is_better ? -1 : 1);
}

static void of_mean(const struct abl_analysis *a, struct abl_effect *e, const double *scale)
{
	const struct abl_example_effect **task = abl_calloc(a->tasks + 1, sizeof(*task));
	double *own = abl_calloc(a->tasks + 1, sizeof *own);
	size_t n = 0;

	for (size_t t = 0; t < a->tasks; t++) {
		if (e->tasks && strcmp(e->tasks, a->task[t]->task) != 0)
			continue; /* a row that the study has named */
		own[n] = scale[t];
		task[n] = find(a->task[t], e->arm.label);
		n += task[n] != NULL;
	}
	e->examples = abl_calloc(1, sizeof *e->examples);
	if (n) {
		abl_example_effect_over_tasks(task, own, n, e->examples);
	} else {
		*e->examples = abl_example_effect_none();
		e->examples->reason = abl_strdup("it has no score on any task");
	}
	free(task);
	free(own);
}

int abl_compare_examples(struct abl_analysis *a, struct abl_store *store, int64_t study,
			 const struct abl_compare_request *request, bool shown, struct abl_err *err)
{
	double *scale = abl_calloc(a->tasks + 1, sizeof *scale);
	int rc = 0;

	for (size_t t = 0; t < a->tasks && !rc && !a->all->pretraining; t++) {
		rc = of_task(a->task[t], store, study, request, shown, err);
		a->task[t]->examples_shown = shown;
	}
	set_scales(a, scale);
	for (size_t i = 0; i < a->all->count && !rc && !a->all->pretraining; i++)
		of_mean(a, &a->all->effect[i], scale);
	a->all->examples_shown = shown;
	free(scale);
	return rc;
}

/* ---- for people ---- */

void abl_compare_examples_notes(const struct abl_comparison *c, struct abl_str *out)
{
	struct abl_example_effect_row *row;
	struct abl_str *name;
	size_t n = 0;

	if (!c->examples_shown)
		return;
	if (c->pretraining) {
		abl_str_puts(out, "with other texts: cannot say, predictions of pre-training are "
				  "not stored\n");
		return;
	}
	row = abl_calloc(c->count + 1, sizeof *row);
	name = abl_calloc(c->count + 1, sizeof *name);
	for (size_t i = 0; i < c->count; i++) {
		const struct abl_effect *e = &c->effect[i];

		if (!e->examples)
			continue;
		abl_compare_name(c, e, &name[n]);
		row[n] = (struct abl_example_effect_row){name[n].text, e->examples,
							 abl_is_decided(e)};
		n++;
	}
	abl_example_effect_notes(row, n, c->split && !strcmp(c->split, "test") ? "test" : "dev",
				 out);
	for (size_t i = 0; i < n; i++)
		abl_str_finish(&name[i]);
	free(name);
	free(row);
}

bool abl_compare_examples_error(const struct abl_comparison *c, double *least, double *largest)
{
	bool any = false;

	for (size_t i = 0; i < c->count; i++) {
		const struct abl_example_effect *x = c->effect[i].examples;

		if (!x || isnan(x->error))
			continue;
		*least = any ? fmin(*least, x->error) : x->error;
		*largest = any ? fmax(*largest, x->error) : x->error;
		any = true;
	}
	return any;
}
