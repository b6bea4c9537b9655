/* SPDX-License-Identifier: Apache-2.0 */
/* stage_run.h - what the stages share inside this folder. */
#ifndef ABL_STAGE_RUN_H
#define ABL_STAGE_RUN_H

#include "compute.h"
#include "hooks.h"
#include "loop.h"
#include "stage.h"
#include "task_pass.h"
#include "vocab.h"

/* Those that compute nothing leave `compute` alone. */
int stage_vocab(const struct abl_stage_request *r, const struct abl_compute *compute,
		const struct abl_events *e, struct abl_err *err);
int stage_tokenize(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err);
int stage_pretrain(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err);
int stage_finetune(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err);
int stage_evaluate(const struct abl_stage_request *r, const struct abl_compute *compute,
		   const struct abl_events *e, struct abl_err *err);

/* The seed of one of the stage's random streams: the recipe's own (init_seed, order_seed,
 * dropout_seed) or, where that is 0, the stage's; the placebo's salt is mixed in. */
uint64_t stage_seed(const struct abl_stage_request *r, int64_t own);
void stage_result(const struct abl_events *e, const char *name, double value);
void stage_metric(const struct abl_teller *tell, int64_t step, const char *name, double value);

/* A task's splits with what is needed to read them. */
struct stage_task {
	const struct abl_compute *compute;
	const struct abl_task_type *type;
	struct abl_vocab *vocab;
	struct abl_tokenizer *tokenizer;
	struct abl_layout layout;
	struct abl_task_tools tools;
	struct abl_task *train, *scored; /* scored: NULL until stage_task_score_split() */
	struct abl_task *held_back;      /* what is calibrated on; NULL until that is needed */
	double watched_share;            /* of held_back: what is used; from 1 on all */
	double decided;                  /* on held_back; NaN: not yet, or nothing is */
};
/* Loads vocabulary and the training split (train, or train-rest when `hold_back`). */
int stage_task_init(struct stage_task *t, const struct abl_stage_request *r,
		    const struct abl_compute *compute, bool hold_back, struct abl_err *err);
int stage_task_score_split(struct stage_task *t, const struct abl_stage_request *r,
			   const char *split, struct abl_err *err);
void stage_task_finish(struct stage_task *t);
/* A model for the task. */
int stage_task_model(struct stage_task *t, const struct abl_stage_request *r, bool train,
		     struct abl_model **out, struct abl_err *err);
/* What held-back examples decide with m, into t->decided: a pass over them. */
int stage_task_calibrate(struct stage_task *t, const struct abl_stage_request *r,
			 struct abl_model *m, const struct abl_events *e, struct abl_err *err);
/* That pass over the scored split, calibrated where the task asks for it and t->decided is not
 * known; then type->score() tells the metrics. */
int stage_task_evaluate(struct stage_task *t, const struct abl_stage_request *r,
			struct abl_model *m, const struct abl_events *e, double *loss,
			struct abl_err *err);

#endif
