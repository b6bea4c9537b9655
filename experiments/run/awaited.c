/* SPDX-License-Identifier: Apache-2.0 */
#include "awaited.h"

#include "attempt.h"
#include "machine.h"
#include "str.h"
#include "supervisor.h"

#include <stdio.h>
#include <string.h>

#define LOOK_AGAIN 1.0 /* seconds */

bool abl_awaited_put(struct abl_supervisor *s, struct abl_job *job, const struct abl_end *end)
{
	struct abl_awaits *a = &s->awaited;

	if (!job->worker || end->kind != ABL_END_EXITED || end->exit_code || end->given_back ||
	    s->awaits < 0 || abl_attempt_is_here(&s->run, job))
		return false;
	abl_grow(&a->list, &a->capacity, a->count + 1, sizeof *a->list);
	a->list[a->count++] = (struct abl_await){
		job, *end, abl_clock_now() + (s->awaits > 0 ? s->awaits : ABL_AWAITED)};
	return true;
}

static void pass_on(struct abl_supervisor *s, struct abl_await *w, bool here)
{
	const struct abl_worker *by = abl_workers_find(&s->workers, w->job->worker);

	if (!here) {
		w->end.kind = ABL_END_LOST;
		w->end.exit_code = -1;
		snprintf(w->end.text, sizeof w->end.text,
			 "worker %.60s says that it is done, and what it made is not seen here: do "
			 "both have the store on one file system?",
			 by ? by->name : "");
	}
	abl_supervisor_ended(s, w->job, &w->end);
}

void abl_awaited_look(struct abl_supervisor *s, bool all)
{
	struct abl_awaits *a = &s->awaited;

	if (!a->count || (!all && abl_clock_now() - a->looked < LOOK_AGAIN))
		return;
	a->looked = abl_clock_now();
	for (size_t i = 0; i < a->count;) {
		struct abl_await w = a->list[i];
		const bool here = abl_attempt_is_here(&s->run, w.job);

		if (!here && !all && abl_clock_now() < w.until) {
			i++;
			continue;
		}
		memmove(a->list + i, a->list + i + 1, (--a->count - i) * sizeof *a->list);
		pass_on(s, &w, here);
	}
}
