/* SPDX-License-Identifier: Apache-2.0 */
/* program_engine.c - a program of the user's, as the plan and the record see it. */
#include "engine.h"

#include "collector.h"
#include "predictions.h"

#include "graph.h"
#include "program_order.h"
#include "program_parts.h"

#include <stdlib.h>
#include <string.h>

/* Seeds of the placebo and of the baseline's second arm: far from those of every other variant. */
#define SALT 1000000
#define ARM_SALT 2000000
#define MOST_INPUTS 1000 /* files that the record names */

/* Where each metric is read must be something that a reader understands. */
static int check_sources(const struct abl_study *s, struct abl_err *err)
{
	struct abl_str place = {0};
	struct abl_err wrong = {0};
	int rc = 0;

	if (s->program->predictions && abl_predictions_check(s->program->predictions, &wrong))
		return abl_study_fail_at(s, "predictions.from", wrong.text, err);

	for (size_t i = 0; i < s->program->metric_count && !rc; i++) {
		const struct abl_program_metric *m = &s->program->metrics[i];
		struct abl_err fault = {0};

		if (!abl_metric_source_check(m->name, m->from, m->step, &fault))
			continue;
		abl_str_clear(&place);
		abl_str_printf(&place, "metrics.%s.from", m->name);
		rc = abl_study_fail_at(s, place.text, fault.text, err);
	}
	abl_str_finish(&place);
	return rc;
}

/* Where the study names what could not be found: a pattern of its own or of a step. */
static int place_pattern(const struct abl_study *s, const char *message, struct abl_err *err)
{
	static const char *const lists[] = {"files", "inputs"};
	int rc = 0;

	for (size_t i = 0; i < 2 && !rc; i++) {
		rc = abl_study_fail_quoted(s, lists[i], message, err);
		for (size_t k = 0; k < s->program->step_count && !rc; k++) {
			struct abl_str path = {0};

			abl_str_printf(&path, "steps.%s.%s", s->program->steps[k].name, lists[i]);
			rc = abl_study_fail_quoted(s, path.text, message, err);
			abl_str_finish(&path);
		}
	}
	return rc;
}

static int open_parts(struct abl_plan *p, const char *store, struct abl_err *err)
{
	const struct abl_study *s = p->study;
	struct abl_err fault = {0};
	int rc = check_sources(s, err);

	if (rc)
		return rc;
	rc = abl_program_parts_create(&p->program, s->program, store, &fault);
	if (!rc || place_pattern(s, fault.text, err))
		return rc;
	return abl_err_set(err, rc, "%s: error: %s", s->path, fault.text);
}

static void close_parts(struct abl_plan *p)
{
	abl_program_parts_destroy(p->program);
	p->program = NULL;
}

static int64_t seed_of(const struct abl_plan_trial *trial, const struct abl_values *config)
{
	const char *placebo = abl_values_choice(config, ABL_KEY_PLACEBO);

	return trial->seed + (!strcmp(placebo, ABL_PLACEBO_SALTED) ? SALT
			      : !strcmp(placebo, ABL_PLACEBO_ARM)  ? ARM_SALT
								   : 0);
}

/* The trial's steps; `repeat`: those that a seed reaches once more. */
static void add_steps(struct abl_plan *p, struct abl_plan_trial *trial,
		      const struct abl_trial_plan *how, bool repeat)
{
	const struct abl_program *program = p->study->program;
	size_t made[ABL_PROGRAM_STEPS];

	for (size_t i = 0; i < program->step_count; i++) {
		const struct abl_program_step *step = &program->steps[i];
		const struct abl_program_part *part = &p->program->part[i];
		const bool is_last = i + 1 == program->step_count;
		struct abl_plan_stage stage = {
			.kind = abl_kind_find(is_last ? "program" : "program_step"),
			.config = how->config,
			.seed = step->seeded ? seed_of(trial, how->config) : 0,
			.variant = trial->variant,
			.task = trial->task,
			.tuned = how->tuned,
			.order = how->order,
			.step = i,
			.repeat = repeat && step->seeded,
		};

		for (size_t k = 0; k < step->read_count; k++)
			stage.inputs[stage.input_count++] = (struct abl_plan_input){
				program->steps[step->reads[k]].name, made[step->reads[k]]};
		made[i] = abl_graph_add(p, stage);
		if (!repeat || p->stages[made[i]].repeat || is_last)
			abl_graph_set_role(trial, repeat ? part->repeat : part->role, made[i]);
	}
}

