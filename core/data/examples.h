/* SPDX-License-Identifier: Apache-2.0 */
/* examples.h - the labelled examples of a task, read whole into memory: from the files that a task
 * spec names, or made up by the built-in world. */
#ifndef ABL_EXAMPLES_H
#define ABL_EXAMPLES_H

#include "errors.h"
#include "left_out.h"
#include "task_spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct abl_example {
	const char *a;  /* the first text */
	const char *b;  /* the second text; NULL where the task has one */
	double score;   /* the gold number of a regression; 0 in a classification */
	uint64_t group; /* hash of the group column, else of the first text: held back together */
	uint64_t id;    /* hash of content and line: stays the same whatever else is in the file */
	uint32_t line;  /* where it starts in its file, from 1; in a world its number, from 1 */
	uint32_t place; /* among the rows of its file, from 0; those left out count */
	/* class, an index into labels; from label_count on: a label that no class has (test, gold);
	 * 0 in a regression; -1: none given (test) */
	int32_t label;
};

struct abl_examples {
	struct abl_example *items;
	size_t count;
	/* [label_count] in class order, none in a regression; then [other_count] labels that are no
	 * class, at most ABL_CLASSES_MAX: those behind are the last of them */
	char **labels;
	size_t label_count, other_count;
	struct abl_left_out left_out;
	char *text; /* what the items point into */
};

/* Reads one split of the task: "train" (all of it), "dev", "test", "held-back" (the tenth of train
 * that abl_example_held_back() names), "train-rest" (the other nine tenths) or "gold" (the test
 * file, in which every row must have a label: what predictions are compared with) or "test-alone"
 * (the test file where there is no other: its classes are those found in it). The class order
 * is that of spec->labels, else of `train` (needed for dev and test then; NULL for splits of
 * train), else sorted as found in train or gold: numbers by value, then names by bytes. spec->limit
 * cuts train before it is divided. The labels of a regression are numbers, and are no classes.
 * *out is overwritten; end it with abl_examples_finish() after success. ABL_EINPUT with file and
 * line: a missing or empty file, a header alone, a missing column, a row with too few columns or
 * with too many, an unknown label (train, dev; gold: in all rows), no finite number or one off the
 * scale that spec->labels gives (not in test), a row without a label (train, dev, gold), one class
 * or one number only (train). Rows that say they have no gold label (spec->no_label) are left out
 * of train and dev, and are there without a label in test and gold: predictions are by number. */
int abl_examples_load(const struct abl_task_spec *spec, const char *split,
		      const struct abl_examples *train, struct abl_examples *out,
		      struct abl_err *err) ABL_MUST_USE;
void abl_examples_finish(struct abl_examples *e); /* null-safe */

/* Is the example one of the tenth of train that is held back for tuning? By hash of its group, so
 * that rows of one group never lie on both sides. */
bool abl_example_held_back(const struct abl_example *e);

#endif
