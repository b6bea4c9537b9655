/* SPDX-License-Identifier: Apache-2.0 */
#include "node_value.h"
#include "program_source.h"

#include <signal.h>
#include <stdlib.h>

#define GRACE 60 /* seconds */

struct abl_program *abl_program_create(void)
{
	struct abl_program *p = abl_calloc(1, sizeof *p);

	p->setup = abl_program_no_words();
	p->wrap = abl_program_no_words();
	p->files = abl_program_no_words();
	p->inputs = abl_program_no_words();
	p->keep = abl_program_no_words();
	p->resume_flags = abl_program_no_words();
	p->flags = abl_strdup("argparse");
	p->stop_signal = SIGTERM;
	p->stop_grace = GRACE;
	p->trials_per_gpu = 1;
	return p;
}

int abl_program_read(struct abl_study *s, struct abl_err *err)
{
	struct abl_program_reading r = {
		.study = s, .program = s->program, .root = s->source->tree.root};
	int rc;

	r.command = abl_node_get(r.root, "command");
	r.steps = abl_node_get(r.root, "steps");
	rc = abl_program_read_fields(&r, err);
	rc = rc ? rc : abl_program_read_steps(&r, err);
	rc = rc ? rc : abl_program_read_options(&r, err);
	rc = rc ? rc : abl_program_read_rules(&r, err);
	rc = rc ? rc : abl_program_read_metrics(&r, err);
	rc = rc ? rc : abl_program_order_steps(&r, err);
	rc = rc ? rc : abl_program_hand_out_options(&r, err);
	rc = rc ? rc : abl_program_check_variables(&r, err);
	free(r.metrics);
	return rc;
}

static void settings_free(struct abl_program_setting *settings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(settings[i].name);
		free(settings[i].value);
	}
	free(settings);
}

static void step_finish(struct abl_program_step *step)
{
	free(step->name);
	abl_program_words_free(step->command);
	abl_program_words_free(step->files);
	abl_program_words_free(step->inputs);
	free(step->options);
	free(step->reads);
}

static void metric_finish(struct abl_program_metric *m)
{
	free(m->name);
	free(m->split);
	free(m->from);
	free(m->step);
}

static void lists_free(struct abl_program *p)
{
	for (size_t i = 0; i < p->step_count; i++)
		step_finish(&p->steps[i]);
	for (size_t i = 0; i < p->metric_count; i++)
		metric_finish(&p->metrics[i]);
	for (size_t i = 0; i < p->task_count; i++)
		abl_program_words_free(p->tasks[i].flags);
	for (size_t i = 0; i < p->option_count; i++) {
		free(p->options[i].flag);
		abl_program_words_free(p->options[i].on);
		abl_program_words_free(p->options[i].off);
	}
	free(p->steps);
	free(p->metrics);
	free(p->tasks);
	free(p->options);
}

void abl_program_destroy(struct abl_program *p)
{
	if (!p)
		return;
	lists_free(p);
	settings_free(p->environment, p->environment_count);
	settings_free(p->pass, p->pass_count);
	abl_program_words_free(p->setup);
	abl_program_words_free(p->wrap);
	abl_program_words_free(p->files);
	abl_program_words_free(p->inputs);
	abl_program_words_free(p->keep);
	abl_program_words_free(p->resume_flags);
	abl_program_space_destroy(p->space);
	free(p->directory);
	free(p->flags);
	free(p->seed_flag);
	free(p->seed_variable);
	free(p->predictions);
	free(p->predictions_id);
	free(p->predictions_correct);
	free(p->resume_if);
	free(p);
}
