/* SPDX-License-Identifier: Apache-2.0 */
/* ready.h - which stages can start now, and who waits for whom; for supervisor.c. What a step costs
 * grows with the logarithm of the plan at most, so a study of 100,000 trials is run like one of
 * ten. */
#ifndef ABL_READY_H
#define ABL_READY_H

#include "plan.h"

enum { ABL_READY_INPUTS = ABL_KIND_INPUTS };

struct abl_ready_link {
	size_t first;                  /* of the stages that read this one, and by which input */
	size_t next[ABL_READY_INPUTS]; /* the reader after this one, of each input's */
};
struct abl_ready {
	struct abl_ready_link *links; /* [stages]; readers as stage x ABL_READY_INPUTS + input */
	size_t link_count, link_capacity;
	size_t *heap; /* of ready stages: the one that the earliest trial waits for in front */
	size_t count, capacity;
};

/* Makes the next stage of the plan known as a reader of its inputs, which come before it. */
void abl_ready_link(struct abl_ready *r, const struct abl_plan *plan);
/* Walks the readers of a stage: begin with abl_ready_first(); ABL_NONE ends it. */
size_t abl_ready_first(const struct abl_ready *r, size_t stage);
size_t abl_ready_next(const struct abl_ready *r, size_t reader);
static inline size_t abl_ready_reader(size_t reader) /* its stage */
{
	return reader / ABL_READY_INPUTS;
}
/* A stage comes once only. */
void abl_ready_push(struct abl_ready *r, const struct abl_plan *plan, size_t stage);
/* Takes the stage out that stands at `at` of the heap: 0 is the next one. */
size_t abl_ready_take(struct abl_ready *r, const struct abl_plan *plan, size_t at);
void abl_ready_finish(struct abl_ready *r);

#endif
