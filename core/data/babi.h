/* SPDX-License-Identifier: Apache-2.0 */
/* babi.h - the questions about stories of the bAbI tasks (Weston et al. 2015), in the published
 * form: lines `N fact` and `N question<TAB>answer<TAB>ids of the facts that support it`. N restarts
 * at 1 with each story. */
#ifndef ABL_BABI_H
#define ABL_BABI_H

#include "errors.h"
#include "task_spec.h"

#include <stddef.h>
#include <stdint.h>

struct abl_babi_question {
	const char *text;
	const char *answer; /* a list ("football,apple") is one; NULL: none given (test) */
	/* What was told before it in its story: facts [first, first + facts), the oldest first. */
	size_t first, facts;
	uint64_t group; /* hash of its story: held back together */
	uint64_t id;    /* hash of story and line */
	uint32_t line;  /* of its file, from 1 */
};

struct abl_babi {
	struct abl_babi_question *items; /* [count] */
	size_t count;
	const char **facts; /* [fact_count] of all stories, in the file's order */
	size_t fact_count;
	const char *path; /* what messages call the file; the spec's own */
	char *text;       /* what the others point into */
};

/* Reads one split of the task, named as for abl_examples_load(). spec->limit cuts train to its
 * first questions before it is divided. *out is overwritten; ends with abl_babi_finish() after
 * success. ABL_EINPUT with file and line: a line without a number, numbers that neither go on nor
 * restart at 1, nothing behind the number, a question without an answer (train, dev, gold), too
 * many fields, a supporting id that is no earlier line of the story, no question at all. */
int abl_babi_load(const struct abl_task_spec *spec, const char *split, struct abl_babi *out,
		  struct abl_err *err) ABL_MUST_USE;
void abl_babi_finish(struct abl_babi *b); /* null-safe */

#endif
