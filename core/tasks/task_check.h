/* SPDX-License-Identifier: Apache-2.0 */
/* task_check.h - are a task's files in order? Asked before any work is done. */
#ifndef ABL_TASK_CHECK_H
#define ABL_TASK_CHECK_H

#include "class_labels.h"
#include "errors.h"
#include "task_lengths.h"
#include "task_spec.h"

/* What was found. */
struct abl_task_counts {
	size_t train, scored;                   /* examples, or questions, or sentences */
	size_t train_left_out, scored_left_out; /* rows of the files that are none of them */
	struct abl_task_lengths learnt,
		judged;                  /* of train and what is scored; no items: not known */
	struct abl_class_labels classes; /* in class order; none of numbers, of spans */
};
void abl_task_counts_finish(struct abl_task_counts *c); /* null-safe */

/* Reads train and `split` ("dev", "test", "held-back"; NULL: train alone) as the task's type does,
 * with a vocabulary that has no words, and tells what it has counted: *out ends with
 * abl_task_counts_finish() after success. Of the built-in world nothing is read. ABL_EINPUT: what
 * is wrong with one of them, with its file and line; an unknown type. */
int abl_task_check(const struct abl_task_spec *spec, const char *split, struct abl_task_counts *out,
		   struct abl_err *err) ABL_MUST_USE;

/* Says the metric which class it is of, where the task has so many? F1 is that of one class: of
 * more than two, `positive` has to name it. */
int abl_task_check_f1(const struct abl_task_spec *spec, size_t classes,
		      struct abl_err *err) ABL_MUST_USE;
/* Can the test file be scored: is it in order, and has every row its label, every question its
 * answers? ABL_EINPUT: the row that has none, with file and place. */
int abl_task_check_gold(const struct abl_task_spec *spec, struct abl_err *err) ABL_MUST_USE;

/* Is the metric that the spec names one of its type's? ABL_EINPUT, with those there are. */
int abl_task_check_metric(const struct abl_task_spec *spec, struct abl_err *err) ABL_MUST_USE;

#endif
