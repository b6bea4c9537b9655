/* SPDX-License-Identifier: Apache-2.0 */
/* plan.c - questions to a plan. */
#include "plan.h"

#include "engine.h"
#include "key.h"
#include "program.h"

#include <string.h>

int64_t abl_plan_seeds(const struct abl_study *s)
{
	return s->crossed ? s->pretrain_seeds * s->finetune_seeds : s->pretrain_seeds;
}

size_t abl_plan_variant(const struct abl_plan *p, const char *label, size_t near)
{
	const struct abl_study *s = p->study;

	for (size_t i = 0; i < s->variant_count; i++) {
		const size_t v = (near + i) % s->variant_count;

		if (!strcmp(s->variants[v].label, label))
			return v;
	}
	return ABL_NONE;
}

size_t abl_plan_task(const struct abl_plan *p, const char *name)
{
	for (size_t t = 0; t < p->study->task_count; t++)
		if (!strcmp(p->study->tasks[t].spec.name, name))
			return t;
	return ABL_NONE;
}

size_t abl_plan_input(const struct abl_plan_stage *stage, const char *name)
{
	for (size_t i = 0; i < stage->input_count; i++)
		if (!strcmp(stage->inputs[i].name, name))
			return stage->inputs[i].stage;
	return ABL_NONE;
}

size_t abl_plan_stage_of(const struct abl_plan_trial *trial, const char *role)
{
	for (size_t i = 0; i < trial->role_count; i++)
		if (!strcmp(trial->roles[i].role, role))
			return trial->roles[i].stage;
	return ABL_NONE;
}

const char *abl_plan_starts_from(const struct abl_plan *p, const struct abl_plan_stage *stage)
{
	return stage->kind->trains && stage->task != ABL_NONE &&
			       abl_plan_input(stage, "parent") == ABL_NONE
		       ? p->study->init
		       : NULL;
}

const struct abl_task_counts *abl_plan_counts(const struct abl_plan *p, size_t task)
{
	return &p->inputs->counts[task];
}

size_t abl_plan_gpus(const struct abl_plan *p, size_t stage)
{
	const size_t step = p->stages[stage].step;

	return step == ABL_NONE ? 0 : (size_t)p->study->program->steps[step].gpus;
}

size_t abl_plan_class(const struct abl_plan_stage *stage)
{
	const size_t first = abl_kind_index(abl_kind_find("program"));

	return stage->step == ABL_NONE ? abl_kind_index(stage->kind) : first + stage->step;
}

const char *abl_plan_stage_name(const struct abl_study *s, const struct abl_plan_stage *stage)
{
	const char *step = stage->step == ABL_NONE ? "" : s->program->steps[stage->step].name;

	return *step ? step : stage->kind->name;
}

const char *abl_plan_last(const struct abl_plan *p)
{
	return p->study->pretraining_only ? "evaluate" : p->engine->last;
}

bool abl_plan_ends_trial(const struct abl_plan *p, const struct abl_plan_stage *stage)
{
	if (p->study->pretraining_only)
		return stage->kind->trains;
	return (stage->kind->scores && !stage->repeat) ||
	       (stage->kind->trains && stage->task != ABL_NONE && stage->tuned == ABL_NONE &&
		!p->engine->split(p->study, stage->task));
}

bool abl_plan_is_test(const struct abl_plan_stage *stage)
{
	return stage->kind->scores && stage->split && !strcmp(stage->split, "test");
}
