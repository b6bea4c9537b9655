/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include "hooks.h"
#include "plan_cost.h"
#include "plan_key.h"
#include "str.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int64_t abl_plan_seeds(const struct abl_study *s)
{
	return s->crossed ? s->pretrain_seeds * s->finetune_seeds : s->pretrain_seeds;
}

const char *abl_plan_split(const struct abl_study *s, size_t task)
{
	return s->tasks[task].spec.dev ? "dev" : "held-back";
}

const char *abl_plan_starts_from(const struct abl_plan *p, const struct abl_plan_stage *stage)
{
	return stage->kind == ABL_STAGE_FINETUNE && stage->parent == ABL_NONE ? p->study->init
									      : NULL;
}

/* Where the key is in the hash table, or the free place for it. */
static size_t *slot_of(const struct abl_plan *p, const char *key)
{
	size_t i = (size_t)abl_hash64(key, strlen(key)) & (p->slot_count - 1);

	while (p->slots[i] != ABL_NONE && strcmp(p->stages[p->slots[i]].key, key))
		i = (i + 1) & (p->slot_count - 1);
	return &p->slots[i];
}

size_t abl_plan_find(const struct abl_plan *p, const char *key)
{
	return p->slot_count ? *slot_of(p, key) : ABL_NONE;
}

static void grow_table(struct abl_plan *p)
{
	p->slot_count = p->slot_count ? 2 * p->slot_count : 256;
	free(p->slots);
	p->slots = abl_malloc(p->slot_count * sizeof *p->slots);
	for (size_t i = 0; i < p->slot_count; i++)
		p->slots[i] = ABL_NONE;
	for (size_t i = 0; i < p->stage_count; i++)
		*slot_of(p, p->stages[i].key) = i;
}

/* The node with this content: a new one, or the one that is there already. */
static size_t add_stage(struct abl_plan *p, struct abl_plan_stage stage)
{
	size_t *slot;

	abl_plan_key(p, &stage);
	if (2 * (p->stage_count + 1) > p->slot_count)
		grow_table(p);
	slot = slot_of(p, stage.key);
	if (*slot != ABL_NONE) {
		struct abl_plan_stage *same = &p->stages[*slot];

		free(stage.canonical);
		if (stage.order < same->order)
			same->order = stage.order;
		if (stage.tuned == ABL_NONE)
			same->tuned = ABL_NONE;
		return *slot;
	}
	abl_plan_cost(&stage, stage.task == ABL_NONE ? NULL : &p->study->tasks[stage.task].spec,
		      p->text_bytes);
	abl_grow(&p->stages, &p->stage_capacity, p->stage_count + 1, sizeof *p->stages);
	p->stages[p->stage_count] = stage;
	*slot = p->stage_count;
	return p->stage_count++;
}

static struct abl_plan_stage base_stage(const struct abl_plan_trial *trial, size_t order,
					const struct abl_config *config)
{
	return (struct abl_plan_stage){
		.config = *config,
		.variant = trial->variant,
		.task = ABL_NONE,
		.tuned = ABL_NONE,
		.vocab = ABL_NONE,
		.corpus = ABL_NONE,
		.parent = ABL_NONE,
		.order = order,
	};
}

static size_t add_kind(struct abl_plan *p, struct abl_plan_stage stage, enum abl_stage_kind kind,
		       int64_t seed)
{
	stage.kind = kind;
	stage.seed = seed;
	return add_stage(p, stage);
}

/* The trial's configuration, with a tuned value or (ABL_NONE) as the study says. */
static int config_of(const struct abl_plan *p, const struct abl_plan_trial *trial, size_t value,
		     struct abl_config *out, struct abl_err *err)
{
	const struct abl_study *s = p->study;

	abl_study_config(s, trial->variant, trial->task, out);
	if (value != ABL_NONE && (abl_config_set(out, s->tune.key, &s->tune.values[value], err) ||
				  abl_config_resolve(out, NULL, NULL, err)))
		return abl_err_prefix(err, "%s: error: 'tune'", s->path);
	return 0;
}

/* vocab, tokenize and pretrain of a trial. */
static void add_first_stages(struct abl_plan *p, struct abl_plan_trial *trial, size_t order,
			     const struct abl_config *config)
{
	struct abl_plan_stage base = base_stage(trial, order, config);

	if (!p->study->vocab_file)
		base.vocab = trial->stage[ABL_STAGE_VOCAB] = add_kind(p, base, ABL_STAGE_VOCAB, 0);
	if (!ABL_HOOKS(config, ABL_SLOT_PRETRAINING, switch)->on)
		return;
	base.corpus = trial->stage[ABL_STAGE_TOKENIZE] = add_kind(p, base, ABL_STAGE_TOKENIZE, 0);
	trial->stage[ABL_STAGE_PRETRAIN] =
		add_kind(p, base, ABL_STAGE_PRETRAIN, trial->pretrain_seed);
}

