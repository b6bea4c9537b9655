/* SPDX-License-Identifier: Apache-2.0 */
/* choices.h - questions of multiple choice, read whole into memory: from the table that a task spec
 * names, a column for each choice (SWAG's layout: Zellers et al. 2018). */
#ifndef ABL_CHOICES_H
#define ABL_CHOICES_H

#include "class_labels.h"
#include "errors.h"
#include "left_out.h"
#include "task_spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABL_CHOICES_MAX 64 /* choices of a question */

struct abl_choice_question {
	const char *text;          /* what is to be gone on with */
	const char *const *choice; /* [choices]; where the task has a second text, each begins with
				      it (SWAG: sent2 and the ending) */
	uint64_t group; /* hash of the group column, else of the text: held back together */
	uint64_t id;    /* hash of content and line: stays the same whatever else is in the file */
	uint32_t line;  /* where it starts in its file, from 1 */
	uint32_t place; /* among the rows of its file, from 0; those left out count */
	/* the right choice, from 0; from `choices` on: what no choice is called (test, gold); -1:
	 * not said (test) */
	int32_t label;
};

struct abl_choices {
	struct abl_choice_question *items;
	size_t count;
	size_t choices; /* of each question */
	/* [choices] what the label column calls each: spec->labels, else "0", "1", ...; then what
	 * else is in that column */
	struct abl_class_labels names;
	struct abl_left_out left_out;
	char *text;               /* what the questions point into, as is all_choices */
	const char **all_choices; /* [count, choices] */
};

/* Reads one split of the task: "train", "dev", "test", "held-back" or "train-rest", as examples.h
 * has them; "gold": the test file with its labels. A test file may lack the labels otherwise.
 * spec->limit cuts train before it is divided. *out is overwritten; end it with
 * abl_choices_finish() after success. ABL_EINPUT with file and line: a missing or empty file, a
 * missing column, fewer than two choices, a row that is too short, a label that is none of the
 * choices or is missing (train, dev). */
int abl_choices_load(const struct abl_task_spec *spec, const char *split, struct abl_choices *out,
		     struct abl_err *err) ABL_MUST_USE;
/* One question from a text and its choices, without a label; nothing is read. The names of the
 * choices are spec->labels where it has as many. */
int abl_choices_ask(const struct abl_task_spec *spec, const char *const *texts, size_t count,
		    struct abl_choices *out, struct abl_err *err) ABL_MUST_USE;
void abl_choices_finish(struct abl_choices *c); /* null-safe */

#endif
