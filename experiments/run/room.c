/* SPDX-License-Identifier: Apache-2.0 */
#include "room.h"

#include "attempt.h"
#include "machine.h"
#include "process_tree.h"
#include "program.h"
#include "room_there.h"
#include "str.h"
#include "supervisor.h"

#include <math.h>
#include <stdio.h>

#define LONG 30.0 /* seconds: what takes less gains nothing by more threads */

int abl_room_init(struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_program *program = s->run.plan->study->program;
	size_t most = 0;

	s->room.cores = abl_machine_cores();
	abl_cards_init(&s->room.cards, program ? program->trials_per_gpu : 1);
	if (s->workers.may_come)
		return 0; /* they may have what is not here */
	for (size_t i = 0; i < s->run.plan->stage_count; i++)
		if (s->run.nodes[i].state != ABL_DONE && abl_plan_gpus(s->run.plan, i) > most)
			most = abl_plan_gpus(s->run.plan, i);
	return abl_cards_check(&s->room.cards, (int64_t)most, err);
}

void abl_room_finish(struct abl_room *room)
{
	abl_cards_finish(&room->cards);
}

bool abl_room_disk_is_full(const struct abl_supervisor *s)
{
	return abl_machine_disk(s->run.folder) < ABL_DISK_FULL;
}

/* Whether the stage would not find the room for what it makes. */
static bool is_too_full(struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run.plan->stages[stage];
	const double left = abl_machine_disk(s->run.folder),
		     wanted = p ? p->kind->disk(p->config) : 0;
	char why[400], free_text[32], wanted_text[32];

	if (left >= wanted + ABL_DISK_FULL)
		return false;
	snprintf(why, sizeof why,
		 "only %s are free on the disk of '%.250s', and the next stage wants %s",
		 abl_format_bytes_there(left, free_text), abl_store_folder(s->run.store),
		 abl_format_bytes_wanted(wanted + ABL_DISK_FULL, wanted_text));
	abl_patience_begin(&s->patience, ABL_EFULL, why);
	return true;
}

bool abl_room_is_too_full(struct abl_supervisor *s)
{
	return s->ready.count && is_too_full(s, s->ready.heap[0]);
}

static double taken_by(const struct abl_job *job)
{
	struct abl_pids below = {0};
	double sum = abl_machine_memory_of((int)job->number);

	abl_tree_list((pid_t)job->number, 0, &below);
	for (size_t i = 0; i < below.count; i++)
		sum += abl_machine_memory_of((int)below.pid[i]);
	abl_pids_finish(&below);
	return sum;
}

/* Stages of ours that run on this machine. */
static size_t running_here(const struct abl_run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->running; i++)
		n += !run->jobs[i]->worker;
	return n;
}

static double claimed(const struct abl_run *run)
{
	double sum = 0;

	for (size_t i = 0; i < run->running; i++)
		sum += run->jobs[i]->worker ? 0 : run->jobs[i]->memory;
	return sum;
}

/* What is free, and what running stages have of what they claim: as of a second ago at most, since
 * it takes many files to know. */
static const struct abl_room *looked_at(struct abl_supervisor *s)
{
	struct abl_room *room = &s->room;
	const struct abl_run *run = &s->run;

	if (abl_clock_now() - room->looked <= 1)
		return room;
	room->left = abl_machine_memory_left();
	room->taken = 0;
	for (size_t i = 0; i < run->running; i++)
		if (!run->jobs[i]->worker)
			room->taken += fmin(taken_by(run->jobs[i]), run->jobs[i]->memory);
	room->looked = abl_clock_now();
	return room;
}

/* Bytes that no stage of ours uses or is still expected to: what is free now, less what those that
 * run have not taken yet. Others' use is none of what is free. */
static double unclaimed(struct abl_supervisor *s)
{
	const struct abl_room *room = looked_at(s);

	return room->left + room->taken - claimed(&s->run);
}

/* Whether the stage would take memory that is not there, while others run that will give some back.
 */
