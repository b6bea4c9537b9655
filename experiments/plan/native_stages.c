/* SPDX-License-Identifier: Apache-2.0 */
#include "native_stages.h"

#include "graph.h"
#include "hooks.h"
#include "judge.h"
#include "native_config.h"

#include <string.h>

/* Adds the stage of that kind: its inputs are the trial's stages of these roles (NULL ends them,
 * where the kind has more), its own is the kind's name or another one. */
static void add_as(struct abl_plan *p, struct abl_plan_trial *trial, struct abl_plan_stage stage,
		   const char *kind, const char *role, const char *const *inputs)
{
	stage.kind = abl_kind_find(kind);
	for (size_t i = 0; stage.kind->inputs[i].name && inputs[i]; i++)
		stage.inputs[stage.input_count++] = (struct abl_plan_input){
			stage.kind->inputs[i].name, abl_plan_stage_of(trial, inputs[i])};
	abl_graph_set_role(trial, role ? role : stage.kind->name, abl_graph_add(p, stage));
}

static void add(struct abl_plan *p, struct abl_plan_trial *trial, struct abl_plan_stage stage,
		const char *kind, const char *const *inputs)
{
	add_as(p, trial, stage, kind, NULL, inputs);
}

/* In one part, or in two: the first is the one that studies of shorter texts have, too. */
static void add_pretraining(struct abl_plan *p, struct abl_plan_trial *trial,
			    struct abl_plan_stage stage, const struct abl_trial_plan *how)
{
	const char *last = p->study->pretraining_only ? "evaluate" : NULL;

	if (!how->first) {
		add_as(p, trial, stage, "pretrain", last,
		       (const char *const[]){"vocab", "tokenize", NULL});
		return;
	}
	stage.config = how->first;
	add_as(p, trial, stage, "pretrain", ABL_ROLE_PRETRAIN_FIRST,
	       (const char *const[]){"vocab", "tokenize", NULL});
	stage.config = how->config;
	add_as(p, trial, stage, "pretrain", last,
	       (const char *const[]){"vocab", "tokenize", ABL_ROLE_PRETRAIN_FIRST});
}

int abl_native_first(const struct abl_values *config, struct abl_values **out, struct abl_err *err)
{
	const struct abl_config *all = abl_native_config(config);
	struct abl_config *first;

	*out = NULL;
	if (!ABL_HOOKS(all, ABL_SLOT_PRETRAINING, switch)->on || !all->first_length)
		return 0;
	*out = abl_values_copy(config);
	first = abl_native_config_mut(*out);
	first->max_length = all->first_length;
	first->first_length = first->long_steps = 0;
	return abl_values_resolve(*out, NULL, err);
}

void abl_native_stages(struct abl_plan *p, struct abl_plan_trial *trial,
		       const struct abl_trial_plan *how)
{
	const struct abl_study *s = p->study;
	const struct abl_config *config = abl_native_config(how->config);
	struct abl_plan_stage stage = {.config = how->config,
				       .variant = trial->variant,
				       .task = ABL_NONE,
				       .tuned = ABL_NONE,
				       .step = ABL_NONE,
				       .order = how->order};

	if (!s->vocab_file)
		add(p, trial, stage, "vocab", (const char *const[]){NULL});
	if (ABL_HOOKS(config, ABL_SLOT_PRETRAINING, switch)->on) {
		add(p, trial, stage, "tokenize", (const char *const[]){"vocab"});
		stage.seed = trial->pretrain_seed;
		add_pretraining(p, trial, stage, how);
	}
	if (s->pretraining_only)
		return;
	stage.task = trial->task;
	stage.tuned = how->tuned;
	stage.split = how->split;
	stage.hold_back = (how->split && !strcmp(how->split, "held-back")) ||
			  abl_task_spec_holds_back(&s->tasks[trial->task].spec) ||
			  abl_judge_holds_back(&config->finetune);
	stage.sees_scored = how->split && abl_judge_sees_scored(&config->finetune);
	stage.seed = trial->seed;
	add(p, trial, stage, "finetune", (const char *const[]){"vocab", "pretrain"});
	stage.seed = 0;
	stage.sees_scored = false;
	stage.sharpness = s->sharpness && how->tuned == ABL_NONE;
	if (how->split)
		add(p, trial, stage, "evaluate", (const char *const[]){"vocab", "finetune"});
	if (!s->tasks[trial->task].tested || how->tuned != ABL_NONE)
		return;
	stage.sharpness = false;
	stage.split = "test";
	add_as(p, trial, stage, "evaluate", ABL_ROLE_TEST,
	       (const char *const[]){"vocab", "finetune"});
}
