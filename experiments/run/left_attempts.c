/* SPDX-License-Identifier: Apache-2.0 */
#include "left_attempts.h"

#include "attempt.h"
#include "awaited.h"
#include "machine.h"
#include "nodes.h"
#include "store_worker.h"
#include "str.h"
#include "supervisor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AGAIN 1.0 /* seconds */

/* Its place in the list; NULL: it is none of them. */
static struct abl_left_attempt *find(struct abl_supervisor *s, const char *key, int64_t attempt)
{
	for (size_t i = 0; i < s->left.count; i++) {
		const size_t stage = s->left.list[i].stage;

		if (s->run.nodes[stage].attempt == attempt &&
		    !strcmp(s->run.plan->stages[stage].key, key))
			return &s->left.list[i];
	}
	return NULL;
}

bool abl_left_take(struct abl_supervisor *s, const char *key, int64_t attempt, size_t *stage)
{
	const struct abl_left_attempt *left = find(s, key, attempt);

	if (!left)
		return false;
	*stage = left->stage;
	abl_left_forget(&s->left, (size_t)(left - s->left.list));
	return true;
}

void abl_left_sealed(struct abl_supervisor *s, const char *key, int64_t attempt)
{
	struct abl_left_attempt *left = find(s, key, attempt);

	if (left)
		left->until = fmax(left->until, abl_clock_now() + ABL_AWAITED);
	s->left.looked = 0;
}

/* Of a stage that is not in our plan, or that nobody has told us of. */
static int give_up_other(void *data, const char *key, int64_t attempt, struct abl_err *err)
{
	struct abl_supervisor *s = data;

	for (size_t i = 0; i < s->run.node_count; i++)
		if (s->run.nodes[i].state == ABL_RUNNING &&
		    !strcmp(s->run.plan->stages[i].key, key))
			return 0;
	return abl_store_attempt_given_up(s->run.store, key, attempt, err);
}

static void tell(struct abl_supervisor *s)
{
	char text[200];

	snprintf(text, sizeof text,
		 "%zu stage%s run%s with workers of a run that ended: left to them for %.0f s, or "
		 "until they come back",
		 s->left.count, s->left.count == 1 ? "" : "s", s->left.count == 1 ? "s" : "",
		 s->run.lease);
	abl_supervisor_says(s, text);
}

/* 1: it is settled, one way or the other; 0: it is waited for. */
static int settle(struct abl_supervisor *s, const struct abl_left_attempt *left,
		  struct abl_err *err)
{
	const char *key = s->run.plan->stages[left->stage].key;
	struct abl_node *n = &s->run.nodes[left->stage];
	const bool over = abl_clock_now() >= left->until;
	int rc;

	if (!over && !abl_attempt_was_sealed(&s->run, left->stage))
		return 0;
	rc = abl_store_attempt_given_up(s->run.store, key, n->attempt, err);
	if (rc)
		return rc;
	n->state = ABL_WAITING;
	rc = abl_attempt_adopt(&s->run, left->stage, err);
	if (rc < 0)
		return rc;
	if (rc)
		abl_supervisor_done(s, left->stage);
	else
		abl_nodes_queue(s, left->stage);
	return 1;
}

void abl_left_look(struct abl_supervisor *s)
{
	struct abl_lefts *l = &s->left;
	struct abl_err err = {0};

	if (l->since <= 0) {
		l->since = abl_clock_now();
		if (l->count)
			tell(s);
	}
	if (s->rc || s->patience.blocked || abl_clock_now() - l->looked < LOOK_AGAIN)
		return;
	l->looked = abl_clock_now();
	for (size_t i = 0; i < l->count;) {
		const struct abl_left_attempt left = l->list[i];
		const int rc = settle(s, &left, &err);

		if (abl_supervisor_failed(s, rc < 0 ? rc : 0, &err))
			return; /* another time */
		if (rc)
			abl_left_forget(l, i);
		else
			i++;
	}
	if (l->all_looked || abl_clock_now() - l->since < s->run.lease)
		return;
	l->all_looked = !abl_supervisor_failed(
		s, abl_store_left_attempts(s->run.store, give_up_other, s, &err), &err);
}
