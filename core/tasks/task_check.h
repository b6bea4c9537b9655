/* SPDX-License-Identifier: Apache-2.0 */
/* task_check.h - are a task's files in order? Asked before any work is done. */
#ifndef ABL_TASK_CHECK_H
#define ABL_TASK_CHECK_H

#include "errors.h"
#include "task_spec.h"

/* Reads train and `split` ("train", "dev", "test", "held-back") as the task's type does, with a
 * vocabulary that has no words, and throws them away. ABL_EINPUT: what is wrong with one of
 * them, with its file and line; an unknown type. */
int abl_task_check(const struct abl_task_spec *spec, const char *split,
		   struct abl_err *err) ABL_MUST_USE;

/* Is the metric that the spec names one of its type's? ABL_EINPUT, with those there are. */
int abl_task_check_metric(const struct abl_task_spec *spec, struct abl_err *err) ABL_MUST_USE;

#endif