static void add_stages(struct abl_plan *p, struct abl_plan_trial *trial,
		       const struct abl_trial_plan *how)
{
	add_steps(p, trial, how, false);
	if (p->study->program->check_repeat && how->tuned == ABL_NONE && !trial->variant &&
	    !trial->replicate)
		add_steps(p, trial, how, true);
}

static void add_canonical(const struct abl_plan *p, const struct abl_plan_stage *stage,
			  struct abl_str *out)
{
	const struct abl_code_set *code = &p->program->part[stage->step].code;
	struct abl_stage_order order;

	abl_stage_order_init(&order, p, stage, &(struct abl_order_place){.out = ""});
	abl_str_printf(out, "stage=%s\nseed=%lld\n", stage->kind->name, (long long)stage->seed);
	if (stage->repeat)
		abl_str_puts(out, "repeat=1\n");
	if (code->code.count)
		abl_str_printf(out, "code=%s\n", code->code.hash);
	if (code->inputs.count)
		abl_str_printf(out, "inputs=%s\n", code->inputs.hash);
	for (size_t i = 0; i < stage->input_count; i++)
		abl_str_printf(out, "step %s=%s\n", stage->inputs[i].name,
			       p->stages[stage->inputs[i].stage].key);
	abl_order_canonical(&order.order, out);
	abl_stage_order_finish(&order);
}

static const struct abl_program_metric *main_metric(const struct abl_study *s)
{
	return &s->program->metrics[s->program->main];
}

static const char *metric_at(const struct abl_study *s, size_t task, size_t i)
{
	(void)task;
	return i < s->program->metric_count ? s->program->metrics[i].name : NULL;
}

static const char *metric(const struct abl_study *s, size_t task)
{
	(void)task;
	return main_metric(s)->name;
}

static bool lower_is_better(const struct abl_study *s, size_t task)
{
	(void)task;
	return main_metric(s)->lower_is_better;
}

static const char *split(const struct abl_study *s, size_t task)
{
	(void)task;
	return main_metric(s)->split;
}

/* What was used to choose says less than it seems to. */
static const char *label(const struct abl_study *s, size_t task)
{
	const struct abl_program_metric *chosen =
		s->tune.key ? &s->program->metrics[s->tune.metric] : main_metric(s);

	(void)task;
	if (!s->tune.key && !chosen->best)
		return NULL;
	return !strcmp(chosen->split, "dev") ? "selected on dev" : "selected on other data";
}

static struct abl_tuned_by tuned_by(const struct abl_plan *p, size_t task)
{
	const struct abl_program_metric *m = &p->study->program->metrics[p->study->tune.metric];

	(void)task;
	return (struct abl_tuned_by){p->program->part[m->of].role, m->name, m->lower_is_better};
}

static int put_files(struct abl_store *store, const struct abl_plan *p, int64_t study,
		     struct abl_err *err)
{
	struct abl_str role = {0};
	int rc = 0;

	for (size_t i = 0; i < p->program->count && !rc; i++) {
		const struct abl_code_list *inputs = &p->program->part[i].code.inputs;

		for (size_t k = 0; k < inputs->count && k < MOST_INPUTS && !rc; k++) {
			const struct abl_code_file *f = &inputs->file[k];

			abl_str_clear(&role);
			abl_str_printf(&role, "input/%s", f->path);
			rc = abl_store_put_data(store, study, role.text, f->path, f->content.hash,
						f->content.size, err);
		}
	}
	abl_str_finish(&role);
	return rc;
}

const struct abl_engine abl_program_engine = {
	.open = open_parts,
	.close = close_parts,
	.stages = add_stages,
	.canonical = add_canonical,
	.last = "evaluate",
	.metric = metric,
	.metric_at = metric_at,
	.lower_is_better = lower_is_better,
	.split = split,
	.label = label,
	.tuned_by = tuned_by,
	.put_files = put_files,
};