/* The stages of a trial, or of a tuning run for it, with a tuned value or (ABL_NONE) none. */
static int add_stages(struct abl_plan *p, struct abl_plan_trial *trial, size_t order, size_t value,
		      bool tuning, struct abl_err *err)
{
	const struct abl_study *s = p->study;
	const char *split = tuning && s->tune.by == ABL_TUNE_HELD_BACK
				    ? "held-back"
				    : abl_plan_split(s, trial->task);
	struct abl_plan_stage base;
	struct abl_config config;

	if (config_of(p, trial, value, &config, err))
		return err->code;
	add_first_stages(p, trial, order, &config);
	base = base_stage(trial, order, &config);
	base.task = trial->task;
	base.tuned = tuning ? value : ABL_NONE;
	base.vocab = trial->stage[ABL_STAGE_VOCAB];
	base.parent = trial->stage[ABL_STAGE_PRETRAIN];
	base.split = split;
	base.hold_back = !strcmp(split, "held-back") ||
			 abl_task_spec_holds_back(&s->tasks[trial->task].spec);
	trial->stage[ABL_STAGE_FINETUNE] = add_kind(p, base, ABL_STAGE_FINETUNE, trial->seed);
	base.parent = trial->stage[ABL_STAGE_FINETUNE];
	base.sharpness = s->sharpness && !tuning;
	trial->stage[ABL_STAGE_EVALUATE] = add_kind(p, base, ABL_STAGE_EVALUATE, 0);
	return 0;
}

/* Each stage counts the trials it serves. */
static void count_served(struct abl_plan *p)
{
	for (size_t i = 0; i < p->stage_count; i++)
		p->stages[i].serves = 0;
	for (size_t i = 0; i < p->trial_count; i++)
		for (int k = 0; k < ABL_STAGES; k++)
			if (p->trials[i].stage[k] != ABL_NONE)
				p->stages[p->trials[i].stage[k]].serves++;
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
			    size_t value, int64_t seed)
{
	const size_t seeds = (size_t)abl_plan_seeds(p->study);

	return &tune->evaluate[(task * p->study->tune.value_count + value) * seeds + (size_t)seed -
			       1];
}

static int add_tuning(struct abl_plan *p, struct abl_plan_trial *trial, size_t order,
		      struct abl_err *err)
{
	const struct abl_plan_tune *tune = &p->tunes[tune_of(p, trial)];

	for (size_t value = 0; value < p->study->tune.value_count; value++) {
		struct abl_plan_trial run = *trial;

		if (add_stages(p, &run, order, value, true, err))
			return err->code;
		*abl_plan_tuning_run(p, tune, trial->task - tune->task, value, trial->seed) =
			run.stage[ABL_STAGE_EVALUATE];
		if (p->study->tune.key->scope == ABL_SCOPE_PRETRAIN)
			run.stage[ABL_STAGE_PRETRAIN] = ABL_NONE; /* which one is not known yet */
		for (int k = 0; k <= ABL_STAGE_PRETRAIN; k++)
			trial->stage[k] = run.stage[k];
	}
	return 0;
}

static void make_trials(struct abl_plan *p)
{
	const struct abl_study *s = p->study;
	const int64_t per = s->crossed ? s->finetune_seeds : 1;
	size_t n = 0;

	p->trials = abl_calloc((size_t)abl_plan_seeds(s) * s->variant_count * s->task_count,
			       sizeof *p->trials);
	for (int64_t seed = 1; seed <= abl_plan_seeds(s); seed++)
		for (size_t v = 0; v < s->variant_count; v++)
			for (size_t t = 0; t < s->task_count; t++) {
				struct abl_plan_trial *trial = &p->trials[n++];

				*trial = (struct abl_plan_trial){.variant = v,
								 .task = t,
								 .seed = seed,
								 .pretrain_seed =
									 (seed - 1) / per + 1};
				for (int k = 0; k < ABL_STAGES; k++)
					trial->stage[k] = ABL_NONE;
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
		const char *tuning = s->variants[variant].config.tuning;
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

int abl_plan_create(struct abl_plan **out, const struct abl_study *study, struct abl_err *err)
{
	struct abl_plan *p = abl_calloc(1, sizeof *p);
	struct abl_err local = {0};
	int rc;

	err = err ? err : &local;
	p->study = study;
	for (size_t i = 0; i < study->text_count; i++)
		p->text_bytes += abl_plan_file_bytes(study->texts[i]);
	rc = abl_plan_inputs_create(&p->inputs, study, err);
	if (!rc) {
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
	struct abl_err local = {0};

	err = err ? err : &local;
	assert(p->tunes[tune].chosen == ABL_NONE && value < p->study->tune.value_count);
	p->tunes[tune].chosen = value;
	for (size_t i = 0; i < p->trial_count; i++)
		if (abl_plan_tune(p, i) == tune &&
		    add_stages(p, &p->trials[i], i, value, false, err))
			return err->code;
	count_served(p);
	return 0;
}

void abl_plan_destroy(struct abl_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->stage_count; i++)
		free(p->stages[i].canonical);
	for (size_t i = 0; i < p->tune_count; i++)
		free(p->tunes[i].evaluate);
	abl_plan_inputs_destroy(p->inputs);
	free(p->stages), free(p->trials), free(p->tunes), free(p->tune_of), free(p->slots);
	free(p);
}
