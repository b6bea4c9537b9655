/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_trial.h"

#include "attempt_folder.h"
#include "files.h"
#include "program.h"
#include "program_order.h"
#include "secret_name.h"
#include "str.h"
#include "trial_file.h"

#include <stdlib.h>
#include <string.h>

/* The path of an input: another stage's artefact or a file in it, or what the study has instead.
 * The caller's, or NULL. */
static char *input_path(const struct abl_run *run, const struct abl_plan_stage *stage, size_t input)
{
	const struct abl_plan_input *in = &stage->inputs[input];
	const char *file = stage->kind->foreign ? "" : stage->kind->inputs[input].file;
	const char *instead = !strcmp(in->name, "vocab") ? run->plan->study->vocab_file
							 : abl_plan_starts_from(run->plan, stage);

	if (in->stage == ABL_NONE)
		return instead ? abl_strdup(instead) : NULL;
	return abl_store_path(run->folder, "%s%s%s", run->nodes[in->stage].artifact,
			      *file ? "/" : "", file);
}

/* The order of a user's program, for the trial file. */
static json_t *order_of(const struct abl_run *run, const struct abl_job *job, char *const *folders)
{
	const struct abl_plan_stage *stage = &run->plan->stages[job->stage];
	char *out = job->worker
			    ? abl_store_path(run->folder, "work/%s/%lld.out/" ABL_ATTEMPT_OUT,
					     stage->key, (long long)job->attempt)
			    : abl_store_path(run->folder, "work/%s/" ABL_ATTEMPT_OUT, stage->key);
	const struct abl_order_place place = {.directory = run->code ? run->code[stage->step].folder
								     : NULL,
					      .hides_secrets = true,
					      .cards = job->cards,
					      .out = out,
					      .folders = (const char *const *)folders,
					      .threads = job->threads};
	struct abl_stage_order order;
	json_t *json;

	abl_stage_order_init(&order, run->plan, stage, &place);
	json = abl_order_json(&order.order);
	abl_stage_order_finish(&order);
	free(out);
	return json;
}

int abl_attempt_trial(const struct abl_run *run, const struct abl_job *job, const char *folder,
		      const char *path, bool resume, struct abl_err *err)
{
	const struct abl_plan_stage *stage = &run->plan->stages[job->stage];
	const struct abl_study *study = run->plan->study;
	const unsigned reads = stage->kind->reads;
	char *paths[ABL_KIND_INPUTS] = {NULL}, *directory = abl_real_path("."),
	     *data = study->data ? abl_real_path(study->data) : NULL;
	const struct abl_whole whole = {directory, study->data, data};
	struct abl_trial trial = {
		.study = study->name,
		.variant = study->variants[stage->variant].label,
		.stage = stage->kind->name,
		.key = stage->key,
		.attempt = job->attempt,
		.seed = stage->seed,
		.config = stage->config,
		.output = folder,
		.texts = reads & ABL_READS_TEXTS ? (const char *const *)study->texts : NULL,
		.groups = reads & ABL_READS_GROUPS ? study->groups : NULL,
		.held_out = reads & ABL_READS_GROUPS ? study->held_out : NULL,
		.task = stage->task == ABL_NONE || stage->kind->foreign
				? NULL
				: &study->tasks[stage->task].spec,
		.split = stage->split,
		.hold_back = stage->hold_back,
		.sharpness = stage->sharpness,
		.threads = job->threads,
		.resume = resume,
		.whole = job->worker ? &whole : NULL,
	};
	const struct abl_task_spec **tasks = abl_calloc(study->task_count, sizeof *tasks);
	int rc;

	if (reads & ABL_READS_TASKS && !study->text_count) {
		trial.tasks = tasks;
		trial.task_count = study->task_count;
		for (size_t t = 0; t < study->task_count; t++)
			tasks[t] = &study->tasks[t].spec;
	}
	for (size_t i = 0; i < stage->input_count; i++) {
		paths[i] = input_path(run, stage, i);
		trial.inputs[trial.input_count++] =
			(struct abl_trial_input){stage->inputs[i].name, paths[i]};
	}
	if (stage->kind->foreign)
		trial.order = order_of(run, job, paths);
	rc = abl_trial_write(path, &trial, err);
	json_decref(trial.order);
	for (size_t i = 0; i < stage->input_count; i++)
		free(paths[i]);
	free(tasks), free(directory), free(data);
	return rc;
}

static void add_secrets(const struct abl_program_setting *s, size_t count, char **out, size_t *n)
{
	for (size_t i = 0; i < count; i++) {
		struct abl_str text = {0};

		if (!abl_is_secret_name(s[i].name))
			continue;
		abl_str_printf(&text, ABL_SECRET_VARIABLE "%s=%s", s[i].name, s[i].value);
		out[(*n)++] = text.text;
	}
}

char **abl_attempt_secrets(const struct abl_run *run)
{
	const struct abl_program *p = run->plan->study->program;
	char **list;
	size_t n = 0;

	if (!p)
		return NULL;
	list = abl_calloc(p->environment_count + p->pass_count + 1, sizeof *list);
	add_secrets(p->environment, p->environment_count, list, &n);
	add_secrets(p->pass, p->pass_count, list, &n);
	return list;
}

void abl_attempt_expects(const struct abl_run *run, size_t stage, struct abl_attempt_row *row)
{
	struct abl_forecast expected;

	abl_forecast_stage(run->forecasts, run->plan, stage, &expected);
	if (run->forecasts && (expected.known || !run->plan->stages[stage].kind->foreign)) {
		row->expected_seconds = expected.seconds;
		row->expected_cpu = expected.cpu_seconds;
		row->expected_memory = expected.memory;
	}
}
