/* SPDX-License-Identifier: Apache-2.0 */
/* compare.c - all tasks of a study, from their trials to tables of rows that are judged. */
#include "compare_families.h"
#include "compare_guards.h"
#include "compare_interactions.h"
#include "compare_load.h"
#include "compare_rates.h"
#include "compare_rows.h"

#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct analysing {
	struct abl_analysis *out;
	struct abl_store *store;
	int64_t study;
	const struct abl_compare_request *request;
	struct abl_compare_settings settings;
	struct abl_compared_task *task;
	size_t tasks, capacity;
	double *scale; /* [tasks] of their values in means over tasks */
	int arms;      /* of the baseline */
};

/* ---- tasks ---- */

static void comparison_destroy(struct abl_comparison *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		abl_row_finish(&c->effect[i]);
	abl_arm_finish(&c->baseline);
	free(c->effect);
	free(c->study);
	free(c->task);
	free(c->only);
	free(c->metric);
	free(c->split);
	free(c->label);
	free(c->mixed);
	abl_str_finish(&c->guards);
	free(c);
}

static int load_task(struct analysing *a, const char *name, struct abl_err *err)
{
	struct abl_comparison *c = abl_calloc(1, sizeof *c);
	struct abl_compared_task task = {.table = c};
	int rc = abl_compare_load(&task.loaded, c, a->store, a->study, name, a->request->metric,
				  a->request->tests, err);

	if (!rc) {
		abl_row_mark_collapsed(&task.loaded, c);
		a->arms = abl_compare_merge_baselines(&task.loaded, c);
		abl_grow(&a->task, &a->capacity, a->tasks + 1, sizeof *a->task);
		a->task[a->tasks++] = task;
		return 0;
	}
	abl_loaded_finish(&task.loaded);
	comparison_destroy(c);
	return rc == 1 ? 0 : rc;
}

/* A metric of pre-training is the same for all tasks: one is enough. */
static bool is_pretraining(const struct analysing *a)
{
	return a->tasks && a->task[0].table->pretraining;
}

static int load_tasks(struct analysing *a, struct abl_err *err)
{
	char **names = NULL;
	int rc = abl_read_tasks(&names, a->store, a->study, err);

	if (!rc && a->request->tests) {
		abl_names_destroy(names);
		rc = abl_read_tested_tasks(&names, a->store, a->study, err);
	}
	if (!rc && !names[0]) { /* a program's main metric may be of the test split */
		abl_names_destroy(names);
		rc = abl_read_tasks(&names, a->store, a->study, err);
	}
	for (size_t i = 0; !rc && names[i] && !is_pretraining(a); i++)
		rc = load_task(a, names[i], err);
	abl_names_destroy(names);
	return rc || a->tasks ? rc : abl_compare_nothing(a->store, a->study, a->request, err);
}

/* ---- tables ---- */

static void settle(const struct analysing *a, struct abl_comparison *c)
{
	c->exploratory = a->settings.exploratory;
	c->interim = a->out->interim;
	c->verdict_from = a->settings.verdict_from;
	c->pretrainings = a->settings.pretrainings;
	c->seeds_from = a->settings.seeds_from;
	c->seeds_to = a->settings.seeds_to;
	c->baseline_arms = a->arms;
	c->majority_known = true;
	for (size_t t = 0; t < a->tasks; t++)
		if (c->primary || a->task[t].table == c)
			c->majority_known &= !isnan(a->task[t].table->majority);
}

static void set_margin(const struct analysing *a, struct abl_comparison *c, const char *metric,
		       double scale)
{
	const double told = abl_compare_margin(&a->settings, metric);

	c->margin = (a->request->margin > 0 ? a->request->margin : told) * scale;
	c->margin_late = a->request->margin > 0 && a->request->margin != told;
}

/* The values of a variant on these tasks; `arms` of them have the variant. */
static size_t values_of(const struct analysing *a, const size_t *which, size_t count,
			const char *label, const double *scale, struct abl_task_values *out)
{
	size_t arms = 0;

	for (size_t i = 0; i < count; i++) {
		const struct abl_compared_task *k = &a->task[which[i]];

		out[i] = (struct abl_task_values){.arm = abl_loaded_find(&k->loaded, label),
						  .base = k->base,
						  .majority = k->table->majority,
						  .scale = scale[which[i]]};
		arms += out[i].arm != NULL;
	}
	return arms;
}

