/* SPDX-License-Identifier: Apache-2.0 */
/* task_lengths.h - how long the sequences of a split are: what a plan reckons with before a
 * vocabulary is there. */
#ifndef ABL_TASK_LENGTHS_H
#define ABL_TASK_LENGTHS_H

#include "errors.h"

#include <stddef.h>

struct abl_layout;
struct abl_task;
struct abl_task_type;

enum { ABL_LONGEST = 512 }; /* that any model reads */

struct abl_task_lengths {
	size_t items;               /* what a batch is counted in */
	size_t of[ABL_LONGEST + 1]; /* sequences of so many words and marks; more are cut */
};

/* Counts the sequences of a task that was cut by tools without a word, into a layout of
 * ABL_LONGEST. */
int abl_task_lengths_count(struct abl_task_lengths *out, const struct abl_task_type *type,
			   const struct abl_task *t, const struct abl_layout *layout,
			   struct abl_err *err) ABL_MUST_USE;

/* Tokens of all sequences together, where a word becomes `pieces` of them and `longest` are read;
 * *mean of one, 0 where there is none. */
double abl_task_lengths_tokens(const struct abl_task_lengths *l, double pieces, double longest,
			       double *mean);

#endif
