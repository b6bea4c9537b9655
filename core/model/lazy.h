/* SPDX-License-Identifier: Apache-2.0 */
/* lazy.h - a table of which a step touches few rows, and updates that wait for the others.
 *
 * Without a head on tokens, the word embeddings get a gradient only at the tokens of the batch
 * (embed.c marks them). Every other row has gradient 0, yet the optimiser changes it: its moments
 * fade and it decays. Instead of walking through the whole table at each step, the table keeps what
 * the last steps do to a row (their factors) and how many steps each row has had; a row is settled,
 * that is brought up to date, before somebody looks: a batch at its tokens' rows (embed.c),
 * abl_model_params() at everything. At each step one slice of the table is settled in turn, so
 * that no row is ever more than LAZY_STEPS behind.
 *
 * A row goes through the very updates, in their order, that it would have had at once: all weights
 * and moments are those of the dense form (abl_model_request.dense_update), bit for bit. So is the
 * norm of the gradients, because zeros add nothing to it. */
#ifndef ABL_LAZY_H
#define ABL_LAZY_H

#include "hooks.h"
#include "params.h"

enum { LAZY_STEPS = 64 };

/* All zero: no table is lazy, and nothing below does anything (the gradients' spans are the whole
 * block). */
struct lazy {
	const struct abl_kernels *kernels;
	const struct abl_params *params;
	size_t item;      /* the table's parameter */
	uint64_t *marked; /* [rows / 64 + 1] a bit for each row that may have a gradient */
	int64_t *done;    /* [rows] steps that the row has had */
	int64_t steps;    /* steps that the table should have had */
	const struct abl_optimizer_hooks *optimizer; /* of the steps in `past` */
	struct abl_step_factors past[LAZY_STEPS];    /* of step s at s % LAZY_STEPS */
	real *zeros;                                 /* [cols] a row's gradient */
	struct abl_span *spans; /* of the gradients' block, as lazy_spans() left them */
	size_t span_count, span_capacity;
};

void lazy_init(struct lazy *l, const struct abl_kernels *kernels, const struct abl_params *params,
	       size_t item);
void lazy_finish(struct lazy *l); /* null-safe */
bool lazy_is(const struct lazy *l, size_t item);
void lazy_mark(struct lazy *l, size_t row); /* it gets a gradient */
void lazy_unmark(struct lazy *l);           /* all gradients are 0 again */
void lazy_settle(struct lazy *l, size_t row);
void lazy_settle_all(struct lazy *l);
/* One step of the optimiser: the marked rows now, the others later. */
void lazy_step(struct lazy *l, const struct abl_optimizer_hooks *optimizer,
	       const struct abl_step_factors *factors);
/* Where the block of gradients may be other than 0, into l->spans. */
void lazy_spans(struct lazy *l, const struct abl_params *params);

#endif