static bool lacks_memory(struct abl_supervisor *s, size_t stage)
{
	const double wants = abl_room_expects(s, stage);
	char text[200], left[32], wanted[32];
	double there;

	if (wants <= 0 || !running_here(&s->run))
		return false;
	there = unclaimed(s);
	if (there >= wants)
		return false;
	snprintf(
		text, sizeof text,
		"the next stage wants %s of memory, and running ones leave %s: fewer run at a time "
		"than there are workers",
		abl_format_bytes_wanted(wants, wanted),
		abl_format_bytes_there(fmax(there, 0), left));
	if (!s->room.told_of_memory)
		abl_supervisor_says(s, text);
	s->room.told_of_memory = true;
	return true;
}

/* Those that run with more threads than usual leave less room; whoever asked for more workers than
 * there are cores has them. */
static bool lacks_cores(const struct abl_supervisor *s)
{
	const struct abl_run *run = &s->run;
	int used = 0;

	for (size_t i = 0; i < run->running; i++)
		used += run->jobs[i]->worker ? 0 : run->jobs[i]->threads;
	return s->workers.own * run->threads <= s->room.cores &&
	       used + run->threads > s->room.cores;
}

/* Whether the stage has to wait until others end: for cards, or to have the machine for itself. */
static bool lacks_room(const struct abl_supervisor *s, size_t stage)
{
	const struct abl_run *run = &s->run;
	const size_t cards = abl_plan_gpus(run->plan, stage);

	for (size_t i = 0; i < run->running; i++)
		if (!run->jobs[i]->worker && run->nodes[run->jobs[i]->stage].alone &&
		    !run->jobs[i]->cards[0])
			return true;
	if (!running_here(run))
		return false;
	return cards ? !abl_cards_has(&s->room.cards, cards, run->nodes[stage].alone)
		     : run->nodes[stage].alone;
}

bool abl_room_has(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer)
{
	if (offer->worker)
		return !is_too_full(s, stage) && abl_room_has_there(s, stage, offer);
	if (s->workers.may_come && abl_room_never_has(s, stage, offer))
		return false;
	return !is_too_full(s, stage) && !lacks_cores(s) && !lacks_room(s, stage) &&
	       !lacks_memory(s, stage);
}

/* Cores that running stages leave free go to stages that train for long and can use them, as many
 * to each as there are others that could start now; the bits are the same for any number. A
 * program gets what it always gets: of that nobody knows. */
static int threads_for(const struct abl_supervisor *s, size_t stage)
{
	const struct abl_run *run = &s->run;
	const struct abl_plan_stage *p = &run->plan->stages[stage];
	int spare = s->room.cores, shares = s->workers.own - (int)running_here(run);
	struct abl_forecast f;

	for (size_t i = 0; i < run->running; i++)
		spare -= run->jobs[i]->worker ? 0 : run->jobs[i]->threads;
	if (!p->kind->trains || p->kind->foreign)
		return run->threads;
	abl_forecast_stage(run->forecasts, run->plan, stage, &f);
	if (f.seconds < LONG)
		return run->threads;
	if (shares > (int)s->ready.count + 1)
		shares = (int)s->ready.count + 1;
	spare /= shares > 1 ? shares : 1;
	return spare > run->threads ? spare : run->threads;
}

void abl_room_take(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer,
		   struct abl_attempt_room *out)
{
	if (offer->worker) {
		abl_room_take_there(s, stage, offer, out);
		return;
	}
	if (s->run.nodes[stage].alone)
		s->room.looked = 0; /* what others had until just now is free */
	*out = (struct abl_attempt_room){.threads = threads_for(s, stage),
					 .memory = abl_room_expects(s, stage),
					 .had_free = looked_at(s)->left};
	(void)abl_cards_take(&s->room.cards, abl_plan_gpus(s->run.plan, stage),
			     s->run.nodes[stage].alone, out->cards);
}

void abl_room_give(struct abl_supervisor *s, const struct abl_attempt_room *room)
{
	if (!room->worker)
		abl_cards_give(&s->room.cards, room->cards);
}
