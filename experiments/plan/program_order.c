/* SPDX-License-Identifier: Apache-2.0 */
#include "program_order.h"

#include "program_parts.h"
#include "secret_name.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

static const char *const nothing[] = {NULL};

static const char *const *words(char *const *list)
{
	return list ? (const char *const *)list : nothing;
}

/* Row of the key in the space, which is that of its words. */
static const struct abl_program_option *option_of(const struct abl_plan *p,
						  const struct abl_key *key)
{
	const struct abl_program_option *o = p->study->program->options;

	while (o->key != key)
		o++;
	return o;
}

/* What does nothing is passed at its default: then equal keys are equal commands. */
static void add_options(struct abl_stage_order *out, const struct abl_plan *p,
			const struct abl_plan_stage *stage, const struct abl_program_step *step)
{
	out->options = abl_calloc(step->option_count + 1, sizeof *out->options);
	for (size_t i = 0; i < step->option_count; i++) {
		const struct abl_program_option *o = option_of(p, step->options[i]);
		struct abl_order_option *row = &out->options[i];

		*row = (struct abl_order_option){.name = o->key->name,
						 .value = o->key->def,
						 .flag = o->flag,
						 .on = (const char *const *)o->on,
						 .off = (const char *const *)o->off};
		if (abl_values_active(stage->config, o->key))
			abl_values_get(stage->config, o->key, &row->value);
	}
	out->order.options = out->options;
	out->order.option_count = step->option_count;
}

static void add_metrics(struct abl_stage_order *out, const struct abl_program *program, size_t step)
{
	out->metrics = abl_calloc(program->metric_count + 1, sizeof *out->metrics);
	for (size_t i = 0; i < program->metric_count; i++) {
		const struct abl_program_metric *m = &program->metrics[i];

		if (m->of != step)
			continue;
		out->metrics[out->order.metric_count++] =
			(struct abl_order_metric){.name = m->name,
						  .lower_is_better = m->lower_is_better,
						  .main = m->main,
						  .series = m->series,
						  .best = m->best,
						  .split = m->split,
						  .from = m->from,
						  .step = m->step};
	}
	out->order.metrics = out->metrics;
}

static void add_settings(struct abl_stage_order *out, const struct abl_program *program,
			 bool hides_secrets)
{
	const size_t n = program->environment_count;

	out->settings = abl_calloc(n + program->pass_count + 1, sizeof *out->settings);
	for (size_t i = 0; i < n + program->pass_count; i++) {
		const struct abl_program_setting *s =
			i < n ? &program->environment[i] : &program->pass[i - n];

		const bool hidden = hides_secrets && abl_is_secret_name(s->name);

		out->settings[i] = (struct abl_order_setting){s->name, hidden ? NULL : s->value};
	}
	out->order.environment = out->settings;
	out->order.environment_count = n;
	out->order.pass = out->settings + n;
	out->order.pass_count = program->pass_count;
}

static void add_folders(struct abl_stage_order *out, const struct abl_plan_stage *stage,
			const struct abl_order_place *place)
{
	out->folders = abl_calloc(stage->input_count + 1, sizeof *out->folders);
	for (size_t i = 0; i < stage->input_count; i++)
		out->folders[i] = (struct abl_order_folder){
			stage->inputs[i].name, place->folders ? place->folders[i] : ""};
	out->order.folders = out->folders;
	out->order.folder_count = stage->input_count;
}

static bool is_read(const struct abl_program *program, size_t step)
{
	for (size_t i = 0; i < program->step_count; i++)
		for (size_t k = 0; k < program->steps[i].read_count; k++)
			if (program->steps[i].reads[k] == step)
				return true;
	return false;
}

/* Is what it writes the weights that `keep` speaks of? */
static bool keeps_all(const struct abl_plan *p, const struct abl_plan_stage *stage)
{
	const char *keep = p->study->keep;
	const size_t seeds = (size_t)abl_plan_seeds(p->study);

	return keep && (!strcmp(keep, ABL_KEEP_WEIGHTS) ||
			(!strcmp(keep, ABL_KEEP_LAST) && stage->order < p->trial_count &&
			 p->trials[stage->order].replicate + 1 == seeds));
}

void abl_stage_order_init(struct abl_stage_order *out, const struct abl_plan *p,
			  const struct abl_plan_stage *stage, const struct abl_order_place *place)
{
	const struct abl_study *s = p->study;
	const struct abl_program *program = s->program;
	const struct abl_program_step *step = &program->steps[stage->step];
	const bool is_last = stage->step + 1 == program->step_count;

	*out = (struct abl_stage_order){0};
	out->order = (struct abl_order){
		.study = s->name,
		.variant = s->variants[stage->variant].label,
		.task = s->tasks[stage->task].spec.name,
		.step = step->name,
		.seed = stage->seed,
		.command = p->program->part[stage->step].command,
		.setup = words(program->setup),
		.wrap = p->program->part[stage->step].wrap,
		.task_flags = words(program->tasks[stage->task].flags),
		.directory = place->directory ? place->directory : program->directory,
		.home = program->directory,
		.flags = program->flags,
		.seed_flag = step->seeded ? program->seed_flag : NULL,
		.seed_variable = step->seeded ? program->seed_variable : NULL,
		.out = place->out,
		.predictions = is_last ? program->predictions : NULL,
		.predictions_id = is_last ? program->predictions_id : NULL,
		.predictions_correct = is_last ? program->predictions_correct : NULL,
		.resume_if = program->resume_if,
		.resume_flags = words(program->resume_flags),
		.stop_signal = program->stop_signal,
		.stop_grace = program->stop_grace,
		.gpus = step->gpus,
		.cards = place->cards ? place->cards : nothing,
		.keep = words(program->keep),
		.keep_all = is_read(program, stage->step) || keeps_all(p, stage),
		.threads = place->threads,
	};
	add_options(out, p, stage, step);
	add_metrics(out, program, stage->step);
	add_settings(out, program, place->hides_secrets);
	add_folders(out, stage, place);
}

void abl_stage_order_finish(struct abl_stage_order *o)
{
	if (!o)
		return;
	free(o->options), free(o->metrics), free(o->settings), free(o->folders);
	*o = (struct abl_stage_order){0};
}
