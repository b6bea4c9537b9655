/* SPDX-License-Identifier: Apache-2.0 */
#include "room_there.h"

#include "attempt.h"
#include "local.h"
#include "machine.h"
#include "program.h"
#include "str.h"
#include "supervisor.h"

#include <math.h>
#include <stdio.h>

#define INTERVAL 120.0 /* seconds from one saved state to the next, as a rule */
#define MARGIN 90.0    /* by which a queue's warning comes earlier than it has to */
enum { LOOKS = 100 };  /* at ready stages */

double abl_room_expects(const struct abl_supervisor *s, size_t stage)
{
	struct abl_forecast f;

	abl_forecast_stage(s->run.forecasts, s->run.plan, stage, &f);
	return f.memory;
}

static size_t cards_of(const struct abl_offer *offer)
{
	size_t n = 0;

	while (offer->cards && offer->cards[n])
		n++;
	return n;
}

/* What was done of it is not lost when it is stopped. */
static bool can_save(const struct abl_run *run, const struct abl_plan_stage *p)
{
	return p->kind->foreign ? run->plan->study->program->resume_if != NULL : p->kind->trains;
}

/* Seconds that the stage wants of a machine that is taken away some day. */
static double wants_seconds(const struct abl_supervisor *s, size_t stage)
{
	const struct abl_plan_stage *p = &s->run.plan->stages[stage];
	const struct abl_program *program = s->run.plan->study->program;
	const double grace = ABL_LOCAL_GRACE + (program ? program->stop_grace : 0);
	struct abl_forecast f;

	abl_forecast_stage(s->run.forecasts, s->run.plan, stage, &f);
	return grace + MARGIN + (can_save(&s->run, p) ? fmin(f.seconds, INTERVAL) : f.seconds);
}

static bool lacks_time(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer)
{
	char text[240], wanted[32], left[32];
	double wants;

	if (isinf(offer->seconds))
		return false;
	wants = wants_seconds(s, stage);
	if (wants <= offer->seconds)
		return false;
	snprintf(text, sizeof text,
		 "the next stage wants %s with the warning before the end, and worker %.60s has %s "
		 "left: it waits for one with more",
		 abl_format_duration(wants, wanted), offer->name,
		 abl_format_duration(fmax(offer->seconds, 0), left));
	if (!s->workers.told_time)
		abl_supervisor_says(s, text);
	s->workers.told_time = true;
	return true;
}

/* Where nobody has as much, the first that is idle tries it: forecasts can be wrong. */
static bool lacks_memory(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer)
{
	const double wants = abl_room_expects(s, stage);
	char text[240], wanted[32], left[32];

	if (wants <= 0 || wants <= offer->memory ||
	    (offer->idle && wants > abl_workers_memory(&s->workers)))
		return false;
	snprintf(text, sizeof text,
		 "the next stage wants %s of memory, and worker %.60s has %s free: it waits for "
		 "one with more",
		 abl_format_bytes_wanted(wants, wanted), offer->name,
		 abl_format_bytes_there(fmax(offer->memory, 0), left));
	if (!s->workers.told_memory)
		abl_supervisor_says(s, text);
	s->workers.told_memory = true;
	return true;
}

static bool has_lone_one(const struct abl_run *run, int64_t worker)
{
	for (size_t i = 0; i < run->running; i++)
		if (run->jobs[i]->worker == worker && run->nodes[run->jobs[i]->stage].alone)
			return true;
	return false;
}

/* Of those that it will ever have. */
static bool lacks_cards(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer)
{
	const struct abl_worker *w = abl_workers_find(&s->workers, offer->worker);
	const size_t wants = abl_plan_gpus(s->run.plan, stage),
		     has = offer->worker ? w ? (size_t)w->cards : 0 : s->room.cards.count;
	char text[240];

	if (wants <= has)
		return false;
	snprintf(text, sizeof text,
		 "the next stage wants %zu GPU%s, and %s%.60s has %zu: it waits for one with more",
		 wants, wants == 1 ? "" : "s", offer->worker ? "worker " : "this machine",
		 offer->worker ? offer->name : "", has);
	if (!s->workers.told_cards)
		abl_supervisor_says(s, text);
	s->workers.told_cards = true;
	return true;
}

bool abl_room_has_there(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer)
{
	return cards_of(offer) >= abl_plan_gpus(s->run.plan, stage) &&
	       (offer->idle || !s->run.nodes[stage].alone) &&
	       !has_lone_one(&s->run, offer->worker) && !lacks_time(s, stage, offer) &&
	       !lacks_memory(s, stage, offer);
}

/* Names of cards are few, and kept: those of an offer are soon gone. */
void abl_room_take_there(const struct abl_supervisor *s, size_t stage,
			 const struct abl_offer *offer, struct abl_attempt_room *out)
{
	const struct abl_worker *w = abl_workers_find(&s->workers, offer->worker);
	const size_t cards = abl_plan_gpus(s->run.plan, stage);

	*out = (struct abl_attempt_room){.worker = offer->worker,
					 .made_by = w ? &w->made_by : NULL,
					 .threads = offer->threads > 0 ? offer->threads
								       : s->run.threads,
					 .memory = abl_room_expects(s, stage),
					 .had_free = isinf(offer->memory) ? 0 : offer->memory};
	for (size_t i = 0; i < cards && i < ABL_CARDS_MAX; i++)
		out->cards[i] = abl_intern(offer->cards[i]);
}

bool abl_room_never_has(struct abl_supervisor *s, size_t stage, const struct abl_offer *offer)
{
	const struct abl_worker *w = abl_workers_find(&s->workers, offer->worker);
	const double memory = abl_room_expects(s, stage),
		     has = offer->worker ? w ? w->memory : INFINITY : abl_machine_memory();

	return lacks_cards(s, stage, offer) ||
	       (memory > has && memory <= abl_workers_memory(&s->workers)) ||
	       lacks_time(s, stage, offer);
}

size_t abl_room_choose(struct abl_supervisor *s, size_t at, const struct abl_offer *offer)
{
	const size_t looks = s->ready.count < LOOKS ? s->ready.count : LOOKS;

	if (!abl_room_never_has(s, s->ready.heap[at], offer))
		return at;
	for (size_t i = 0; i < looks; i++)
		if (!abl_room_never_has(s, s->ready.heap[i], offer))
			return i;
	return at;
}
