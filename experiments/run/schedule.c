/* SPDX-License-Identifier: Apache-2.0 */
#include "schedule.h"

#include "machine.h"
#include "ready.h"
#include "str.h"

#include <math.h>
#include <stdlib.h>

struct running {
	double until, memory;
	size_t stage;
};

struct simulation {
	const struct abl_run *run;
	struct abl_schedule *out;
	struct abl_ready ready;
	size_t *missing; /* [stages] inputs that are not there yet */
	bool *ended;     /* [stages] in time */
	struct running *running;
	size_t count;
	double now, limit, memory;
};

double abl_schedule_seconds(const struct abl_run *run, const struct abl_forecast *f)
{
	const double cores = abl_machine_cores(),
		     wanted = (double)(run->workers - run->elsewhere) * run->threads;

	return wanted > cores ? fmax(f->seconds, f->cpu_seconds / run->threads * wanted / cores)
			      : f->seconds;
}

static bool is_to_run(const struct abl_node *n)
{
	return n->state == ABL_RUNNING ||
	       (n->state == ABL_WAITING && n->blocked == ABL_NONE && !n->held);
}

static bool is_there(const struct abl_node *n)
{
	return n->state == ABL_DONE;
}

static void begin_simulation(struct simulation *s)
{
	const struct abl_plan *p = s->run->plan;

	for (size_t i = 0; i < s->run->node_count; i++) {
		const struct abl_plan_stage *stage = &p->stages[i];

		abl_ready_link(&s->ready, p);
		s->ended[i] = is_there(&s->run->nodes[i]);
		if (!is_to_run(&s->run->nodes[i]))
			continue;
		s->out->stages++;
		for (size_t k = 0; k < stage->input_count; k++)
			s->missing[i] += stage->inputs[k].stage != ABL_NONE &&
					 !is_there(&s->run->nodes[stage->inputs[k].stage]);
		if (!s->missing[i])
			abl_ready_push(&s->ready, p, i);
	}
}

/* Counts the stage, and begins it unless it would end too late. */
static void begin_stage(struct simulation *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run->plan->stages[stage];
	struct abl_schedule *out = s->out;
	struct abl_schedule_kind *kind = &out->kinds[abl_plan_class(p)];
	struct abl_forecast f;
	double seconds;

	abl_forecast_stage(s->run->forecasts, s->run->plan, stage, &f);
	seconds = abl_schedule_seconds(s->run, &f);
	out->rough |= !f.known;
	out->unknown |= !f.known && p->kind->foreign;
	if (s->now + seconds > s->limit)
		return;
	kind->count++;
	kind->seconds += seconds;
	kind->cpu_seconds += f.cpu_seconds;
	kind->disk += f.disk;
	kind->memory = fmax(kind->memory, f.memory);
	out->cpu_seconds += f.cpu_seconds;
	out->disk += f.disk;
	out->card_seconds += seconds * (double)abl_plan_gpus(s->run->plan, stage);
	s->memory += f.memory;
	out->memory = fmax(out->memory, s->memory);
	s->running[s->count++] = (struct running){s->now + seconds, f.memory, stage};
}

static void end_first(struct simulation *s)
{
	const struct abl_plan *p = s->run->plan;
	size_t first = 0, stage;

	for (size_t i = 1; i < s->count; i++)
		if (s->running[i].until < s->running[first].until)
			first = i;
	stage = s->running[first].stage;
	s->now = s->running[first].until;
	s->memory -= s->running[first].memory;
	s->running[first] = s->running[--s->count];
	s->ended[stage] = true;
	for (size_t i = abl_ready_first(&s->ready, stage); i != ABL_NONE;
	     i = abl_ready_next(&s->ready, i)) {
		const struct abl_plan_stage *reader = &p->stages[abl_ready_reader(i)];

		if (!s->missing[abl_ready_reader(i)])
			continue;
		/* one that reads it twice is linked once */
		for (size_t k = 0; k < reader->input_count; k++)
			s->missing[abl_ready_reader(i)] -= reader->inputs[k].stage == stage;
		if (!s->missing[abl_ready_reader(i)])
			abl_ready_push(&s->ready, p, abl_ready_reader(i));
	}
}

/* What waits for a tuned value is planned later: it is as the average tuning run. */
static void add_later(struct simulation *s)
{
	const struct abl_plan *p = s->run->plan;
	double cpu = 0, seconds = 0, trials = 0;
	size_t runs = 0;

	for (size_t i = 0; i < s->run->node_count; i++) {
		const struct abl_plan_stage *stage = &p->stages[i];
		struct abl_forecast f;

		if (stage->tuned == ABL_NONE || !(stage->kind->trains || stage->kind->scores))
			continue;
		abl_forecast_stage(s->run->forecasts, p, i, &f);
		cpu += f.cpu_seconds;
		seconds += abl_schedule_seconds(s->run, &f);
		runs += stage->kind->scores;
	}
	for (size_t i = 0; i < p->tune_count && runs; i++)
		if (p->tunes[i].chosen == ABL_NONE && !p->tunes[i].given_up)
			trials += (double)p->tunes[i].task_count * (double)abl_plan_seeds(p->study);
	if (!(trials > 0))
		return;
	s->out->cpu_seconds += trials * cpu / (double)runs;
	s->now += ceil(trials / s->run->workers) * seconds / (double)runs;
}

static void look_at_trials(const struct simulation *s)
{
	const struct abl_plan *p = s->run->plan;

	s->out->fits = abl_calloc(p->trial_count + 1, sizeof *s->out->fits);
	for (size_t i = 0; i < p->trial_count; i++) {
		const struct abl_plan_trial *t = &p->trials[i];
		const size_t tune = abl_plan_tune(p, i);

		s->out->fits[i] = tune == ABL_NONE || p->tunes[tune].chosen != ABL_NONE ||
				  !isfinite(s->limit);
		for (size_t k = 0; k < t->role_count; k++)
			s->out->fits[i] &= s->ended[t->roles[k].stage] ||
					   !is_to_run(&s->run->nodes[t->roles[k].stage]);
	}
}

void abl_schedule_make(struct abl_schedule *out, const struct abl_run *run, double limit)
{
	struct simulation s = {.run = run, .out = out, .limit = limit};
	const size_t workers = run->workers > 0 ? (size_t)run->workers : 1;
	size_t ended = 0;

	*out = (struct abl_schedule){0};
	s.missing = abl_calloc(run->node_count + 1, sizeof *s.missing);
	s.ended = abl_calloc(run->node_count + 1, sizeof *s.ended);
	s.running = abl_calloc(workers, sizeof *s.running);
	begin_simulation(&s);
	do {
		while (s.count < workers && s.ready.count)
			begin_stage(&s, abl_ready_take(&s.ready, run->plan, 0));
		if (s.count)
			end_first(&s), ended++;
	} while (s.count || s.ready.count);
	out->late = out->stages - ended;
	if (!out->late)
		add_later(&s);
	out->seconds = s.now;
	look_at_trials(&s);
	abl_ready_finish(&s.ready);
	free(s.missing), free(s.ended), free(s.running);
}

void abl_schedule_finish(struct abl_schedule *s)
{
	free(s->fits);
	s->fits = NULL;
}