static void add_rates(const struct analysing *a, struct abl_arm *out, const size_t *which,
		      size_t count, const char *label)
{
	const struct abl_loaded_arm **arms = abl_calloc(count + 1, sizeof *arms);
	const bool base = a->task[0].base && !strcmp(a->task[0].base->arm.label, label);

	for (size_t i = 0; i < count; i++)
		arms[i] = abl_loaded_find(&a->task[which[i]].loaded, label);
	abl_rates_add(out, arms, count);
	for (size_t k = 0; base && k < a->task[0].loaded.spares; k++) {
		for (size_t i = 0; i < count; i++)
			arms[i] = k < a->task[which[i]].loaded.spares
					  ? &a->task[which[i]].loaded.spare[k]
					  : NULL;
		abl_rates_add(out, arms, count);
	}
	abl_rates_finish(out);
	free(arms);
}

/* Adds the row of a variant over some tasks. */
static void add_row(const struct analysing *a, struct abl_comparison *c, const size_t *which,
		    size_t count, const char *label, const double *scale)
{
	struct abl_task_values *values = abl_calloc(count + 1, sizeof *values);
	struct abl_effect *e = &c->effect[c->count];
	struct abl_arm base = {0};

	if (values_of(a, which, count, label, scale, values)) {
		abl_row_describe(e, values, count, &a->settings);
		add_rates(a, &e->arm, which, count, label);
		add_rates(a, &base, which, count, a->task[which[0]].base->arm.label);
		e->base_fails = base.fails; /* on these tasks */
		e->base_collapses = base.collapses;
		if (c->interim) {
			e->decision = ABL_DECISION_INTERIM;
			e->reason = NULL;
			e->p = e->p_sign_flip = e->t.p = NAN;
		}
		c->count++;
	}
	free(values);
}

static void describe_baseline(const struct analysing *a, struct abl_comparison *c,
			      const size_t *which, size_t count, const double *scale)
{
	struct abl_task_values *values = abl_calloc(count + 1, sizeof *values);

	for (size_t i = 0; i < count; i++)
		values[i] = (struct abl_task_values){.arm = a->task[which[i]].base,
						     .base = a->task[which[i]].base,
						     .majority = a->task[which[i]].table->majority,
						     .scale = scale[which[i]]};
	abl_row_describe_arm(&c->baseline, values, count);
	c->seeds = (int)a->task[which[0]].base->count;
	add_rates(a, &c->baseline, which, count, a->task[which[0]].base->arm.label);
	free(values);
}

static void fill_task(struct analysing *a, size_t t, const double *one)
{
	struct abl_compared_task *k = &a->task[t];
	struct abl_comparison *c = k->table;

	settle(a, c);
	set_margin(a, c, c->metric, 1);
	c->tasks = 1;
	describe_baseline(a, c, &t, 1, one);
	c->effect = abl_calloc(k->loaded.count + 1, sizeof *c->effect);
	for (size_t i = 0; i < k->loaded.count; i++)
		if (&k->loaded.arms[i] != k->base)
			add_row(a, c, &t, 1, k->loaded.arms[i].arm.label, one);
}

/* ---- primary rows ---- */

/* Labels of the variants, in the order of the listings; a task may lack some. */
static char **labels_of(const struct analysing *a, size_t *count)
{
	size_t capacity = 0;
	char **out = NULL;

	*count = 0;
	for (size_t t = 0; t < a->tasks; t++)
		for (size_t i = 0; i < a->task[t].loaded.count; i++) {
			const struct abl_loaded_arm *arm = &a->task[t].loaded.arms[i];
			bool known = arm == a->task[t].base;

			for (size_t k = 0; k < *count && !known; k++)
				known = !strcmp(out[k], arm->arm.label);
			if (known)
				continue;
			abl_grow(&out, &capacity, *count + 1, sizeof *out);
			out[(*count)++] = arm->arm.label;
		}
	return out;
}

/* Fills what the tasks have in common, and how each enters the mean. Metrics that differ are given
 * in points, and so that higher is better. */
static void describe_mean(const struct analysing *a, struct abl_comparison *c, double *scale)
{
	const struct abl_comparison *first = a->task[0].table;
	bool clocks = true, metrics = true, goals = true, splits = true, labels = true;

	for (size_t t = 0; t < a->tasks; t++) {
		const struct abl_comparison *k = a->task[t].table;

		metrics &= !strcmp(k->metric, first->metric);
		goals &= k->lower_is_better == first->lower_is_better;
		clocks &= k->cpu_time == first->cpu_time;
		splits &= !k->split == !first->split &&
			  (!k->split || !strcmp(k->split, first->split));
		labels &= !k->label == !first->label &&
			  (!k->label || !strcmp(k->label, first->label));
	}
	for (size_t t = 0; t < a->tasks; t++)
		scale[t] = (metrics ? 1 : 100) *
			   (!goals && a->task[t].table->lower_is_better ? -1 : 1);
	c->metric = abl_strdup(metrics ? first->metric : "points");
	c->split = first->split ? abl_strdup(splits ? first->split : "each task's own set") : NULL;
	c->label = first->label ? abl_strdup(labels ? first->label : "some selected on dev") : NULL;
	c->lower_is_better = goals && first->lower_is_better;
	c->cpu_time = clocks && first->cpu_time;
	c->pretraining = first->pretraining;
	c->examples = a->tasks == 1 ? first->examples : NAN;
	c->majority = a->tasks == 1 ? first->majority : NAN;
	set_margin(a, c, metrics ? first->metric : "points", 1);
}

