/* SPDX-License-Identifier: Apache-2.0 */
/* describe.h - what the files of a task hold: `ablate data --task`. */
#ifndef ABL_DESCRIBE_H
#define ABL_DESCRIBE_H

#include "errors.h"

#include <stddef.h>
#include <stdint.h>

struct abl_task_spec;

struct abl_split_row {
	const char *split, *label; /* "(all)" and such in place of a label */
	size_t rows;
	double share;   /* of what a label is counted among; NaN: of nothing */
	int64_t groups; /* that are held back together; -1: not counted */
	double words; /* of an example on average, as BERT cuts them: marks count; NaN: not asked */
	size_t longest; /* words */
};

/* Who is told; texts are lent for the call. */
struct abl_describe_hooks {
	void (*row)(void *data, const struct abl_split_row *row);
	/* the most frequent label of a split that is scored, and its share */
	void (*majority)(void *data, const char *split, const char *label, double share);
	/* classes that differ in blanks or case alone: "'pos' and 'pos '" */
	void (*alike)(void *data, const char *pairs);
	void *data;
};

/* Reads the splits that the spec has files for, and the held-back part of train where there is no
 * dev file, and tells their rows. The spec is one that abl_task_spec_check() took. ABL_EINPUT: what
 * is wrong with a file, with its line. */
int abl_task_describe(const struct abl_task_spec *spec, const struct abl_describe_hooks *out,
		      struct abl_err *err) ABL_MUST_USE;

#endif
