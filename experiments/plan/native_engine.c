/* SPDX-License-Identifier: Apache-2.0 */
/* native_engine.c - the built-in engine, as the plan and the record see it. */
#include "engine.h"

#include "file_bytes.h"
#include "files.h"
#include "key.h"
#include "metrics.h"
#include "native_judged.h"
#include "native_stages.h"
#include "record_file.h"
#include "task.h"

#include <stdlib.h>
#include <string.h>

static int open_inputs(struct abl_plan *p, const char *store, struct abl_err *err)
{
	const struct abl_study *s = p->study;

	(void)store;
	for (size_t i = 0; i < s->text_count; i++)
		p->text_bytes += abl_file_bytes(s->texts[i]);
	for (size_t t = 0; t < s->task_count && !s->text_count; t++)
		p->text_bytes += abl_file_bytes(s->tasks[t].spec.train);
	return abl_plan_inputs_create(&p->inputs, s, err);
}

static void close_inputs(struct abl_plan *p)
{
	abl_plan_inputs_destroy(p->inputs);
}

/* Objectives of pre-training by what they are called in its results. */
static const char *const objectives[] = {"mlm", "lm", "nsp"};
static const char *const measures[] = {"loss", "perplexity", "bits_per_character", "accuracy"};

static const char *of_objective(const char *objective, const char *measure)
{
	struct abl_str text = {0};
	const char *name;

	abl_str_printf(&text, "%s_%s", objective, measure);
	name = abl_intern(text.text);
	abl_str_finish(&text);
	return name;
}

static const char *split(const struct abl_study *s, size_t task)
{
	if (s->pretraining_only)
		return "held-out";
	return abl_task_spec_scored(&s->tasks[task].spec);
}

static const char *metric(const struct abl_study *s, size_t task)
{
	const struct abl_task_spec *spec = &s->tasks[task].spec;
	const struct abl_task_type *type;

	if (s->pretraining_only)
		return of_objective(abl_study_objective(s), measures[0]);
	type = abl_task_type_find(spec->type);
	return spec->metric ? spec->metric : type ? type->metrics[0] : "accuracy";
}

/* What must be said beside every number of a task. */
static const char *label(const struct abl_study *s, size_t task)
{
	const bool dev = s->tasks[task].spec.dev != NULL;

	if (s->pretraining_only)
		return NULL;
	if (s->tune.key && s->tune.by == ABL_TUNE_DEV)
		return "selected on dev";
	if (abl_native_judged(s, task, true) || (!dev && abl_native_judged(s, task, false)))
		return dev ? "selected on dev" : "selected on held-back";
	return NULL;
}

static const char *metric_at(const struct abl_study *s, size_t task, size_t i)
{
	const size_t of_each = sizeof measures / sizeof *measures;
	const struct abl_task_type *type;

	if (s->pretraining_only)
		return i < of_each * (sizeof objectives / sizeof *objectives)
			       ? of_objective(objectives[i / of_each], measures[i % of_each])
			       : NULL;
	type = abl_task_type_find(s->tasks[task].spec.type);
	return type ? type->metrics[i] : NULL;
}

static bool lower_is_better(const struct abl_study *s, size_t task)
{
	return s->pretraining_only || abl_metric_lower_is_better(metric(s, task));
}

static int put_files(struct abl_store *store, const struct abl_plan *p, int64_t study,
		     struct abl_err *err)
{
	const struct abl_study *s = p->study;
	char number[32];
	int rc = 0;

	for (size_t i = 0; i < s->text_count && !rc; i++)
		rc = abl_record_file(store, study, "pretraining",
				     abl_format_count((int64_t)i, number), s->texts[i], err);
	rc = rc ? rc : abl_record_file(store, study, "pretraining", "groups", s->groups, err);
	rc = rc ? rc : abl_record_file(store, study, "pretraining", "dev", s->held_out, err);
	rc = rc ? rc : abl_record_file(store, study, "vocab", "file", s->vocab_file, err);
	if (s->init && !rc) {
		char *weights = abl_path_join(s->init, "model.safetensors");

		rc = abl_record_file(store, study, "init", "weights", weights, err);
		free(weights);
	}
	for (size_t t = 0; t < s->task_count && !rc; t++) {
		const struct abl_task_spec *spec = &s->tasks[t].spec;

		rc = abl_record_file(store, study, spec->name, "train", spec->train, err);
		rc = rc ? rc : abl_record_file(store, study, spec->name, "dev", spec->dev, err);
	}
	return rc;
}

static struct abl_tuned_by tuned_by(const struct abl_plan *p, size_t task)
{
	return (struct abl_tuned_by){"evaluate", metric(p->study, task),
				     lower_is_better(p->study, task)};
}

const struct abl_engine abl_native_engine = {
	.open = open_inputs,
	.close = close_inputs,
	.first = abl_native_first,
	.stages = abl_native_stages,
	.canonical = abl_native_canonical,
	.last = "finetune",
	.metric = metric,
	.metric_at = metric_at,
	.lower_is_better = lower_is_better,
	.split = split,
	.label = label,
	.tuned_by = tuned_by,
	.put_files = put_files,
};
