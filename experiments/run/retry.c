/* SPDX-License-Identifier: Apache-2.0 */
#include "retry.h"

#include "machine.h"
#include "nodes.h"

#include <stdlib.h>

enum { MOST_TRIES = 3 }; /* more of a stage, in one run */

void abl_retries_finish(struct abl_retries *r)
{
	free(r->list);
	*r = (struct abl_retries){0};
}

static void put(struct abl_supervisor *s, size_t stage, double pause)
{
	struct abl_retries *r = &s->retries;

	s->run.nodes[stage].waits = true;
	abl_grow(&r->list, &r->capacity, r->count + 1, sizeof *r->list);
	r->list[r->count++] = (struct abl_retry){stage, abl_clock_now() + pause};
}

/* What failed by something from outside is tried again after 1, 4 and 16 seconds. */
static bool try_again(struct abl_supervisor *s, size_t stage)
{
	struct abl_node *n = &s->run.nodes[stage];
	double pause = 1;

	if (!n->again || n->tries == MOST_TRIES)
		return false;
	for (int i = 0; i < n->tries; i++)
		pause *= 4;
	n->tries++;
	put(s, stage, pause);
	return true;
}

/* A program that wanted more memory than there was beside others is tried once more, alone. */
static bool try_alone(struct abl_supervisor *s, size_t stage)
{
	struct abl_node *n = &s->run.nodes[stage];

	if (!s->run.plan->stages[stage].kind->foreign || n->state != ABL_FAILED ||
	    n->cause != ABL_CAUSE_MEMORY || n->alone)
		return false;
	n->alone = true;
	put(s, stage, 0);
	return true;
}

bool abl_retry_later(struct abl_supervisor *s, size_t stage)
{
	return try_alone(s, stage) || try_again(s, stage);
}

void abl_retry_never(struct abl_supervisor *s, size_t stage)
{
	s->run.nodes[stage].tries = MOST_TRIES;
}

void abl_retries_queue(struct abl_supervisor *s)
{
	struct abl_retries *r = &s->retries;

	for (size_t i = 0; i < r->count;) {
		const size_t stage = r->list[i].stage;

		if (abl_clock_now() < r->list[i].at) {
			i++;
			continue;
		}
		r->list[i] = r->list[--r->count];
		s->run.nodes[stage].state = ABL_WAITING;
		s->run.nodes[stage].held = s->run.nodes[stage].waits = false;
		abl_nodes_queue(s, stage);
	}
}
