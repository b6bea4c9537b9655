/* SPDX-License-Identifier: Apache-2.0 */
/* task_pass.h - a model on the items of a task: how large it must be, and one scoring pass. */
#ifndef ABL_TASK_PASS_H
#define ABL_TASK_PASS_H

#include "events.h"
#include "model.h"
#include "task.h"

struct abl_vocab;

/* A model for the task, not for training. */
struct abl_model_request abl_task_model_request(const struct abl_task_type *type,
						const struct abl_task *t,
						const struct abl_config *c,
						const struct abl_vocab *vocab);
/* Sequences of an item at most. */
size_t abl_task_sequences(const struct abl_task_type *type, const struct abl_task *t);
/* One pass of m over the items, dropout off, collected. *loss is the mean loss over what is
 * labelled. Between batches it tells e->scored and asks e->stopping. */
int abl_task_pass(const struct abl_task_feed *feed, struct abl_model *m, const struct abl_events *e,
		  double *loss, struct abl_err *err) ABL_MUST_USE;

#endif