static bool is_named(const struct analysing *a, const char *label, const char *name)
{
	const struct abl_loaded_arm *arm = NULL;

	for (size_t t = 0; t < a->tasks && !arm; t++)
		arm = abl_loaded_find(&a->task[t].loaded, label);
	return !strcmp(label, name) || (arm && arm->arm.subject && !strcmp(arm->arm.subject, name));
}

static void add_named(const struct analysing *a, struct abl_comparison *c, const size_t *every,
		      const char *label, const double *scale)
{
	for (size_t i = 0; i < a->settings.primaries; i++) {
		const struct abl_primary_rule *rule = &a->settings.primary[i];
		const bool mean = !*rule->task || !strcmp(rule->task, ABL_TASK_ALL);
		const size_t before = c->count;
		size_t t = 0;

		if (!is_named(a, label, rule->variant))
			continue;
		while (!mean && t < a->tasks && strcmp(a->task[t].table->task, rule->task))
			t++;
		if (t == a->tasks)
			continue;
		add_row(a, c, mean ? every : &t, mean ? a->tasks : 1, label, scale);
		if (!mean && a->tasks > 1 && c->count > before)
			c->effect[before].tasks = abl_strdup(rule->task);
	}
}

static void fill_mean(struct analysing *a)
{
	struct abl_comparison *c = abl_calloc(1, sizeof *c);
	size_t *every = abl_calloc(a->tasks, sizeof *every), count;
	double *scale = a->scale = abl_calloc(a->tasks, sizeof *scale);
	char **labels = labels_of(a, &count);

	a->out->all = c;
	c->study = abl_strdup(a->task[0].table->study);
	c->task = abl_strdup(ABL_TASK_ALL);
	c->only = a->tasks == 1 ? abl_strdup(a->task[0].table->task) : NULL;
	c->primary = true;
	c->tasks = a->tasks;
	settle(a, c);
	describe_mean(a, c, scale);
	for (size_t t = 0; t < a->tasks; t++)
		every[t] = t;
	describe_baseline(a, c, every, a->tasks, scale);
	c->effect = abl_calloc(count + a->settings.primaries * 2 + 1, sizeof *c->effect);
	for (size_t i = 0; i < count; i++)
		if (a->settings.primaries && !is_named(a, labels[i], "placebo"))
			add_named(a, c, every, labels[i], scale);
		else
			add_row(a, c, every, a->tasks, labels[i], scale);
	free(labels);
	free(every);
}

/* ---- all of it ---- */

static bool is_pending(const struct analysing *a)
{
	for (size_t t = 0; t < a->tasks; t++)
		for (size_t i = 0; i < a->task[t].loaded.count; i++)
			if (a->task[t].loaded.arms[i].arm.pending)
				return true;
	return false;
}

static bool is_anywhere(const struct analysing *a, const char *label)
{
	for (size_t t = 0; t < a->tasks; t++)
		if (abl_loaded_find(&a->task[t].loaded, label))
			return true;
	return false;
}

static int find_bases(struct analysing *a, struct abl_err *err)
{
	const char *base = a->request->base, *variant = a->request->variant;
	bool found = !variant;

	for (size_t t = 0; t < a->tasks; t++) {
		struct abl_compared_task *k = &a->task[t];

		k->base = abl_loaded_find(&k->loaded, base);
		if (!k->base && base)
			return !is_anywhere(a, base)
				       ? abl_compare_no_variant(a->store, a->study, base, err)
				       : abl_err_set(err, ABL_EINPUT,
						     "'%s' has no trials on '%s': name a variant "
						     "that every task has",
						     base, k->table->task);
		if (!k->base)
			return abl_err_set(err, ABL_EINPUT,
					   "the study has no baseline on '%s'; name the variant "
					   "to compare with",
					   k->table->task);
		if (variant && !strcmp(variant, k->base->arm.label))
			return abl_err_set(err, ABL_EINPUT,
					   "'%s' would be compared with itself: name another "
					   "variant, or two",
					   variant);
		found |= variant && abl_loaded_find(&k->loaded, variant);
	}
	return found ? 0 : abl_compare_no_variant(a->store, a->study, variant, err);
}

