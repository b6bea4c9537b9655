/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include "engine.h"
#include "graph.h"
#include "margins.h"
#include "str.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The place of a trial's configurations: as the study says, then with each tuned value. */
static size_t config_index(const struct abl_plan *p, const struct abl_plan_trial *trial)
{
	const struct abl_study *s = p->study;

	return (trial->variant * s->task_count + trial->task) * (s->tune.value_count + 1);
}

static size_t config_count(const struct abl_plan *p)
{
	const struct abl_study *s = p->study;

	return s->variant_count * s->task_count * (s->tune.value_count + 1);
}

/* Keeps a configuration, with that of the first part of its pre-training. */
static int keep_config(struct abl_plan *p, size_t at, struct abl_values *config,
		       struct abl_err *err)
{
	p->configs[at] = config;
	return p->engine->first ? p->engine->first(config, &p->firsts[at], err) : 0;
}

/* The trial's configuration, with a tuned value or (ABL_NONE) as the study says; one for all
 * trials of the variant and task. */
static int config_of(struct abl_plan *p, const struct abl_plan_trial *trial, size_t value,
		     struct abl_trial_plan *out, struct abl_err *err)
{
	const struct abl_study *s = p->study;
	const size_t plain = config_index(p, trial);
	const size_t at = value == ABL_NONE ? plain : plain + 1 + value;
	int rc = 0;

	if (!p->configs[plain])
		rc = keep_config(p, plain, abl_study_config(s, trial->variant, trial->task), err);
	if (!rc && !p->configs[at]) {
		struct abl_values *config = abl_values_copy(p->configs[plain]);

		rc = abl_values_set(config, s->tune.key, &s->tune.values[value], err);
		rc = rc ? rc : abl_values_resolve(config, NULL, err);
		if (rc)
			abl_values_destroy(config);
		else
			rc = keep_config(p, at, config, err);
	}
	out->config = p->configs[at];
	out->first = p->firsts[at];
	return rc ? abl_err_prefix(err, rc, "%s: error: 'tune'", s->path) : 0;
}

/* The stages of a trial, or of a tuning run for it, with a tuned value or (ABL_NONE) none. */
static int add_stages(struct abl_plan *p, struct abl_plan_trial *trial, size_t order, size_t value,
		      bool tuning, struct abl_err *err)
{
	const struct abl_study *s = p->study;
	struct abl_trial_plan how = {.order = order,
				     .tuned = tuning ? value : ABL_NONE,
				     .split = tuning && s->tune.by == ABL_TUNE_HELD_BACK
						      ? "held-back"
						      : p->engine->split(s, trial->task)};
	int rc = config_of(p, trial, value, &how, err);

	if (!rc)
		p->engine->stages(p, trial, &how);
	return rc;
}

/* Each stage counts the trials it serves. */
static void count_served(struct abl_plan *p)
{
	for (size_t i = 0; i < p->stage_count; i++)
		p->stages[i].serves = 0;
	for (size_t i = 0; i < p->trial_count; i++)
		for (size_t k = 0; k < p->trials[i].role_count; k++)
			p->stages[p->trials[i].roles[k].stage].serves++;
}

static size_t tune_of(const struct abl_plan *p, const struct abl_plan_trial *trial)
{
	return p->tune_of ? p->tune_of[trial->variant * p->study->task_count + trial->task]
			  : ABL_NONE;
}

size_t abl_plan_tune(const struct abl_plan *p, size_t trial)
{
	return tune_of(p, &p->trials[trial]);
}

size_t *abl_plan_tuning_run(const struct abl_plan *p, const struct abl_plan_tune *tune, size_t task,
			    size_t value, size_t replicate)
{
	const size_t seeds = (size_t)abl_plan_seeds(p->study);

	return &tune->evaluate[(task * p->study->tune.value_count + value) * seeds + replicate];
}

/* The runs that try each value. What they share with the trial, whatever is chosen, is its own
 * already: all that comes before the key that is tuned. */
static int add_tuning(struct abl_plan *p, struct abl_plan_trial *trial, size_t order,
		      struct abl_err *err)
{
	const struct abl_plan_tune *tune = &p->tunes[tune_of(p, trial)];
	int rc = 0;

	for (size_t value = 0; value < p->study->tune.value_count && !rc; value++) {
		struct abl_plan_trial run = *trial;

		rc = add_stages(p, &run, order, value, true, err);
		if (rc)
			break;
		*abl_plan_tuning_run(p, tune, trial->task - tune->task, value, trial->replicate) =
			abl_plan_stage_of(&run, p->engine->tuned_by(p, trial->task).role);
		for (size_t k = 0; k < run.role_count; k++) {
			const struct abl_plan_stage *stage = &p->stages[run.roles[k].stage];

			if (stage->task == ABL_NONE &&
			    !(stage->kind->options & p->study->tune.key->stages))
				abl_graph_set_role(trial, run.roles[k].role, run.roles[k].stage);
		}
	}
	return rc;
}

