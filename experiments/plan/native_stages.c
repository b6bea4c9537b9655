/* SPDX-License-Identifier: Apache-2.0 */
#include "native_stages.h"

#include "graph.h"
#include "hooks.h"
#include "native_config.h"

#include <string.h>

/* Adds the stage of that kind: its inputs are the trial's stages of these roles. */
static void add(struct abl_plan *p, struct abl_plan_trial *trial, struct abl_plan_stage stage,
		const char *kind, const char *const *inputs)
{
	stage.kind = abl_kind_find(kind);
	for (size_t i = 0; stage.kind->inputs[i].name; i++)
		stage.inputs[stage.input_count++] = (struct abl_plan_input){
			stage.kind->inputs[i].name, abl_plan_stage_of(trial, inputs[i])};
	abl_graph_set_role(trial, stage.kind->name, abl_graph_add(p, stage));
}

void abl_native_stages(struct abl_plan *p, struct abl_plan_trial *trial,
		       const struct abl_trial_plan *how)
{
	const struct abl_study *s = p->study;
	struct abl_plan_stage stage = {.config = how->config,
				       .variant = trial->variant,
				       .task = ABL_NONE,
				       .tuned = ABL_NONE,
				       .order = how->order};

	if (!s->vocab_file)
		add(p, trial, stage, "vocab", (const char *const[]){NULL});
	if (ABL_HOOKS(abl_native_config(how->config), ABL_SLOT_PRETRAINING, switch)->on) {
		add(p, trial, stage, "tokenize", (const char *const[]){"vocab"});
		stage.seed = trial->pretrain_seed;
		add(p, trial, stage, "pretrain", (const char *const[]){"vocab", "tokenize"});
	}
	stage.task = trial->task;
	stage.tuned = how->tuned;
	stage.split = how->split;
	stage.hold_back = !strcmp(how->split, "held-back") ||
			  abl_task_spec_holds_back(&s->tasks[trial->task].spec);
	stage.seed = trial->seed;
	add(p, trial, stage, "finetune", (const char *const[]){"vocab", "pretrain"});
	stage.seed = 0;
	stage.sharpness = s->sharpness && how->tuned == ABL_NONE;
	add(p, trial, stage, "evaluate", (const char *const[]){"vocab", "finetune"});
}
