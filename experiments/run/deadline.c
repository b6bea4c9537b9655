/* SPDX-License-Identifier: Apache-2.0 */
#include "deadline.h"

#include "machine.h"
#include "nodes.h"
#include "schedule.h"
#include "str.h"
#include "supervisor.h"
#include "when.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#define SET 2.0      /* seconds: clocks that differ by more were set */
#define BELIEVE 30.0 /* seconds that a clock that was set stays so before it is believed */
#define LEFT .05     /* of a stage that has run before: so much of it is left at least */

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		return abl_clock_now();
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* It goes on while the machine sleeps. */
static double steady(void)
{
	return seconds_of(CLOCK_BOOTTIME);
}

static double shift_now(void)
{
	return seconds_of(CLOCK_REALTIME) - steady();
}

void abl_deadline_begin(struct abl_supervisor *s)
{
	const double hours = s->run.plan->study->limits.hours;

	abl_deadline_finish(&s->deadline);
	s->deadline = (struct abl_deadline){.by_clock = s->run.by > 0, .shift = shift_now()};
	if (hours > 0)
		s->deadline.hours = (s->began > 0 ? s->began : abl_clock_now()) + 3600 * hours;
}

/* Seconds until the time of day; INFINITY: there is none. */
static double left(struct abl_supervisor *s)
{
	struct abl_deadline *d = &s->deadline;
	const double shift = shift_now(), now = steady();

	if (!d->by_clock)
		return INFINITY;
	if (fabs(shift - d->shift) <= SET) {
		d->shift = shift; /* it only drifts */
		d->shifted_at = 0;
	} else if (d->shifted_at <= 0) {
		d->shifted_at = now;
	} else if (now - d->shifted_at > BELIEVE) {
		d->shift = shift;
		d->shifted_at = 0;
	}
	return s->run.by - (now + d->shift);
}

bool abl_deadline_is_over(struct abl_supervisor *s)
{
	struct abl_deadline *d = &s->deadline;

	d->is_over |= (d->hours > 0 && abl_clock_now() > d->hours) || left(s) <= 0;
	return d->is_over;
}

/* Of one that was paused what it took is saved. */
static double needs(const struct abl_supervisor *s, size_t stage)
{
	const struct abl_node *n = &s->run.nodes[stage];
	struct abl_forecast f;
	double seconds;

	abl_forecast_stage(s->run.forecasts, s->run.plan, stage, &f);
	seconds = abl_schedule_seconds(&s->run, &f);
	if (!f.known && s->run.plan->stages[stage].kind->foreign)
		return 0; /* nobody knows */
	return n->attempt && !n->lost && !s->run.plan->stages[stage].kind->foreign
		       ? fmax(seconds - n->seconds, LEFT * seconds)
		       : seconds;
}

static void put_aside(struct abl_supervisor *s, double most)
{
	struct abl_deadline *d = &s->deadline;

	while (isfinite(most) && s->ready.count && needs(s, s->ready.heap[0]) > most) {
		const size_t stage = abl_ready_take(&s->ready, s->run.plan, 0);

		s->run.nodes[stage].queued = false;
		abl_grow(&d->aside, &d->aside_capacity, d->late + 1, sizeof *d->aside);
		d->aside[d->late++] = stage;
	}
}

void abl_deadline_put_aside(struct abl_supervisor *s)
{
	struct abl_deadline *d = &s->deadline;
	const double most = left(s);

	put_aside(s, most);
	if (s->ready.count || !d->late || !d->learned)
		return;
	for (size_t i = 0; i < d->late; i++)
		abl_nodes_queue(s, d->aside[i]);
	d->late = 0;
	d->learned = false;
	put_aside(s, most);
}

void abl_deadline_finish(struct abl_deadline *d)
{
	free(d->aside);
	*d = (struct abl_deadline){0};
}

bool abl_deadline_was(const struct abl_supervisor *s)
{
	return s->deadline.is_over || s->deadline.late;
}

int abl_deadline_end(const struct abl_supervisor *s, struct abl_err *err)
{
	const struct abl_deadline *d = &s->deadline;
	const bool by_hours = d->is_over && d->hours > 0 && abl_clock_now() > d->hours;
	const size_t total = abl_run_total(&s->run), done = s->run.done;
	char when[32];

	if (!abl_deadline_was(s) || done + s->run.failed >= total)
		return 0;
	if (by_hours)
		return abl_err_set(err, ABL_ESTOP, "stopped after the %g h that 'limits' allow",
				   s->run.plan->study->limits.hours);
	abl_when_text((time_t)s->run.by, time(NULL), when);
	if (d->is_over)
		return abl_err_set(err, ABL_ESTOP, "stopped at %s with %zu of %zu trials done",
				   when, done, total);
	return abl_err_set(err, ABL_ESTOP,
			   "stopped with %zu of %zu trials done: nothing that is left would end by "
			   "%s",
			   done, total, when);
}