static void add_mixed(void *data, const char *what, const char *values)
{
	struct abl_str *out = data;

	abl_str_printf(out, "%s%s %s", out->length ? "; " : "", what, values);
}

static int add_warnings(struct analysing *a, struct abl_err *err)
{
	int rc = 0;

	for (size_t t = 0; t < a->tasks && !rc; t++) {
		struct abl_comparison *c = a->task[t].table;
		struct abl_str mixed = {0};

		rc = abl_read_mixed(a->store, a->study, c->task, add_mixed, &mixed, err);
		rc = rc ? rc : abl_compare_guards(c, a->store, a->study, err);
		c->mixed = mixed.text;
		if (!a->out->all->mixed && c->mixed)
			a->out->all->mixed = abl_strdup(c->mixed);
		a->out->all->other_code += c->other_code;
	}
	if (!rc) /* what is said of several tasks is said once */
		abl_compare_join_guards(a->out->all, a->out->task, a->tasks);
	return rc;
}

/* Leaves only the row of one variant: the correction stays that of the whole table. */
static void select_variant(struct abl_comparison *c, const char *label)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->effect[i].arm.label, label))
			c->effect[kept++] = c->effect[i];
		else
			abl_row_finish(&c->effect[i]);
	c->count = kept;
}

static int compute(struct analysing *a, struct abl_err *err)
{
	struct abl_analysis *out = a->out;
	double *one = abl_calloc(a->tasks + 1, sizeof *one);
	int rc;

	out->interim = is_pending(a);
	out->exploratory = a->settings.exploratory;
	out->study = abl_strdup(a->task[0].table->study);
	out->metric = a->request->metric ? abl_strdup(a->request->metric) : NULL;
	out->task = abl_calloc(a->tasks, sizeof *out->task);
	for (size_t t = 0; t < a->tasks; t++)
		one[t] = 1;
	for (size_t t = 0; t < a->tasks; t++) {
		fill_task(a, t, one);
		out->task[t] = a->task[t].table;
	}
	out->tasks = a->tasks;
	free(one);
	fill_mean(a);
	out->all->by_task = out->tasks > 1 || !abl_compare_covers(out->all, out->task[0]);
	for (size_t t = 0; t < out->tasks; t++)
		out->task[t]->by_task = out->all->by_task;
	abl_family_decide(&out->all, 1, ABL_FAMILY_PRIMARY, out->exploratory);
	abl_family_decide(out->task, out->tasks, ABL_FAMILY_TASK, out->exploratory);
	abl_rates_decide(&out->all, 1);
	abl_rates_decide(out->task, out->tasks);
	rc = add_warnings(a, err);
	if (!rc && !a->request->base)
		rc = abl_interactions_find(out, a->task, a->scale, &a->settings, a->store, a->study,
					   err);
	if (a->request->variant) {
		select_variant(out->all, a->request->variant);
		for (size_t t = 0; t < out->tasks; t++)
			select_variant(out->task[t], a->request->variant);
	}
	return rc;
}

int abl_analyse(struct abl_analysis **out, struct abl_store *store, int64_t study,
		const struct abl_compare_request *request, struct abl_err *err)
{
	struct analysing a = {.out = abl_calloc(1, sizeof *a.out),
			      .store = store,
			      .study = study,
			      .request = request};
	int rc = abl_compare_settings_load(&a.settings, store, study, err);

	rc = rc ? rc : load_tasks(&a, err);
	rc = rc ? rc : find_bases(&a, err);
	rc = rc ? rc : compute(&a, err);
	for (size_t t = 0; t < a.tasks; t++) {
		if (!a.out->tasks) /* not handed over yet */
			comparison_destroy(a.task[t].table);
		abl_loaded_finish(&a.task[t].loaded);
	}
	free(a.task);
	free(a.scale);
	abl_compare_settings_finish(&a.settings);
	if (rc)
		abl_analysis_destroy(a.out);
	else
		*out = a.out;
	return rc;
}

void abl_analysis_destroy(struct abl_analysis *a)
{
	if (!a)
		return;
	for (size_t t = 0; t < a->tasks; t++)
		comparison_destroy(a->task[t]);
	comparison_destroy(a->all);
	abl_interactions_destroy(a->interaction, a->interactions);
	free(a->task);
	free(a->study);
	free(a->metric);
	free(a);
}
