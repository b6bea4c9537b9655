/* SPDX-License-Identifier: Apache-2.0 */
#include "ready.h"

#include "str.h"

#include <assert.h>
#include <stdlib.h>

static bool is_earlier(const struct abl_plan_input *inputs, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (inputs[j].stage == inputs[i].stage)
			return true;
	return false;
}

void abl_ready_link(struct abl_ready *r, const struct abl_plan *plan)
{
	const size_t stage = r->link_count++;
	const struct abl_plan_input *inputs = plan->stages[stage].inputs;

	abl_grow(&r->links, &r->link_capacity, r->link_count, sizeof *r->links);
	r->links[stage].first = ABL_NONE;
	for (size_t i = 0; i < plan->stages[stage].input_count; i++) {
		size_t *first;

		if (inputs[i].stage == ABL_NONE || is_earlier(inputs, i))
			continue;
		assert(inputs[i].stage < stage);
		first = &r->links[inputs[i].stage].first;
		r->links[stage].next[i] = *first;
		*first = stage * ABL_READY_INPUTS + i;
	}
}

size_t abl_ready_first(const struct abl_ready *r, size_t stage)
{
	return r->links[stage].first;
}

size_t abl_ready_next(const struct abl_ready *r, size_t reader)
{
	return r->links[abl_ready_reader(reader)].next[reader % ABL_READY_INPUTS];
}

static bool comes_before(const struct abl_plan *plan, size_t a, size_t b)
{
	const size_t x = plan->stages[a].order, y = plan->stages[b].order;

	return x < y || (x == y && a < b);
}

/* Puts the stage at `i`, or nearer to the front. */
static void rise(struct abl_ready *r, const struct abl_plan *plan, size_t i, size_t stage)
{
	for (; i && comes_before(plan, stage, r->heap[(i - 1) / 2]); i = (i - 1) / 2)
		r->heap[i] = r->heap[(i - 1) / 2];
	r->heap[i] = stage;
}

void abl_ready_push(struct abl_ready *r, const struct abl_plan *plan, size_t stage)
{
	abl_grow(&r->heap, &r->capacity, r->count + 1, sizeof *r->heap);
	rise(r, plan, r->count++, stage);
}

size_t abl_ready_take(struct abl_ready *r, const struct abl_plan *plan, size_t at)
{
	const size_t taken = r->heap[at], last = r->heap[--r->count];
	size_t i = at, child;

	if (at == r->count)
		return taken;
	for (; (child = 2 * i + 1) < r->count; i = child) {
		if (child + 1 < r->count && comes_before(plan, r->heap[child + 1], r->heap[child]))
			child++;
		if (!comes_before(plan, r->heap[child], last))
			break;
		r->heap[i] = r->heap[child];
	}
	rise(r, plan, i, last);
	return taken;
}

void abl_ready_finish(struct abl_ready *r)
{
	free(r->links), free(r->heap);
	*r = (struct abl_ready){0};
}
