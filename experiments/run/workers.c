/* SPDX-License-Identifier: Apache-2.0 */
#include "workers.h"

#include "machine.h"
#include "remote.h"
#include "store_worker.h"
#include "str.h"
#include "supervisor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct abl_worker *abl_workers_find(const struct abl_workers *w, int64_t number)
{
	size_t low = 0, high = w->count; /* numbers grow */

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (w->list[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->count && w->list[low].number == number ? &w->list[low] : NULL;
}

double abl_workers_memory(const struct abl_workers *w)
{
	double most = 0;

	for (size_t i = 0; i < w->count; i++)
		if (w->list[i].there)
			most = fmax(most, w->list[i].memory);
	return most;
}

void abl_workers_finish(struct abl_workers *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->list[i].name);
	while (w->refusals)
		free(w->refusal[--w->refusals]);
	free(w->list), free(w->refusal);
	*w = (struct abl_workers){0};
}

double abl_workers_lease(void)
{
	const char *text = getenv("ABLATE_LEASE_SECONDS");
	double seconds;

	return text && abl_parse_real(text, &seconds) && seconds > 0 ? seconds : ABL_REMOTE_LEASE;
}

#define LASTS 60.0 /* seconds */

void abl_workers_look(struct abl_supervisor *s)
{
	struct abl_workers *w = &s->workers;
	bool there = w->own || !w->may_come || !s->ready.count;
	char text[200];

	for (size_t i = 0; i < w->count && !there; i++)
		there = w->list[i].there;
	if (there) {
		w->missing = 0;
		w->told_missing = false;
		return;
	}
	w->missing = w->missing > 0 ? w->missing : abl_clock_now();
	if (w->told_missing || abl_clock_now() - w->missing < LASTS)
		return;
	snprintf(text, sizeof text, "no worker %s: %zu stage%s that could start wait%s for one",
		 w->count ? "is there any more" : "has come yet", s->ready.count,
		 s->ready.count == 1 ? "" : "s", s->ready.count == 1 ? "s" : "");
	abl_supervisor_says(s, text);
	w->told_missing = true;
}

void abl_workers_end(struct abl_supervisor *s)
{
	struct abl_err ignored = {0};

	for (size_t i = 0; i < s->workers.count; i++) {
		struct abl_worker *w = &s->workers.list[i];

		if (w->there)
			(void)!abl_store_worker_left(s->run.store, w->number, ABL_WORKER_LEFT,
						     "the run ended", &ignored);
		w->there = false;
	}
}
