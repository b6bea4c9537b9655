/* SPDX-License-Identifier: Apache-2.0 */
/* program_order.h - the order (order.h) of a planned stage of a user's program. */
#ifndef ABL_PROGRAM_ORDER_H
#define ABL_PROGRAM_ORDER_H

#include "order.h"
#include "plan.h"

/* Where it runs. All of it is left out of what is hashed. */
struct abl_order_place {
	const char *directory;      /* absolute; NULL: the study's own */
	const char *out;            /* absolute; "" while nothing runs */
	const char *const *folders; /* [stage->input_count] what earlier steps made; NULL: "" */
	const char *const *cards;   /* NULL-terminated, or NULL: none */
	int threads;
	bool hides_secrets; /* their values are left out: for a file */
};

struct abl_stage_order {
	struct abl_order order;
	struct abl_order_option *options;
	struct abl_order_metric *metrics;
	struct abl_order_setting *settings;
	struct abl_order_folder *folders;
};

/* Fills it for the stage; texts are the study's, the plan's and the place's. */
void abl_stage_order_init(struct abl_stage_order *out, const struct abl_plan *p,
			  const struct abl_plan_stage *stage, const struct abl_order_place *place);
void abl_stage_order_finish(struct abl_stage_order *o); /* null-safe */

#endif