static void make_trials(struct abl_plan *p)
{
	const struct abl_study *s = p->study;
	const size_t per = s->crossed ? (size_t)s->finetune_seeds : 1;
	size_t n = 0;

	p->trials = abl_calloc((size_t)abl_plan_seeds(s) * s->variant_count * s->task_count,
			       sizeof *p->trials);
	for (size_t i = 0; i < (size_t)abl_plan_seeds(s); i++)
		for (size_t v = 0; v < s->variant_count; v++)
			for (size_t t = 0; t < s->task_count; t++) {
				struct abl_plan_trial *trial = &p->trials[n++];
				const int64_t pretrain = s->seeds_after + (int64_t)(i / per) + 1,
					      finetune = (int64_t)(i % per) + 1;

				*trial = (struct abl_plan_trial){
					.variant = v,
					.task = t,
					.replicate = i,
					.seed = s->crossed ? ABL_PLAN_CROSSED * pretrain + finetune
							   : pretrain,
					.pretrain_seed = pretrain};
			}
	p->trial_count = n;
}

/* A choice for each task, or one for all tasks of a variant. */
static void make_tunes(struct abl_plan *p)
{
	const struct abl_study *s = p->study;
	const size_t runs = s->tune.value_count * (size_t)abl_plan_seeds(s);

	if (!s->tune.key)
		return;
	p->tunes = abl_calloc(s->variant_count * s->task_count, sizeof *p->tunes);
	p->tune_of = abl_calloc(s->variant_count * s->task_count, sizeof *p->tune_of);
	for (size_t i = 0; i < s->variant_count * s->task_count; i++) {
		const size_t variant = i / s->task_count, task = i % s->task_count;
		const char *tuning = abl_values_choice(s->variants[variant].config, ABL_KEY_TUNING);
		const bool shared = !strcmp(tuning, "shared");

		p->tune_of[i] = ABL_NONE;
		if (!strcmp(tuning, "off"))
			continue;
		if (!shared || !task) {
			struct abl_plan_tune *tune = &p->tunes[p->tune_count++];

			*tune = (struct abl_plan_tune){.variant = variant,
						       .task = task,
						       .task_count = shared ? s->task_count : 1,
						       .chosen = ABL_NONE};
			tune->evaluate =
				abl_calloc(tune->task_count * runs, sizeof *tune->evaluate);
		}
		p->tune_of[i] = p->tune_count - 1;
	}
}

int abl_plan_create(struct abl_plan **out, const struct abl_study *study, const char *store,
		    struct abl_err *err)
{
	struct abl_plan *p = abl_calloc(1, sizeof *p);
	int rc;

	p->study = study;
	p->engine = abl_engine_of(study);
	rc = p->engine->open(p, store, err);
	rc = rc ? rc : abl_plan_check_margins(study, err);
	if (!rc) {
		p->configs = abl_calloc(config_count(p), sizeof *p->configs);
		p->firsts = abl_calloc(config_count(p), sizeof *p->firsts);
		make_trials(p);
		make_tunes(p);
	}
	for (size_t i = 0; i < p->trial_count && !rc; i++) {
		rc = abl_plan_tune(p, i) != ABL_NONE
			     ? add_tuning(p, &p->trials[i], i, err)
			     : add_stages(p, &p->trials[i], i, ABL_NONE, false, err);
	}
	if (rc) {
		abl_plan_destroy(p);
		return rc;
	}
	count_served(p);
	*out = p;
	return 0;
}

int abl_plan_choose(struct abl_plan *p, size_t tune, size_t value, struct abl_err *err)
{
	int rc = 0;

	assert(p->tunes[tune].chosen == ABL_NONE && value < p->study->tune.value_count);
	p->tunes[tune].chosen = value;
	for (size_t i = 0; i < p->trial_count && !rc; i++)
		if (abl_plan_tune(p, i) == tune)
			rc = add_stages(p, &p->trials[i], i, value, false, err);
	count_served(p);
	return rc;
}

void abl_plan_destroy(struct abl_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->stage_count; i++)
		free(p->stages[i].canonical);
	for (size_t i = 0; i < p->tune_count; i++)
		free(p->tunes[i].evaluate);
	for (size_t i = 0; p->configs && i < config_count(p); i++) {
		abl_values_destroy(p->configs[i]);
		abl_values_destroy(p->firsts[i]);
	}
	p->engine->close(p);
	free(p->stages), free(p->trials), free(p->tunes), free(p->tune_of), free(p->slots);
	free(p->configs), free(p->firsts);
	free(p);
}
